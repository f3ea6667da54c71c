// Findings, grouped by what to do first: what breaks or leaks, what will hurt, what is worth knowing. Within that by rule,
// those that touch most first, since one decision often settles all findings of a rule.

const SECTIONS = {
  error: ["First", "what breaks, leaks or never runs"],
  warning: ["Next", "what will hurt as the service grows"],
  info: ["Then", "what is worth knowing"],
};

/** Findings by rule, the rules in the order in which to look at them. */
function rulesOf(findings) {
  const rules = new Map();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.rule}`;
    if (!rules.has(key))
      rules.set(key, {
        key,
        name: finding.rule,
        group: finding.group,
        severity: finding.severity,
        findings: [],
        endpoints: new Set(),
      });
    const rule = rules.get(key);
    rule.findings.push(finding);
    for (const endpoint of finding.endpoints) rule.endpoints.add(endpoint);
  }
  const first = (rule) => (rule.group === "security" ? 0 : 1);
  return [...rules.values()].sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      first(a) - first(b) ||
      b.endpoints.size - a.endpoints.size ||
      b.findings.length - a.findings.length ||
      (a.name < b.name ? -1 : 1),
  );
}

function findingsView(choices) {
  const count = h("p.count", { role: "status" });
  const body = h("div.groups");
  const draw = () => {
    const words = wordsOf(choices.get("q") ?? "");
    const found = data.findings.filter(
      (one) =>
        has(one.words, words) &&
        (!choices.get("severity") || one.severity === choices.get("severity")) &&
        (!choices.get("group") || one.group === choices.get("group")) &&
        (!choices.get("rule") || one.rule === choices.get("rule")) &&
        (!choices.has("fix") || one.fix),
    );
    count.textContent =
      found.length === data.findings.length
        ? counted(found.length, "finding")
        : `${found.length.toLocaleString("en")} of ${counted(data.findings.length, "finding")}`;
    const rules = rulesOf(found);
    const open = rules.length <= 3 || found.length <= 12;
    body.replaceChildren(
      ...SEVERITIES.flatMap((severity) => {
        const own = rules.filter((rule) => rule.severity === severity);
        if (!own.length) return [];
        const [name, what] = SECTIONS[severity];
        return [
          h(
            "section",
            {},
            h("h2", {}, name, h("span.soft", {}, what)),
            own.map((rule, index) => ruleGroup(rule, open || (index === 0 && rule === rules[0]))),
          ),
        ];
      }),
      ...(found.length ? [] : [nothing(data.findings.length ? "No finding is like that." : "Nothing to report.")]),
    );
  };
  draw();
  const groups = tally(data.findings.map((one) => one.group))
    .map(([name]) => name)
    .sort();
  const chip = (name, value, text) =>
    h(
      "button.chip",
      {
        type: "button",
        "aria-pressed": choices.get(name) === value,
        onclick: () => go(changed(choices, { [name]: choices.get(name) === value ? null : value })),
      },
      text,
    );
  return {
    nodes: [
      heading("Findings", count),
      h(
        "div.filters",
        {},
        SEVERITIES.filter((severity) => data.findings.some((one) => one.severity === severity)).map((severity) =>
          chip("severity", severity, [severityMark(severity), `${severity}s`]),
        ),
        groups.length > 1
          ? h(
              "select",
              {
                "aria-label": "group",
                onchange: (event) => go(changed(choices, { group: event.target.value || null })),
              },
              h("option", { value: "" }, "Any subject"),
              groups.map((name) => h("option", { value: name, selected: choices.get("group") === name }, name)),
            )
          : null,
        data.findings.some((one) => one.fix)
          ? h(
              "button.chip",
              {
                type: "button",
                "aria-pressed": choices.has("fix"),
                onclick: () => go(changed(choices, { fix: choices.has("fix") ? null : "1" })),
              },
              "Can be fixed for you",
            )
          : null,
        choices.get("rule")
          ? h(
              "button.chip.scope",
              { type: "button", "aria-pressed": true, onclick: () => go(changed(choices, { rule: null })) },
              choices.get("rule"),
              h("i", { "aria-hidden": true }, "×"),
            )
          : null,
      ),
      body,
      leftOut(),
    ],
    search: (text) => {
      replaceAddress(changed(choices, { q: text || null }));
      choices = currentChoices();
      draw();
    },
    move: (step) => focusAmong([...body.querySelectorAll("summary")], step),
  };
}

/** The findings of a rule; what is said of all of them stands once, above. */
function ruleGroup(rule, open) {
  const { findings } = rule;
  const common = (key) =>
    findings.length > 1 && findings.every((one) => one[key] === findings[0][key]) ? findings[0][key] : null;
  const said = ["why", "help", "trade_off"].map((key) => [key, common(key)]).filter(([, text]) => text !== null);
  const names = { why: "Why", help: "Do", trade_off: "But" };
  const touched = rule.endpoints.size ? `touches ${counted(rule.endpoints.size, "endpoint")}` : "";
  return fold(
    [
      severityMark(rule.severity),
      h(
        "span.rule",
        {},
        h("b", {}, rule.name),
        findings.length === 1 ? h("span.soft.alone", {}, rich(findings[0].message)) : h("span.soft", {}, touched),
      ),
      h("span.amount", {}, findings.length.toLocaleString("en")),
    ],
    () => [
      said.length ? facts(said.map(([key, text]) => [names[key], prose(data.texts[text])])) : null,
      some(findings, 10, (one) => findingCard(one, { said: new Set(said.map(([, text]) => text)) })),
      h("p.soft.explain", {}, "More: ", h("code", {}, `fastapi-architect explain ${rule.name}`)),
    ],
    { open, name: "rulegroup" },
  );
}
