// Elements. Everything that is shown goes through here, and becomes text: nothing in this page is ever parsed as markup.

// The namespace of SVG, as the frame of this page has it.
const SVG = document.querySelector("#theme svg").namespaceURI;

/** Puts attributes and children on an element: `on…` are listeners, texts and numbers become text. */
function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "href" && !String(value).startsWith("#")) throw new Error("links stay in this page");
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** An HTML element: `h("a.row", { href: "#/" }, "text", child)`. */
function h(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  return furnish(element, attributes, children);
}

/** An SVG element. */
function svg(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElementNS(SVG, tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  return furnish(element, attributes, children);
}

/** Text in which what stands between backticks is code. */
function rich(text) {
  return text.split("`").map((part, index) => (index % 2 && part ? h("code", {}, part) : part));
}

/** The same, with a paragraph a blank line and a line break a line. */
function prose(text) {
  return text.split(/\n{2,}/).map((paragraph) => {
    const lines = paragraph.split("\n");
    return h(
      "p",
      {},
      lines.map((line, index) => [index ? h("br") : null, rich(line)]),
    );
  });
}

/** `1 endpoint`, `2 endpoints`. */
function counted(number, noun, nouns = noun + "s") {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : nouns}`;
}

const input = document.querySelector(".search input");
const content = document.getElementById("content");
