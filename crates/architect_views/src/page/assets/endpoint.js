// One endpoint, from the application to its last statement.

function endpointView(number) {
  const one = data.endpoints[number];
  if (!one) return { nodes: [heading("There is no such endpoint")] };
  const around = lastList?.numbers.includes(number) ? lastList.numbers : data.endpoints.map((other) => other.number);
  const at = around.indexOf(number);
  const step = (to, text, mark) =>
    around[to] === undefined
      ? null
      : h(
          "a",
          { href: `#/endpoint/${around[to]}`, title: data.endpoints[around[to]].title, rel: to < at ? "prev" : "next" },
          mark < 0 ? `← ${text}` : `${text} →`,
        );
  return {
    nodes: [
      h(
        "nav.crumbs",
        { "aria-label": "Where this is" },
        h("a", { href: lastList?.hash ?? "#/endpoints" }, "Endpoints"),
        h("span.steps", {}, step(at - 1, "Previous", -1), step(at + 1, "Next", 1)),
      ),
      h(
        "header.endpointhead",
        {},
        h("h1", {}, methodMark(one.methods), pathText(one.path)),
        h(
          "p.soft",
          {},
          h("code", {}, one.answers),
          one.tags.map((tag) => h("span.tag", {}, tag)),
          one.hidden ? h("span.tag", {}, "hidden from the document") : null,
          one.deprecated ? h("span.tag", {}, "deprecated") : null,
        ),
      ),
      one.conditional ? h("p.notice", {}, "It exists under a condition that is not known: ", one.conditional) : null,
      glance(one),
      one.findings.length
        ? h(
            "section",
            {},
            h("h2", {}, "Findings"),
            one.findings.map((found) => findingCard(data.findings[found], { on: number })),
          )
        : null,
      h("section", {}, h("h2", {}, "From router to statement"), chain(one)),
      one.shared.length
        ? h(
            "section",
            {},
            h("h2", {}, "Findings about what it shares with others"),
            one.shared.map((found) =>
              fold(
                [severityMark(data.findings[found].severity), h("span", {}, rich(data.findings[found].message))],
                () => findingCard(data.findings[found]),
              ),
            ),
          )
        : null,
    ],
    previous: around[at - 1],
    next: around[at + 1],
  };
}

function glance(one) {
  const known = one.cost;
  return facts([
    [
      "Auth",
      authMark(one.auth.class),
      one.auth.by.length
        ? h(
            "span.soft",
            {},
            " by ",
            one.auth.by.map(([name], index) => [index ? ", " : "", short(name)]),
          )
        : null,
      one.auth.scopes.length ? h("span.soft", {}, ` scopes ${one.auth.scopes.join(" ")}`) : null,
    ],
    [
      "Statements",
      formula(one),
      known && !known.exact ? h("span.soft", {}, " at most, or more where it is not known") : null,
    ],
    [
      "Writes",
      one.writes.length ? one.writes.join(", ") : "nothing",
      known?.commits ? h("span.soft", {}, `, ${counted(known.commits, "commit")}`) : null,
    ],
    [
      "Answers",
      one.response ? h("code", {}, one.response) : h("span.soft", {}, "no response model"),
      one.status ? h("span.soft", {}, ` with ${one.status}`) : null,
    ],
  ]);
}

/** The way of a request, a stage each. */
function chain(one) {
  const application = data.applications[one.application];
  const router = one.router === null ? null : data.routers[one.router];
  const stage = (name, what, ...body) =>
    h("li", {}, h("div.stage", {}, h("span.kind", {}, name), h("span.what", {}, what)), body);
  return h(
    "ol.chain",
    {},
    application
      ? stage(
          "Application",
          h("code", {}, application.name),
          h("p.soft", {}, placeText(application.at)),
          application.middleware.length
            ? h(
                "p",
                {},
                h("span.soft", {}, "Through "),
                application.middleware.map((name, index) => [
                  index ? h("span.soft", {}, " → ") : "",
                  h("code", {}, short(name)),
                ]),
              )
            : null,
        )
      : null,
    one.included.map((place) => stage("Includes", null, codeFrame(place, { most: 4, mark: false }))),
    router
      ? stage(
          "Router",
          h("a", { href: `#/endpoints?router=${one.router}` }, h("code", {}, router[0])),
          h("p.soft", {}, placeText(router[1])),
        )
      : null,
    one.needs.length
      ? stage("Dependencies", h("span.soft", {}, "resolved in this order"), dependencyTree(one.needs))
      : null,
    stage(
      "Endpoint",
      h("code", {}, short(one.answers)),
      parameters(one),
      fold("Its code", () => codeFrame(one.at, { most: 60, mark: false }), { open: one.at[3] - one.at[1] < 30 }),
    ),
    statements(one),
    stage(
      "Answer",
      one.response ? h("code", {}, one.response) : h("span.soft", {}, "no response model"),
      failures(one),
    ),
  );
}

