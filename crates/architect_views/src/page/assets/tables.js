// Tables: the entity relationship diagram of all, and each with its neighbours and columns.

const FEW = 16; // so many tables are drawn with their columns

/** What stands in the box of a table: its name, and its columns where they are shown. */
function tableBox(table, full, most = 14) {
  const columns = full ? table.columns.slice(0, most) : [];
  const type = (column) => column.type.toLowerCase();
  const width = Math.min(
    full ? 340 : 190,
    Math.max(
      full ? 130 : 90,
      widthOf(table.name, MONO) * 1.06 + 44,
      ...columns.map((column) => widthOf(`${column.name}  ${type(column)}`, MONO) + 56),
    ),
  );
  const height = full ? 36 + 19 * columns.length + (table.columns.length > columns.length ? 19 : 0) + 8 : 28;
  const draw = () => [
    svg("text.main.name", { x: 12, y: full ? 21 : 18 }, fitted(table.name, width - (full ? 24 : 38), BOLD)),
    full
      ? svg("line.rule", { x1: 0, x2: width, y1: 32, y2: 32 })
      : svg("text.amount", { x: width - 10, y: 18, "text-anchor": "end" }, String(table.columns.length)),
    columns.flatMap((column, index) => {
      const y = 50 + 19 * index;
      const kind = column.key ? "key" : column.refers.length ? "refers" : "plain";
      const room = width - 32 - widthOf(type(column), SANS) - 12;
      return [
        column.key || column.refers.length ? svg(`circle.${kind}`, { cx: 13, cy: y - 4, r: 2.5 }) : null,
        svg(`text.column${column.nullable ? ".nullable" : ""}`, { x: 22, y }, fitted(column.name, room, MONO)),
        svg("text.type", { x: width - 12, y, "text-anchor": "end" }, fitted(type(column), width / 2, SANS)),
      ];
    }),
    table.columns.length > columns.length && full
      ? svg("text.type", { x: 22, y: 50 + 19 * columns.length }, `${table.columns.length - columns.length} more`)
      : null,
  ];
  return { width, height, draw };
}

/** The diagram of some tables: what is referred to stands left of what refers to it. */
function tableDiagram(numbers, full, pick) {
  const at = new Map(numbers.map((number, index) => [number, index]));
  const shapes = numbers.map((number) => tableBox(data.tables[number], full(number)));
  const seen = new Set();
  const edges = numbers.flatMap((number) =>
    data.tables[number].refers.flatMap((key) => {
      const pair = [at.get(key.table), at.get(number)];
      if (key.table === null || pair[0] === undefined || pair[0] === pair[1] || seen.has(pair.join())) return [];
      seen.add(pair.join());
      return [pair];
    }),
  );
  const tied = shapes.map((_, index) => edges.some(([from, to]) => from === index || to === index));
  const { boxes, lines, ...size } = packed(
    shapes.map(({ width, height }) => ({ width, height })),
    edges,
    tied,
    numbers.length <= FEW ? { across: 84, between: 14 } : { across: 46, between: 7 },
  );
  return diagram({
    boxes: boxes.map((box, index) => ({
      ...box,
      title: `${data.tables[numbers[index]].name}, ${counted(data.tables[numbers[index]].columns.length, "column")}`,
      draw: shapes[index].draw,
      pick: () => pick(numbers[index]),
    })),
    lines,
    ...size,
    label: "Tables",
    follow: "near",
  });
}

function tablesView(choices) {
  if (!data.tables.length) return { nodes: [heading("Tables"), nothing("No tables were found.")] };
  const numbers = data.tables.map((table) => table.number);
  const drawn = tableDiagram(
    numbers,
    () => numbers.length <= FEW,
    (number) => go(`#/table/${number}`),
  );
  const list = h("ul.tablelist");
  const draw = (text) => {
    const words = wordsOf(text);
    const found = numbers.filter((number) =>
      has(
        `${data.tables[number].name} ${data.tables[number].columns.map((column) => column.name).join(" ")}`.toLowerCase(),
        words,
      ),
    );
    drawn.choose(words.length ? new Set(found) : null);
    list.replaceChildren(
      ...found
        .sort((a, b) => (data.tables[a].name < data.tables[b].name ? -1 : 1))
        .map((number) => {
          const table = data.tables[number];
          return h(
            "li",
            {},
            h(
              "a",
              { href: `#/table/${number}` },
              h("b", {}, table.name),
              h("span.soft", {}, counted(table.columns.length, "column")),
              h("span.soft", {}, table.referredBy.size ? `referred to by ${table.referredBy.size}` : ""),
              h(
                "span.soft",
                {},
                table.readBy.size || table.writtenBy.size
                  ? `read by ${table.readBy.size}, written by ${table.writtenBy.size}`
                  : "",
              ),
            ),
          );
        }),
      ...(found.length ? [] : [nothing("No table is like that.")]),
    );
  };
  draw(choices.get("q") ?? "");
  return {
    nodes: [
      heading("Tables", h("p.count", {}, counted(numbers.length, "table"))),
      h(
        "p.soft.lead",
        {},
        "What is referred to stands left of what refers to it. Hover to see its neighbours, click for its columns and who uses it.",
      ),
      drawn.element,
      h("section", {}, h("h2", {}, "All tables"), list),
    ],
    shown: () => (numbers.length <= FEW ? drawn.readable() : drawn.fit()),
    search: (text) => {
      replaceAddress(changed(choices, { q: text || null }));
      draw(text);
    },
    move: (step) => focusAmong([...list.querySelectorAll("a")], step),
  };
}

