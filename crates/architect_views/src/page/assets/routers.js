// Routers: the tree of what includes what.

/** Routers by the way they are included, from the application to the routes. */
function routerTree() {
  const width = 226;
  const make = (key, depth) => ({
    key,
    depth,
    children: [],
    byKey: new Map(),
    endpoints: [],
    own: [],
    router: null,
    width,
    height: 44,
  });
  const roots = new Map();
  for (const one of data.endpoints) {
    const key = `${one.application}`;
    if (!roots.has(key)) roots.set(key, make(key, 0));
    let node = roots.get(key);
    node.application = one.application;
    node.endpoints.push(one.number);
    // Without an include the router is the application's own.
    const steps = one.included.map((place) => place.join());
    if (steps.length) steps[steps.length - 1] += `|${one.router}`;
    steps.forEach((step, index) => {
      if (!node.byKey.has(step)) {
        const child = make(step, node.depth + 1);
        node.byKey.set(step, child);
        node.children.push(child);
      }
      node = node.byKey.get(step);
      node.included = one.included[index];
      node.endpoints.push(one.number);
    });
    if (steps.length) node.router = one.router;
    node.own.push(one.number);
  }
  return [...roots.values()];
}

/** What all these paths begin with, by whole segments. */
function commonPath(numbers) {
  const paths = numbers.map((number) => data.endpoints[number].path.split("/"));
  const first = paths[0];
  let same = 0;
  while (same < first.length && paths.every((path) => path[same] === first[same])) same += 1;
  return first.slice(0, same).join("/") || "/";
}

function routersView(choices) {
  if (!data.endpoints.length) return { nodes: [heading("Routers"), nothing("There are no endpoints.")] };
  const boxes = [];
  const lines = [];
  let below = 0;
  let width = 0;
  const panel = h("aside.panel", { "aria-live": "polite" });
  const nodes = [];
  const show = (number) => {
    drawn.pick(number);
    panel.replaceChildren(...routerPanel(nodes[number]).filter(Boolean));
  };
  for (const root of routerTree()) {
    const size = tidyTree(root, { across: 290, between: 8 });
    const walk = (node, parent) => {
      const number = nodes.push(node) - 1;
      const path = commonPath(node.endpoints);
      const above = parent === null ? "" : parent.path;
      node.path = parent === null ? "" : path;
      const main = parent === null ? title : above && path.startsWith(`${above}/`) ? path.slice(above.length) : path;
      const sub =
        parent === null
          ? (data.applications[node.application]?.name ?? "")
          : node.router !== null
            ? data.routers[node.router][0]
            : "";
      boxes.push({
        x: node.x,
        y: node.y + below,
        width: node.width,
        height: node.height,
        title: `${parent === null ? main : path} ${sub} ${counted(node.endpoints.length, "endpoint")}`,
        draw: () => [
          ...boxText(main, sub, String(node.endpoints.length), node.width),
          authLine(node.endpoints, node.width, node.height),
        ],
        pick: show,
      });
      node.words = `${path} ${sub} ${node.endpoints.map((one) => data.endpoints[one].words).join(" ")}`.toLowerCase();
      width = Math.max(width, node.x + node.width);
      for (const child of node.children) {
        const other = walk(child, node);
        lines.push({
          from: number,
          to: other,
          points: [
            [node.x + node.width, node.y + below + node.height / 2],
            [child.x, child.y + below + child.height / 2],
          ],
        });
      }
      return number;
    };
    walk(root, null);
    below += size.height + 40;
  }
  const drawn = diagram({ boxes, lines, width, height: below - 40, label: "Routers", follow: "far" });
  const choose = (text) => {
    const words = wordsOf(text);
    drawn.choose(
      words.length ? new Set(nodes.flatMap((node, number) => (has(node.words, words) ? [number] : []))) : null,
    );
  };
  panel.append(...routerPanel(nodes[0]).filter(Boolean));
  return {
    nodes: [
      heading("Routers", h("p.count", {}, counted(boxes.length, "part"))),
      h(
        "p.soft.lead",
        {},
        "From each application through what it includes to its routers; the line below a name is who may call.",
      ),
      h("div.withpanel", {}, drawn.element, panel),
    ],
    shown: () => {
      drawn.readable();
      choose(choices.get("q") ?? "");
    },
    search: (text) => {
      replaceAddress(changed(choices, { q: text || null }));
      choose(text);
    },
  };
}

/** The share of each auth class, as a thin line at the foot of a box. */
function authLine(endpoints, width, height) {
  let x = 12;
  const room = width - 24;
  return AUTH.map((name) => {
    const share = endpoints.filter((number) => data.endpoints[number].auth.class === name).length / endpoints.length;
    if (!share) return null;
    const part = svg(`rect.share.${name}`, { x, y: height - 5, width: Math.max(1.5, room * share - 1), height: 2 });
    x += room * share;
    return part;
  });
}

function routerPanel(node) {
  const filter = node.router === null ? null : `#/endpoints?router=${node.router}`;
  return [
    h("h2", {}, node.depth ? commonPath(node.endpoints) : (data.applications[node.application]?.name ?? title)),
    node.router !== null
      ? h("p.soft", {}, h("code", {}, data.routers[node.router][0]), h("br"), placeText(data.routers[node.router][1]))
      : null,
    node.included
      ? fold("Where it is included", () => codeFrame(node.included, { most: 4, mark: false }), { open: true })
      : null,
    h(
      "ul.plainlist",
      {},
      some(node.own.length ? node.own : node.endpoints, 25, (number) => h("li", {}, endpointLink(number))),
    ),
    filter ? h("p", {}, h("a", { href: filter }, "In the table")) : null,
  ];
}
