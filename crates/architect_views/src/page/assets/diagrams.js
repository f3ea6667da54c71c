// Diagrams one can follow: hover or focus shows what a box is connected with, a click or Enter goes there.

const measuring = document.createElement("canvas").getContext("2d");

/** How wide a text is in a font of the page. */
function widthOf(text, font) {
  measuring.font = font;
  return measuring.measureText(text).width;
}

const MONO = "12px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const BOLD = `600 ${MONO}`;
const SANS = "11px ui-sans-serif, system-ui, sans-serif";

/** The text, cut where it is wider than `most`. */
function fitted(text, most, font) {
  if (widthOf(text, font) <= most) return text;
  let letters = [...text];
  while (letters.length > 1 && widthOf(`${letters.join("")}…`, font) > most)
    letters = letters.slice(0, Math.max(1, Math.floor(letters.length * 0.93)));
  return `${letters.join("")}…`;
}

/**
 * A drawing that can be moved and scaled. `boxes` are `{ x, y, width, height, title, draw, pick }`, `lines` are
 * `{ from, to, points, kind }` by numbers of boxes; `follow` says which boxes belong to one: `near` or `far`.
 */
function diagram({ boxes, lines, width, height, label, follow = "near" }) {
  const margin = 12;
  const drawing = svg("svg", {
    role: "group",
    "aria-label": label,
    viewBox: `${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`,
  });
  const after = boxes.map(() => []);
  const before = boxes.map(() => []);
  const paths = lines.map(({ from, to, points, kind }, number) => {
    after[from].push([to, number]);
    before[to].push([from, number]);
    return svg(`path.edge${kind ? `.${kind}` : ""}`, { d: curve(points) });
  });
  const groups = boxes.map((box, number) =>
    svg(
      "g.box",
      {
        transform: `translate(${Math.round(box.x)} ${Math.round(box.y)})`,
        tabindex: 0,
        role: "link",
        "aria-label": box.title,
        onmouseenter: () => light(number),
        onmouseleave: () => light(picked),
        onfocus: () => light(number),
        onblur: () => light(picked),
        onclick: () => box.pick(number),
        onkeydown: (event) => {
          if (event.key === "Enter") box.pick(number);
        },
      },
      svg("title", {}, box.title),
      svg("rect.frame", { width: box.width, height: box.height, rx: 6 }),
      box.draw(),
    ),
  );
  drawing.append(svg("g", {}, paths), svg("g", {}, groups));
  let picked = null;
  const connected = (number) => {
    const [found, edges] = [new Set([number]), new Set()];
    for (const side of [after, before]) {
      const queue = [number];
      const seen = new Set(queue);
      while (queue.length) {
        for (const [other, edge] of side[queue.shift()]) {
          edges.add(edge);
          found.add(other);
          if (follow === "far" && !seen.has(other)) {
            seen.add(other);
            queue.push(other);
          }
        }
      }
    }
    return [found, edges];
  };
  const light = (number) => {
    drawing.classList.toggle("following", number !== null);
    const [found, edges] = number === null ? [new Set(), new Set()] : connected(number);
    groups.forEach((group, other) => {
      group.classList.toggle("lit", found.has(other));
      group.classList.toggle("self", other === number);
    });
    paths.forEach((path, edge) => path.classList.toggle("lit", edges.has(edge)));
  };
  const stage = h("div.stagebox", { tabindex: -1 }, drawing);
  const [full, tall] = [width + 2 * margin, height + 2 * margin];
  let scale = 1;
  const zoom = (to) => {
    scale = Math.min(2, Math.max(0.12, to));
    drawing.style.width = `${full * scale}px`;
    drawing.style.height = `${tall * scale}px`;
  };
  const fit = () => zoom(Math.min(1, (stage.clientWidth - 2) / full, Math.max(0.35, (innerHeight - 240) / tall)));
  const wide = () => zoom(Math.min(1, Math.max(0.75, (stage.clientWidth - 26) / full)));
  let from = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && !event.button)
      from = [event.clientX + stage.scrollLeft, event.clientY + stage.scrollTop];
  });
  stage.addEventListener("pointermove", (event) => {
    if (!from || !event.buttons) {
      from = null;
      return;
    }
    stage.scrollTo(from[0] - event.clientX, from[1] - event.clientY);
  });
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(scale * (event.deltaY < 0 ? 1.12 : 0.89));
    },
    { passive: false },
  );
  const button = (text, name, action) =>
    h("button.quiet", { type: "button", title: name, "aria-label": name, onclick: action }, text);
  return {
    element: h(
      "div.diagram",
      {},
      h(
        "div.zoom",
        {},
        h("span", {}, "Drag to move, Ctrl and wheel to scale"),
        button("−", "Smaller", () => zoom(scale / 1.25)),
        button("+", "Larger", () => zoom(scale * 1.25)),
        button("Fit", "Fit to the window", fit),
        button("1:1", "Full size", () => zoom(1)),
      ),
      stage,
    ),
    fit,
    /** As large as its width allows, and never too small to read. */
    readable: wide,
    /** Keeps a box and what it is connected with lit. */
    pick(number) {
      picked = number;
      light(number);
    },
    /** Dims what is not among these; nothing dims all back. */
    choose(numbers) {
      groups.forEach((group, number) => group.classList.toggle("away", numbers !== null && !numbers.has(number)));
    },
    groups,
  };
}

/** Two lines of text in a box, and a number at its end. */
function boxText(main, below, number, width) {
  const room = width - 24 - (number ? 10 + widthOf(number, SANS) : 0);
  return [
    svg("text.main", { x: 12, y: below ? 18 : 21 }, fitted(main, room, MONO)),
    below ? svg("text.below", { x: 12, y: 33 }, fitted(below, width - 24, SANS)) : null,
    number ? svg("text.amount", { x: width - 12, y: below ? 18 : 21, "text-anchor": "end" }, number) : null,
  ];
}

/** Boxes that edges connect in layers, and the others in rows below. */
function packed(sizes, edges, tied, options) {
  const inside = sizes.flatMap((_, number) => (tied[number] ? [number] : []));
  const at = new Map(inside.map((number, index) => [number, index]));
  const own = edges.map(([from, to]) => [at.get(from), at.get(to)]);
  const graph = layered(
    inside.map((number) => sizes[number]),
    own,
    options,
  );
  const boxes = sizes.map((size) => ({ ...size, x: 0, y: 0 }));
  inside.forEach((number, index) => Object.assign(boxes[number], { x: graph.boxes[index].x, y: graph.boxes[index].y }));
  const lines = edges.map(([from, to], number) => ({ from, to, points: graph.lines[number] }));
  const most = Math.max(graph.width, 860);
  let [x, y, tall] = [0, graph.height ? graph.height + 36 : 0, 0];
  let width = graph.width;
  boxes.forEach((box, number) => {
    if (tied[number]) return;
    if (x && x + box.width > most) {
      x = 0;
      y += tall + 14;
      tall = 0;
    }
    box.x = x;
    box.y = y;
    x += box.width + 14;
    tall = Math.max(tall, box.height);
    width = Math.max(width, x - 14);
  });
  return { boxes, lines, width, height: Math.max(graph.height, y + tall) };
}
