// A list of thousands of rows of one height, of which only those in sight are in the document.

const BEYOND = 12; // rows above and below what is seen

/**
 * Shows `items` with `make` inside of `list`. Rows have the height that the style sheet gives `--row`, which may change
 * with the width of the window. Everything is drawn before printing.
 */
function virtualRows(list, items, make) {
  let drawn = [-1, -1];
  let height = 1;
  const measure = () => {
    height = parseFloat(getComputedStyle(list).getPropertyValue("--row")) || 52;
    drawn = [-1, -1];
    draw();
  };
  const draw = (everything = false) => {
    const top = -list.getBoundingClientRect().top;
    const from = everything ? 0 : Math.max(0, Math.floor(top / height) - BEYOND);
    const to = everything ? items.length : Math.min(items.length, Math.ceil((top + innerHeight) / height) + BEYOND);
    if (from === drawn[0] && to === drawn[1]) return;
    drawn = [from, to];
    list.style.paddingTop = `${from * height}px`;
    list.style.paddingBottom = `${Math.max(0, items.length - to) * height}px`;
    list.replaceChildren(...items.slice(from, to).map((item, index) => make(item, from + index)));
  };
  const onScroll = () => draw();
  const beforePrint = () => draw(true);
  addEventListener("scroll", onScroll, { passive: true });
  addEventListener("resize", measure);
  addEventListener("beforeprint", beforePrint);
  addEventListener("afterprint", onScroll);
  return {
    /** Shows other items. */
    show(other) {
      items = other;
      drawn = [-1, -1];
      draw();
    },
    measure,
    /** Brings a row into sight and gives it the focus. */
    focus(index) {
      if (index < 0 || index >= items.length) return;
      const top = list.getBoundingClientRect().top + scrollY + index * height;
      const bar = 160;
      if (top < scrollY + bar) scrollTo(0, top - bar);
      else if (top + height > scrollY + innerHeight) scrollTo(0, top + height - innerHeight + 16);
      draw();
      list.children[index - drawn[0]]?.querySelector("a")?.focus({ preventScroll: true });
    },
    /** Ends it. */
    close() {
      removeEventListener("scroll", onScroll);
      removeEventListener("resize", measure);
      removeEventListener("beforeprint", beforePrint);
      removeEventListener("afterprint", onScroll);
    },
  };
}
