// Parts that several views show: marks, places, code, findings.

/** The methods of an endpoint, tinted by what they do. */
function methodMark(methods) {
  const first = methods.split(",")[0].toLowerCase();
  const kind = ["get", "head", "options"].includes(first)
    ? "reads"
    : first === "delete"
      ? "deletes"
      : ["post", "put", "patch"].includes(first)
        ? "changes"
        : "other";
  return h(`span.method.${kind}`, {}, methods.replaceAll(",", " "));
}

function severityMark(severity) {
  return h(`span.severity.${severity}`, { title: severity }, h("span.unseen", {}, severity));
}

function authMark(auth) {
  return h(`span.auth.${auth}`, {}, auth === "none" ? "open" : auth);
}

/** `app/users.py:12`. */
function placeText(place) {
  const { path, line } = placed(place);
  return h("span.place", {}, path, h("b", {}, `:${line}`));
}

const PYTHON =
  /(#.*$)|((?:[rbfuRBFU]{0,2})(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))|\b(and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|while|with|yield|None|True|False)\b|(@[\w.]+)/g;

/** Pieces of a line of Python with their kinds; `open` is the triple quote that an earlier line left open. */
function tinted(line, open) {
  const pieces = [];
  let rest = line;
  const text = (until, kind) => {
    if (until) pieces.push([rest.slice(0, until), kind]);
    rest = rest.slice(until);
  };
  while (rest) {
    if (open) {
      const end = rest.indexOf(open);
      text(end < 0 ? rest.length : end + 3, "string");
      if (end >= 0) open = null;
      continue;
    }
    const start = rest.search(/"""|'''/);
    const code = start < 0 ? rest : rest.slice(0, start);
    let last = 0;
    for (const found of code.matchAll(PYTHON)) {
      if (found.index > last) pieces.push([code.slice(last, found.index), null]);
      pieces.push([found[0], found[1] ? "comment" : found[2] ? "string" : found[3] ? "keyword" : "decorator"]);
      last = found.index + found[0].length;
    }
    if (last < code.length) pieces.push([code.slice(last), null]);
    rest = rest.slice(code.length);
    if (start >= 0) {
      open = rest.slice(0, 3);
      text(3, "string");
    }
  }
  return [pieces, open];
}

/** The pieces of a line, of which those from one column to another are marked. */
function line(pieces, from, to) {
  let at = 1;
  const out = [];
  for (const [text, kind] of pieces) {
    const letters = [...text];
    const cuts = [0, from - at, to - at, letters.length].map((cut) => Math.max(0, Math.min(cut, letters.length)));
    for (let part = 0; part < 3; part += 1) {
      const piece = letters.slice(cuts[part], cuts[part + 1]).join("");
      if (!piece) continue;
      const name = [kind, part === 1 ? "marked" : null].filter(Boolean).join(".");
      out.push(name ? h(`span.${name}`, {}, piece) : piece);
    }
    at += letters.length;
  }
  return out;
}

/** The code of a place: `around` lines before and after it, at most `most` of its own, its range marked. */
function codeFrame(place, { around = 0, most = 8, mark = true } = {}) {
  const { file, line: first, column, endLine, endColumn } = placed(place);
  const known = data.lines[file] ?? {};
  const last = Math.min(endLine, first + most - 1);
  const numbers = [];
  for (let number = Math.max(1, first - around); number <= last + around; number += 1) {
    if (known[number] !== undefined) numbers.push(number);
  }
  while (numbers.length && !known[numbers.at(-1)].trim()) numbers.pop();
  while (numbers.length && !known[numbers[0]].trim()) numbers.shift();
  if (!numbers.length) return h("figure.code.bare", {}, h("figcaption", {}, placeText(place)));
  let open = null;
  let pieces;
  const indent = Math.min(
    ...numbers
      .filter((number) => known[number].trim())
      .map((number) => known[number].length - known[number].trimStart().length),
  );
  const rows = numbers.map((number) => {
    [pieces, open] = tinted(known[number].slice(indent), open);
    const inside = mark && number >= first && number <= endLine;
    const from = !inside ? Infinity : number === first ? column - indent : 1;
    const to = !inside ? Infinity : number === endLine ? endColumn - indent : Infinity;
    const single = first === endLine;
    return h(
      `span.line${inside && !single ? ".inside" : ""}`,
      {},
      h("span.number", { "aria-hidden": true }, number),
      h("span.text", {}, single ? line(pieces, from, to) : line(pieces, Infinity, Infinity)),
      "\n",
    );
  });
  const more =
    endLine > last && mark === false ? h("span.line.cut", {}, `… ${counted(endLine - last, "more line")}`) : null;
  return h(
    "figure.code",
    {},
    h("figcaption", {}, placeText(place)),
    h("pre", { tabindex: 0 }, h("code", {}, rows, more)),
  );
}

/** What is folded away until somebody asks; made then, and before printing. */
function fold(summary, make, { open = false, name = "fold" } = {}) {
  const body = h("div.folded");
  const fill = () => {
    if (!body.firstChild) body.append(...[make()].flat(Infinity).filter(Boolean));
  };
  const element = h(
    `details.${name}`,
    {
      ontoggle: () => {
        if (element.open) fill();
      },
    },
    h("summary", {}, summary),
    body,
  );
  element.fill = fill;
  if (open) {
    fill();
    element.open = true;
  }
  return element;
}

/** Pairs of a name and what it is. */
function facts(pairs) {
  return h(
    "dl.facts",
    {},
    pairs.filter(Boolean).map(([name, ...what]) => h("div", {}, h("dt", {}, name), h("dd", {}, what))),
  );
}

/** A finding with its code, the steps that lead to it, why, and what to do. `said` are
    texts that stand above it already, `on` is the endpoint whose page it is shown on. */
function findingCard(finding, { said = new Set(), on = null } = {}) {
  const told = [
    ["Why", finding.why],
    ["Do", finding.help],
    ["But", finding.trade_off],
  ].filter(([, text]) => text !== null && !said.has(text));
  const steps = finding.trace.length
    ? fold(`How it comes about: ${counted(finding.trace.length, "step")}`, () =>
        h(
          "ol.steps",
          {},
          finding.trace.map(([message, place]) =>
            h("li", {}, h("p", {}, rich(message)), codeFrame(place, { most: 3 })),
          ),
        ),
      )
    : null;
  const others = finding.endpoints.filter((number) => number !== on);
  const about = others.length
    ? h(
        "p.about",
        {},
        on === null ? null : h("span.soft", {}, "Also of"),
        others.slice(0, 4).map((number) => endpointLink(number)),
        others.length > 4 ? h("span.soft", {}, `and ${others.length - 4} more`) : null,
      )
    : null;
  return h(
    "article.finding",
    { id: `finding-${finding.number}` },
    h("h4", {}, severityMark(finding.severity), h("span", {}, rich(finding.message))),
    finding.at ? codeFrame(finding.at, { around: 2, most: 6 }) : null,
    told.length ? facts(told.map(([name, text]) => [name, prose(data.texts[text])])) : null,
    finding.fix ? h("p.fix", {}, h("code", {}, finding.fix[0]), " does it: ", rich(finding.fix[1])) : null,
    steps,
    about,
  );
}

function endpointLink(number) {
  const endpoint = data.endpoints[number];
  return h(
    "a.endpoint",
    { href: `#/endpoint/${number}` },
    methodMark(endpoint.methods),
    h("span.path", {}, endpoint.path),
  );
}

/** A path whose parameters stand back. */
function pathText(path) {
  return h(
    "span.path",
    {},
    path.split(/(\{[^}]*\})/).map((part, index) => (index % 2 ? h("i", {}, part) : part)),
  );
}

function heading(text, ...beside) {
  return h("header.heading", {}, h("h1", {}, text), ...beside);
}

function nothing(text) {
  return h("p.nothing", {}, text);
}

/** A list that shows its first `first`, and the others when somebody asks. */
function some(items, first, make) {
  if (items.length <= first) return items.map(make);
  const rest = h(
    "button.more",
    {
      type: "button",
      onclick: () => {
        rest.replaceWith(...items.slice(first).map(make));
      },
    },
    `${items.length - first} more`,
  );
  return [...items.slice(0, first).map(make), rest];
}