function dependencyTree(numbers) {
  return h(
    "ul.tree",
    {},
    numbers.map((number) => {
      const node = data.nodes[number];
      const body = [
        node.takes.length ? parameterTable(node.takes) : null,
        node.at
          ? fold(placeText(node.at), () => codeFrame(node.at, { most: 12, mark: false }), { name: "fold.small" })
          : null,
        node.needs.length ? dependencyTree(node.needs) : null,
      ];
      return h(
        "li",
        {},
        h("a", { href: `#/dependencies?name=${encodeURIComponent(node.call)}` }, h("code", {}, short(node.call))),
        node.marks.map((mark) => h("span.tag", {}, mark)),
        node.scopes.length ? h("span.tag", {}, `scopes ${node.scopes.join(" ")}`) : null,
        body,
      );
    }),
  );
}

function parameterTable(takes) {
  return h(
    "table.takes",
    {},
    h(
      "tbody",
      {},
      takes.map((one) =>
        h(
          "tr",
          {},
          h("td.soft", {}, one.place),
          h("td", {}, h("code", {}, one.name)),
          h("td.type", {}, one.type ?? "?"),
          h("td.soft", {}, one.required ? "" : "optional"),
        ),
      ),
    ),
  );
}

function parameters(one) {
  return one.takes.length ? parameterTable(one.takes) : h("p.soft", {}, "takes no parameters of its own");
}

/** The statements in the order they are met, with the way to each. */
function statements(one) {
  const { cost } = one;
  const head = (what) => h("div.stage", {}, h("span.kind", {}, "Statements"), h("span.what", {}, what));
  if (!cost) return h("li", {}, head(h("span.soft", {}, "not known")));
  return h(
    "li",
    {},
    head([formula(one), cost.commits ? h("span.soft", {}, ` and ${counted(cost.commits, "commit")}`) : null]),
    h("div.statements", {}, some(cost.statements, 30, statement)),
    cost.unknown.length
      ? h(
          "div.notice",
          {},
          h("p", {}, "Not known exactly:"),
          h(
            "ul",
            {},
            cost.unknown.map(([why, place]) => h("li", {}, rich(why), " ", placeText(place))),
          ),
        )
      : null,
  );
}

function statement(one) {
  const times = one.times.map((name) => (name === "?" ? "?" : `N(${name})`)).join(" · ");
  const [verb, ...rest] = one.what.split(" ");
  const table = tableOfClass.get(entityOf(one.what));
  const what = rest.join(" ");
  return fold(
    [
      h(`span.verb${one.write ? ".write" : ""}`, {}, verb),
      h("span.entity", {}, what),
      times ? h("span.times", {}, `× ${times}`) : null,
      h("span.where", {}, placeText(one.at)),
    ],
    () => [
      table === undefined
        ? null
        : h("p.soft", {}, "on table ", h("a", { href: `#/table/${table}` }, data.tables[table].name)),
      h(
        "ol.steps.way",
        {},
        one.trace.slice(0, -1).map((number) => {
          const [name, place] = data.steps[number];
          return h("li", {}, h("p", {}, h("code", {}, name)), codeFrame(place, { most: 1 }));
        }),
        h(
          "li",
          {},
          h("p", {}, h("code", {}, one.trace.length ? data.steps[one.trace.at(-1)][0] : one.what)),
          codeFrame(one.at, { most: 8, mark: one.at[1] === one.at[3] }),
        ),
      ),
    ],
    { name: "fold.statement" },
  );
}

/** Errors that may leave the endpoint, by status. */
function failures(one) {
  if (!one.fails.length) return null;
  const all = one.fails.map((number) => data.failures[number]);
  const byStatus = Map.groupBy ? Map.groupBy(all, (fact) => fact.status ?? 0) : new Map([[0, all]]);
  const statuses = [...byStatus.keys()].sort((a, b) => (a || 999) - (b || 999));
  return h(
    "div.fails",
    {},
    statuses.map((status) => {
      const facts = byStatus.get(status);
      return fold(
        [
          h("b.status", {}, status || "raises"),
          h("span", {}, [...new Set(facts.map((fact) => fact.detail ?? short(fact.class)))].slice(0, 3).join(" · ")),
          h("span.soft", {}, counted(facts.length, "place")),
        ],
        () =>
          h(
            "ul.raised",
            {},
            some(facts, 12, (fact) =>
              h(
                "li",
                {},
                h("p", {}, h("code", {}, short(fact.class)), fact.detail ? ` ${fact.detail}` : ""),
                codeFrame(fact.at, { most: 3, mark: false }),
              ),
            ),
          ),
        { name: "fold.fail" },
      );
    }),
  );
}
