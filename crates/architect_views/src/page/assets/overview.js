// The service at a glance.

function overview() {
  const main = data.applications.find((one) => one.mounted_at === null);
  const libraries = Object.entries(data.libraries);
  return [
    h(
      "header.title",
      {},
      h("h1", {}, title, main?.version ? h("span.version", {}, main.version) : null),
      h(
        "p.soft",
        {},
        libraries.map(([name, version], index) => [
          index ? h("span.dot", {}, "·") : null,
          `${name} `,
          h("span.plain", {}, version),
        ]),
      ),
    ),
    figures(),
    h("div.columns", {}, h("div", {}, firstThings(), unknowns()), h("div", {}, callers(), dearest(), largest())),
    applications(),
  ];
}

function figures() {
  const grows = data.endpoints.filter((one) => one.cost?.grows).length;
  const worst = SEVERITIES.map((severity) => [
    severity,
    data.findings.filter((one) => one.severity === severity).length,
  ]);
  const one = (number, noun, nouns, href, note) =>
    h(
      "a.figure",
      { href },
      h("strong", {}, number.toLocaleString("en")),
      h("span", {}, number === 1 ? noun : nouns),
      h("small", {}, note),
    );
  const open = data.endpoints.filter((endpoint) => endpoint.auth.class === "none").length;
  return h(
    "section.figures",
    { "aria-label": "Figures" },
    one(data.endpoints.length, "endpoint", "endpoints", "#/endpoints", `${open} open to anyone`),
    one(
      data.findings.length,
      "finding",
      "findings",
      "#/findings",
      worst
        .filter(([, count]) => count)
        .map(([severity, count]) => counted(count, severity))
        .join(", ") || "nothing to report",
    ),
    one(grows, "grows", "grow", "#/endpoints?grows=1&sort=cost", "in statements with each row"),
    one(
      data.tables.length,
      "table",
      "tables",
      "#/tables",
      counted(
        data.tables.reduce((sum, table) => sum + table.refers.length, 0),
        "foreign key",
      ),
    ),
    one(data.line_count, "line", "lines", "#/routers", `in ${counted(data.file_count, "file")}`),
  );
}

/** Rules in the order in which to look at them. */
function firstThings() {
  const rules = rulesOf(data.findings);
  return h(
    "section",
    {},
    h("h2", {}, "What to do first"),
    rules.length
      ? h(
          "ol.first",
          {},
          rules
            .slice(0, 8)
            .map((rule) =>
              h(
                "li",
                {},
                h(
                  "a",
                  { href: `#/findings?rule=${rule.name}` },
                  severityMark(rule.severity),
                  h("span.said", {}, rich(rule.findings[0].message)),
                  h(
                    "span.soft",
                    {},
                    rule.name,
                    rule.findings.length > 1 ? ` and ${rule.findings.length - 1} more` : "",
                  ),
                ),
              ),
            ),
        )
      : nothing("Nothing to report."),
    rules.length > 8 ? h("p", {}, h("a", { href: "#/findings" }, `All ${rules.length} rules with findings`)) : null,
    leftOut(),
  );
}

function leftOut() {
  const parts = [
    data.suppressed ? `${data.suppressed} suppressed by comments` : null,
    data.known ? `${data.known} known from the baseline` : null,
  ];
  const text = parts.filter(Boolean).join(", ");
  return text ? h("p.soft", {}, `Not shown: ${text}.`) : null;
}

function bar(parts) {
  const sum = parts.reduce((total, [, count]) => total + count, 0) || 1;
  return h(
    "div.bar100",
    { "aria-hidden": true },
    parts
      .filter(([, count]) => count)
      .map(([name, count]) => {
        const part = h(`span.${name}`);
        part.style.flexGrow = String(Math.max(count / sum, 0.012));
        return part;
      }),
  );
}