function tableView(number) {
  const table = data.tables[number];
  if (!table) return { nodes: [heading("There is no such table")] };
  const others = [
    ...new Set([...table.refers.flatMap((key) => (key.table === null ? [] : [key.table])), ...table.referredBy]),
  ].filter((other) => other !== number);
  const near = others.slice(0, 24);
  const drawn = tableDiagram(
    [number, ...near],
    (one) => one === number || near.length <= 4,
    (one) => go(`#/table/${one}`),
  );
  const users = (set, name) =>
    set.size
      ? h(
          "div",
          {},
          h("h3", {}, name, h("span.soft", {}, ` ${set.size}`)),
          h(
            "ul.plainlist",
            {},
            some([...set], 10, (one) => h("li", {}, endpointLink(one))),
          ),
        )
      : null;
  return {
    nodes: [
      h("nav.crumbs", {}, h("a", { href: "#/tables" }, "Tables")),
      h(
        "header.endpointhead",
        {},
        h("h1", {}, h("span.path", {}, table.name)),
        h(
          "p.soft",
          {},
          table.at ? placeText(table.at) : null,
          table.conditional ? h("span.tag", { title: table.conditional }, "conditional") : null,
        ),
      ),
      table.comment ? h("p", {}, table.comment) : null,
      drawn.element,
      near.length < others.length ? h("p.soft", {}, `${near.length} of ${others.length} neighbours are drawn.`) : null,
      h("section", {}, h("h2", {}, "Columns"), columnsTable(table)),
      constraints(table),
      table.classes.length ? h("section", {}, h("h2", {}, "Classes"), table.classes.map(classCard)) : null,
      table.readBy.size || table.writtenBy.size
        ? h(
            "section",
            {},
            h("h2", {}, "Who uses it"),
            h("p", {}, h("a", { href: `#/endpoints?table=${number}` }, "In the table of endpoints")),
            h("div.columns", {}, users(table.writtenBy, "Written by"), users(table.readBy, "Read by")),
          )
        : null,
    ],
    shown: () => {
      drawn.readable();
      drawn.pick(0);
    },
  };
}

function columnsTable(table) {
  return h(
    "div.scroll",
    {},
    h(
      "table.grid",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["Column", "Type", "", "Refers to"].map((text) => h("th", {}, text)),
        ),
      ),
      h(
        "tbody",
        {},
        table.columns.map((column) =>
          h(
            "tr",
            {},
            h("td", {}, h("code", {}, column.name)),
            h("td.type", {}, column.type),
            h(
              "td",
              {},
              [
                column.key ? "key" : null,
                column.nullable ? null : column.key ? null : "not null",
                column.unique ? "unique" : null,
                column.indexed && !column.key && !column.unique ? "indexed" : null,
              ]
                .filter(Boolean)
                .map((text) => h("span.tag", {}, text)),
            ),
            h(
              "td",
              {},
              column.refers.map((target) => h("code", {}, target)),
            ),
          ),
        ),
      ),
    ),
  );
}

function constraints(table) {
  const columns = (names) => h("code", {}, names.join(", "));
  const rows = [
    ...table.refers.map((key) => [
      "Foreign key",
      columns(key.columns),
      " → ",
      key.table === null ? columns(key.targets) : h("a", { href: `#/table/${key.table}` }, columns(key.targets)),
      key.ondelete ? h("span.tag", {}, `on delete ${key.ondelete.toLowerCase()}`) : null,
    ]),
    ...table.unique.map((key) => ["Unique", columns(key)]),
    ...table.indexes.map((index) => [
      index.unique ? "Unique index" : "Index",
      columns(index.columns),
      index.name ? h("span.soft", {}, ` ${index.name}`) : null,
    ]),
    ...table.checks.map((sql) => ["Check", h("code", {}, sql)]),
  ];
  return rows.length ? h("section", {}, h("h2", {}, "Keys, indexes, checks"), facts(rows)) : null;
}

function classCard(mapped) {
  return h(
    "article.card",
    {},
    h("h3", {}, h("code", {}, mapped.name)),
    h(
      "p.soft",
      {},
      mapped.at ? placeText(mapped.at) : null,
      mapped.inherits ? ` inherits ${short(mapped.inherits)}` : null,
    ),
    mapped.relationships.length
      ? h(
          "div.scroll",
          {},
          h(
            "table.grid",
            {},
            h(
              "tbody",
              {},
              mapped.relationships.map((one) => {
                const target = tableOfClass.get(short(one.target));
                return h(
                  "tr",
                  {},
                  h("td", {}, h("code", {}, one.name)),
                  h(
                    "td",
                    {},
                    one.many ? "many " : "one ",
                    target === undefined ? short(one.target) : h("a", { href: `#/table/${target}` }, short(one.target)),
                  ),
                  h(
                    "td",
                    {},
                    h("span.tag", {}, `loaded by ${one.lazy}`),
                    one.view_only ? h("span.tag", {}, "view only") : null,
                  ),
                  h("td.soft", {}, one.secondary ? `through ${one.secondary}` : ""),
                );
              }),
            ),
          ),
        )
      : null,
  );
}
