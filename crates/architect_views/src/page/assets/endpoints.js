// The table of endpoints: search, filters, order. What is chosen stands in the address.

const ORDERS = {
  order: ["As they match", (a, b) => a.number - b.number],
  path: ["Path", (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.number - b.number)],
  auth: ["Auth", (a, b) => AUTH.indexOf(b.auth.class) - AUTH.indexOf(a.auth.class) || a.number - b.number],
  cost: ["Cost", (a, b) => (b.cost?.size ?? -1) - (a.cost?.size ?? -1) || a.number - b.number],
  writes: ["Writes", (a, b) => b.writes.length - a.writes.length || a.number - b.number],
  findings: ["Findings", (a, b) => a.worst - b.worst || b.findings.length - a.findings.length || a.number - b.number],
};

/** Endpoints that the choices let through, in their order. */
function chosenEndpoints(choices) {
  const words = wordsOf(choices.get("q") ?? "");
  const method = choices.get("method");
  const auth = choices.get("auth");
  const router = choices.get("router");
  const table = choices.get("table");
  const call = choices.get("dependency");
  const found = data.endpoints.filter(
    (one) =>
      has(one.words, words) &&
      (!method || one.methods.split(",").includes(method)) &&
      (!auth || one.auth.class === auth) &&
      (!choices.has("writes") || one.writes.length) &&
      (!choices.has("grows") || one.cost?.grows) &&
      (!choices.has("found") || one.findings.length) &&
      (router === null || one.router === Number(router)) &&
      (table === null || one.tables.has(Number(table))) &&
      (call === null || one.calls.has(call)),
  );
  const [, compare] = ORDERS[choices.get("sort")] ?? ORDERS.order;
  found.sort(compare);
  if (choices.has("down")) found.reverse();
  return found;
}

function endpointsView(choices) {
  const found = chosenEndpoints(choices);
  const list = h("ol.rows", { "aria-label": "Endpoints" });
  const rows = virtualRows(list, found, endpointRow);
  const count = h("p.count", { role: "status" });
  const empty = nothing("No endpoint is like that.");
  const tell = (shown) => {
    count.textContent =
      shown.length === data.endpoints.length
        ? counted(shown.length, "endpoint")
        : `${shown.length.toLocaleString("en")} of ${counted(data.endpoints.length, "endpoint")}`;
    empty.hidden = shown.length > 0;
  };
  tell(found);
  let shown = found;
  const sort = (name) => {
    const now = choices.get("sort") ?? "order";
    if (now === name && !choices.has("down")) go(changed(choices, { down: "1" }));
    else if (now === name) go(changed(choices, { sort: null, down: null }));
    else go(changed(choices, { sort: name, down: null }));
  };
  const column = (name, text) => {
    const now = choices.get("sort") === name;
    return h(
      "button",
      { type: "button", "aria-pressed": now, onclick: () => sort(name) },
      text,
      h("i", { "aria-hidden": true }, now ? (choices.has("down") ? "↑" : "↓") : ""),
    );
  };
  return {
    nodes: [
      heading("Endpoints", count),
      filters(choices),
      h(
        "div.table",
        {},
        h(
          "div.columnheads",
          {},
          column("path", "Path"),
          column("auth", "Auth"),
          column("cost", "Cost in statements"),
          column("writes", "Writes"),
          column("findings", "Findings"),
        ),
        list,
        empty,
      ),
    ],
    shown: () => rows.measure(),
    closed: () => rows.close(),
    search: (text) => {
      replaceAddress(changed(choices, { q: text || null }));
      choices = currentChoices();
      shown = chosenEndpoints(choices);
      rows.show(shown);
      tell(shown);
    },
    move: (step) => {
      const current = list.contains(document.activeElement)
        ? shown.findIndex((one) => `#/endpoint/${one.number}` === document.activeElement.getAttribute("href"))
        : -1;
      rows.focus(current < 0 ? 0 : current + step);
    },
    leave: () => {
      lastList = { hash: location.hash, numbers: shown.map((one) => one.number), scroll: scrollY };
    },
  };
}

/** The list that an endpoint's page goes back to, and through. */
let lastList = null;

function endpointRow(one) {
  return h(
    "li",
    {},
    h(
      "a.row",
      { href: `#/endpoint/${one.number}` },
      h(
        "span.what",
        {},
        h(
          "span.line1",
          {},
          methodMark(one.methods),
          pathText(one.path),
          one.hidden ? h("span.tag", {}, "hidden") : null,
          one.deprecated ? h("span.tag", {}, "deprecated") : null,
          one.conditional ? h("span.tag", { title: one.conditional }, "conditional") : null,
        ),
        h("span.line2", {}, one.answers),
      ),
      h("span.cell", {}, authMark(one.auth.class)),
      h("span.cell.cost", {}, formula(one)),
      h(
        "span.cell.writes",
        { title: one.writes.join(", ") },
        one.writes.length ? one.writes.join(", ") : h("span.dash", {}, "–"),
      ),
      h("span.cell.found", {}, found(one.findings)),
    ),
  );
}

/** Findings by severity, as marks with numbers. */
function found(numbers) {
  if (!numbers.length) return h("span.dash", {}, "–");
  return SEVERITIES.map((severity) => {
    const count = numbers.filter((number) => data.findings[number].severity === severity).length;
    return count ? h("span.many", { title: counted(count, severity) }, severityMark(severity), count) : null;
  });
}

function filters(choices) {
  const methods = tally(data.endpoints.flatMap((one) => one.methods.split(","))).map(([name]) => name);
  const classes = AUTH.filter((name) => data.endpoints.some((one) => one.auth.class === name));
  const select = (name, all, values, text = (value) => value) =>
    h(
      "select",
      {
        "aria-label": name,
        onchange: (event) => go(changed(choices, { [name]: event.target.value || null })),
      },
      h("option", { value: "" }, all),
      values.map((value) => h("option", { value, selected: choices.get(name) === value }, text(value))),
    );
  const toggle = (name, text) =>
    h(
      "button.chip",
      {
        type: "button",
        "aria-pressed": choices.has(name),
        onclick: () => go(changed(choices, { [name]: choices.has(name) ? null : "1" })),
      },
      text,
    );
  const scope = (name, text) =>
    choices.has(name)
      ? h(
          "button.chip.scope",
          {
            type: "button",
            "aria-pressed": true,
            title: "Remove",
            onclick: () => go(changed(choices, { [name]: null })),
          },
          text,
          h("i", { "aria-hidden": true }, "×"),
        )
      : null;
  return h(
    "div.filters",
    {},
    select("method", "Any method", methods),
    select("auth", "Any auth", classes, (value) => (value === "none" ? "open" : value)),
    toggle("writes", "Writes"),
    toggle("grows", "Grows with rows"),
    toggle("found", "Has findings"),
    scope("router", `in ${data.routers[Number(choices.get("router"))]?.[0]}`),
    scope("table", `on ${data.tables[Number(choices.get("table"))]?.name}`),
    scope("dependency", `uses ${short(choices.get("dependency") ?? "")}`),
  );
}