function callers() {
  const counts = AUTH.map((name) => [name, data.endpoints.filter((one) => one.auth.class === name).length]);
  const words = {
    required: "need credentials",
    optional: "take them if there are any",
    manual: "check in their own code",
    none: "are open to anyone",
  };
  return h(
    "section",
    {},
    h("h2", {}, "Who may call"),
    bar(counts),
    h(
      "ul.legend",
      {},
      counts
        .filter(([, count]) => count)
        .map(([name, count]) =>
          h(
            "li",
            {},
            h(
              "a",
              { href: `#/endpoints?auth=${name}` },
              h(`i.${name}`),
              h("b", {}, count.toLocaleString("en")),
              ` ${words[name]}`,
            ),
          ),
        ),
    ),
  );
}

function dearest() {
  const found = data.endpoints
    .filter((one) => one.cost && one.cost.size > 0)
    .sort((a, b) => b.cost.size - a.cost.size)
    .slice(0, 6);
  if (!found.length) return null;
  return h(
    "section",
    {},
    h("h2", {}, "What costs most statements"),
    h(
      "ol.dear",
      {},
      found.map((one) =>
        h(
          "li",
          {},
          h(
            "a",
            { href: `#/endpoint/${one.number}` },
            h("span.line1", {}, methodMark(one.methods), pathText(one.path)),
            formula(one),
          ),
        ),
      ),
    ),
    h("p", {}, h("a", { href: "#/endpoints?sort=cost" }, "All by cost")),
  );
}

/** `2 + N(User)`, with what is counted standing out. */
function formula(endpoint) {
  const { cost } = endpoint;
  if (!cost) return h("span.formula.soft", {}, "not known");
  const pieces = cost.formula.split(/((?:\d+·)?[ND]\([^)]*\)[^+]*)/);
  return h(
    "span.formula",
    { title: cost.formula },
    pieces.map((part, index) => (index % 2 ? h("b", {}, part) : part)),
  );
}

function largest() {
  const routers = tally(data.endpoints.filter((one) => one.router !== null).map((one) => one.router)).slice(0, 6);
  if (routers.length < 2) return null;
  const most = routers[0][1];
  return h(
    "section",
    {},
    h("h2", {}, "Largest routers"),
    h(
      "ul.bars",
      {},
      routers.map(([number, count]) => {
        const length = h("i");
        length.style.width = `${(100 * count) / most}%`;
        return h(
          "li",
          {},
          h(
            "a",
            { href: `#/endpoints?router=${number}` },
            h("span", {}, data.routers[number][0]),
            h("b", {}, count),
            length,
          ),
        );
      }),
    ),
  );
}

function applications() {
  if (!data.applications.length) return nothing("No application was found. Name one with --app MODULE:ATTR.");
  return h(
    "section",
    {},
    h("h2", {}, data.applications.length === 1 ? "The application" : "Applications"),
    h(
      "div.cards",
      {},
      data.applications.map((one) =>
        h(
          "article.card",
          {},
          h(
            "h3",
            {},
            h("code", {}, one.name),
            one.mounted_at !== null ? h("span.tag", {}, `at ${one.mounted_at}`) : null,
          ),
          h("p.soft", {}, placeText(one.at)),
          facts([
            one.lifespan ? ["Lifespan", h("code", {}, short(one.lifespan))] : null,
            one.middleware.length
              ? [
                  "Middleware",
                  h(
                    "ol.inline",
                    {},
                    one.middleware.map((name) => h("li", {}, h("code", {}, short(name)))),
                  ),
                ]
              : null,
            one.exception_handlers.length
              ? [
                  "Handles",
                  h(
                    "ol.inline",
                    {},
                    one.exception_handlers.map((name) => h("li", {}, h("code", {}, short(name)))),
                  ),
                ]
              : null,
          ]),
        ),
      ),
    ),
  );
}

function unknowns() {
  if (!data.unknowns.length) return null;
  return h(
    "section",
    {},
    h("h2", {}, "What is not known"),
    h("p.soft", {}, "Nothing is said about these; rules are silent where they cannot decide."),
    h(
      "ul.unknowns",
      {},
      some(data.unknowns, 5, (one) =>
        h(
          "li",
          {},
          h("p", {}, rich(one.what)),
          h("p.soft", {}, rich(one.why), one.at ? [" ", placeText(one.at)] : null),
          one.resolve ? h("p.soft", {}, rich(one.resolve)) : null,
        ),
      ),
    ),
  );
}
