// What Rust wrote (`page/data.rs`), with what follows from it: titles, what is searched in, who uses what.

const data = JSON.parse(document.getElementById("data").textContent);

const SEVERITIES = ["error", "warning", "info"];
const AUTH = ["required", "optional", "manual", "none"];

/** A place as an object; Rust writes `[file, line, column, last line, column after the last]`. */
function placed(place) {
  const [file, line, column, endLine, endColumn] = place;
  return { file, path: data.files[file], line, column, endLine, endColumn };
}

/** The last part of a dotted name: `read_user` of `app.users:read_user`. */
function short(name) {
  return name.split(/[:]/).pop().replaceAll("<locals>.", "") || name;
}

/** The class of a statement: `User` of `select User` and of `load User.posts`. */
function entityOf(what) {
  return what.split(" ").slice(1).join(" ").split(".")[0];
}

const title =
  data.applications.find((one) => one.mounted_at === null && one.title && one.title !== "FastAPI")?.title ??
  data.root
    .split("/")
    .filter((part) => part && part !== ".")
    .pop() ??
  "Service";

/** Tables by the short names of the classes that are mapped to them. */
const tableOfClass = new Map();
data.tables.forEach((table, number) => {
  table.number = number;
  table.readBy = new Set();
  table.writtenBy = new Set();
  table.referredBy = new Set();
  for (const mapped of table.classes) tableOfClass.set(short(mapped.name), number);
});
for (const table of data.tables) {
  for (const key of table.refers) if (key.table !== null) data.tables[key.table].referredBy.add(table.number);
}

for (const finding of data.findings) {
  finding.endpoints = [];
  finding.words = `${finding.rule} ${finding.group} ${finding.message} ${finding.subject} ${
    finding.at ? data.files[finding.at[0]] : ""
  }`.toLowerCase();
}
data.findings.forEach((finding, number) => {
  finding.number = number;
});

/** Every node that a list of nodes leads to, by number. */
function reached(numbers, into = new Set()) {
  for (const number of numbers) {
    if (into.has(number)) continue;
    into.add(number);
    reached(data.nodes[number].needs, into);
  }
  return into;
}

data.endpoints.forEach((endpoint, number) => {
  endpoint.number = number;
  endpoint.title = `${endpoint.methods} ${endpoint.path}`;
  const statements = endpoint.cost?.statements ?? [];
  endpoint.writes = [...new Set(statements.filter((one) => one.write).map((one) => one.what))];
  endpoint.tables = new Set();
  for (const statement of statements) {
    const table = tableOfClass.get(entityOf(statement.what));
    if (table === undefined) continue;
    endpoint.tables.add(table);
    (statement.write ? data.tables[table].writtenBy : data.tables[table].readBy).add(number);
  }
  endpoint.calls = new Set([...reached(endpoint.needs)].map((node) => data.nodes[node].call));
  endpoint.worst = Math.min(...endpoint.findings.map((one) => SEVERITIES.indexOf(data.findings[one].severity)), 3);
  for (const finding of endpoint.findings) data.findings[finding].endpoints.push(number);
  endpoint.words =
    `${endpoint.title} ${endpoint.answers} ${endpoint.tags.join(" ")} ${endpoint.auth.class} ${endpoint.writes.join(
      " ",
    )} ${endpoint.response ?? ""} ${endpoint.operation_id ?? ""}`.toLowerCase();
});

/** The words of a search, all of which have to be there. */
function wordsOf(search) {
  return search.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Whether a text that is in small letters already has every word. */
function has(text, words) {
  return words.every((word) => text.includes(word));
}

/** How many times each value is there, the most frequent first. */
function tally(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
