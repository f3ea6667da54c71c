// Dependencies: what needs what, and who uses it.

/** Dependencies by name, whatever their scopes. */
function dependencyGraph() {
  const byCall = new Map();
  for (const node of data.nodes) {
    if (!byCall.has(node.call))
      byCall.set(node.call, {
        call: node.call,
        at: node.at,
        marks: node.marks,
        takes: node.takes,
        needs: new Set(),
        users: new Set(),
        endpoints: [],
        direct: 0,
      });
    const one = byCall.get(node.call);
    for (const need of node.needs) one.needs.add(data.nodes[need].call);
  }
  for (const one of byCall.values()) for (const need of one.needs) byCall.get(need).users.add(one.call);
  for (const endpoint of data.endpoints) {
    for (const call of endpoint.calls) byCall.get(call).endpoints.push(endpoint.number);
    for (const call of new Set(endpoint.needs.map((need) => data.nodes[need].call))) byCall.get(call).direct += 1;
  }
  return [...byCall.values()].sort((a, b) => b.endpoints.length - a.endpoints.length || (a.call < b.call ? -1 : 1));
}

function dependenciesView(choices) {
  const all = dependencyGraph();
  if (!all.length) return { nodes: [heading("Dependencies"), nothing("No endpoint has dependencies.")] };
  const number = new Map(all.map((one, index) => [one.call, index]));
  const width = (one) =>
    Math.min(
      320,
      Math.max(150, Math.max(widthOf(short(one.call), MONO) + 60, widthOf(one.call.split(":")[0], SANS) + 24)),
    );
  const sizes = all.map((one) => ({ width: width(one), height: 44 }));
  const edges = all.flatMap((one, from) => [...one.needs].map((need) => [from, number.get(need)]));
  const tied = all.map((one) => one.needs.size || one.users.size);
  const panel = h("aside.panel", { "aria-live": "polite" });
  const show = (index) => {
    drawn.pick(index);
    panel.replaceChildren(...dependencyPanel(all[index]).filter(Boolean));
  };
  const { boxes, lines, ...size } = packed(sizes, edges, tied);
  const drawn = diagram({
    boxes: boxes.map((box, index) => ({
      ...box,
      title: `${all[index].call}, ${counted(all[index].endpoints.length, "endpoint")}`,
      pick: show,
      draw: () => [
        ...boxText(
          short(all[index].call),
          all[index].call.split(":")[0],
          String(all[index].endpoints.length),
          box.width,
        ),
        all[index].marks.includes("yield") ? svg("rect.mark", { x: 0, y: 10, width: 3, height: 24 }) : null,
      ],
    })),
    lines,
    ...size,
    label: "Dependencies",
    follow: "far",
  });
  const choose = (text) => {
    const words = wordsOf(text);
    drawn.choose(
      words.length ? new Set(all.flatMap((one, index) => (has(one.call.toLowerCase(), words) ? [index] : []))) : null,
    );
  };
  const picked = number.get(choices.get("name") ?? "");
  panel.append(...dependencyPanel(all[picked ?? 0]).filter(Boolean));
  return {
    nodes: [
      heading("Dependencies", h("p.count", {}, counted(all.length, "dependency", "dependencies"))),
      h(
        "p.soft.lead",
        {},
        "An arrow goes from what declares a dependency to what it needs; the number is how many endpoints resolve it. Those marked at their left clean up after the request.",
      ),
      h("div.withpanel", {}, drawn.element, panel),
      data.unused.length
        ? h(
            "section",
            {},
            h("h2", {}, "No endpoint uses"),
            h(
              "ul.plainlist",
              {},
              data.unused.map(([name, place]) => h("li", {}, h("code", {}, name), " ", placeText(place))),
            ),
          )
        : null,
    ],
    shown: () => {
      drawn.readable();
      choose(choices.get("q") ?? "");
      if (picked !== undefined) drawn.pick(picked);
    },
    search: (text) => {
      replaceAddress(changed(choices, { q: text || null }));
      choose(text);
    },
  };
}

function dependencyPanel(one) {
  return [
    h("h2", {}, short(one.call)),
    h(
      "p.soft",
      {},
      one.call.split(":")[0],
      one.marks.map((mark) => h("span.tag", {}, mark)),
    ),
    one.at ? codeFrame(one.at, { most: 12, mark: false }) : null,
    one.takes.length ? parameterTable(one.takes) : null,
    h(
      "p",
      {},
      `${counted(one.endpoints.length, "endpoint")}, ${one.direct} of them directly. `,
      h("a", { href: `#/endpoints?dependency=${encodeURIComponent(one.call)}` }, "In the table"),
    ),
    h(
      "ul.plainlist",
      {},
      some(one.endpoints, 12, (number) => h("li", {}, endpointLink(number))),
    ),
  ];
}
