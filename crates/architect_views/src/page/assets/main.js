// Addresses, keys, the theme: what holds the views together.

const TABS = [
  ["/", "Overview", () => null],
  ["/endpoints", "Endpoints", () => data.endpoints.length],
  ["/findings", "Findings", () => data.findings.length],
  ["/routers", "Routers", () => null],
  ["/dependencies", "Dependencies", () => null],
  ["/tables", "Tables", () => data.tables.length],
];

/** The address: its path, and what is chosen. */
function address() {
  const [path, choices] = (location.hash.slice(1) || data.opens_at).split("?");
  return { path: path || "/", choices: new URLSearchParams(choices ?? "") };
}

function currentChoices() {
  return address().choices;
}

/** The address of the same view with other choices; `null` takes one back. */
function changed(choices, changes) {
  const next = new URLSearchParams(choices);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return `#${address().path}${text ? `?${text}` : ""}`;
}

function go(hash) {
  location.hash = hash;
}

/** Changes the address without going anywhere: while somebody types. */
function replaceAddress(hash) {
  history.replaceState(null, "", hash);
}

function viewOf({ path, choices }) {
  const [, name, number] = path.split("/");
  switch (name) {
    case "endpoints":
      return endpointsView(choices);
    case "endpoint":
      return endpointView(Number(number));
    case "findings":
      return findingsView(choices);
    case "routers":
      return routersView(choices);
    case "dependencies":
      return dependenciesView(choices);
    case "tables":
      return tablesView(choices);
    case "table":
      return tableView(Number(number));
    default:
      return { nodes: overview() };
  }
}

let view = null;

function render() {
  const where = address();
  view?.closed?.();
  view = viewOf(where);
  content.replaceChildren(...view.nodes.flat(Infinity).filter(Boolean));
  const name = where.path.split("/")[1] || "overview";
  content.dataset.view = name;
  const tab = { endpoint: "endpoints", table: "tables" }[name] ?? name;
  for (const link of document.querySelectorAll(".tabs a")) {
    const here = link.getAttribute("href") === (tab === "overview" ? "#/" : `#/${tab}`);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (here) link.parentElement.scrollLeft = link.offsetLeft - 24;
  }
  document.title = `${content.querySelector("h1")?.textContent ?? title} – ${title}`;
  input.value = where.choices.get("q") ?? "";
  scrollTo(0, lastList?.hash === location.hash ? lastList.scroll : 0);
  view.shown?.();
}

/** Moves the focus among elements; a summary is a stop as well as a link. */
function focusAmong(elements, step) {
  const at = elements.indexOf(document.activeElement);
  const next = elements[at < 0 ? 0 : Math.max(0, Math.min(elements.length - 1, at + step))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target === input;
  if (event.target.closest?.("select, textarea")) return;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    input.focus();
    input.select();
  } else if (event.key === "Escape") {
    if (typing && input.value) {
      input.value = "";
      search();
    } else if (typing) input.blur();
    else if (content.dataset.view === "endpoint") go(lastList?.hash ?? "#/endpoints");
    else if (content.dataset.view === "table") go("#/tables");
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && view.move) {
    if (event.target.closest?.("pre, .stagebox")) return;
    event.preventDefault();
    view.move(event.key === "ArrowDown" ? 1 : -1);
  } else if (!typing && !event.target.closest?.("pre, .stagebox, .scroll")) {
    if (event.key === "ArrowLeft" && view.previous !== undefined) go(`#/endpoint/${view.previous}`);
    if (event.key === "ArrowRight" && view.next !== undefined) go(`#/endpoint/${view.next}`);
  }
}

function search() {
  const text = input.value.trim();
  if (view.search) view.search(text);
  else if (text) go(`#/endpoints?q=${encodeURIComponent(text)}`);
}

/** The theme: that of the system, until somebody chooses another one. */
function setTheme(name) {
  document.documentElement.dataset.theme = name;
  const button = document.getElementById("theme");
  button.setAttribute("aria-label", name === "dark" ? "Light colours" : "Dark colours");
  button.title = button.getAttribute("aria-label");
}

function theme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  // Storage may be closed to a file; the choice then lasts as long as the page.
  const kept = (() => {
    try {
      return localStorage.getItem("architect-theme");
    } catch {
      return null;
    }
  })();
  let chosen = kept === "dark" || kept === "light" ? kept : null;
  setTheme(chosen ?? (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", () => {
    if (!chosen) setTheme(dark.matches ? "dark" : "light");
  });
  document.getElementById("theme").addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    setTheme(chosen);
    try {
      localStorage.setItem("architect-theme", chosen);
    } catch {
      /* see above */
    }
  });
}

theme();
document.querySelector(".brand").append(h("span.brandmark", { "aria-hidden": true }), title);
document
  .querySelector(".tabs")
  .append(
    ...TABS.map(([path, name, count]) =>
      h("a", { href: `#${path}` }, name, count() === null ? null : h("span.amount", {}, count().toLocaleString("en"))),
    ),
  );
document.querySelector(".foot").append(
  h("span", {}, `fastapi-architect ${data.version}, from the source of `, h("code", {}, data.root)),
  h(
    "span.keys",
    {},
    [
      ["/", "search"],
      ["↑↓", "rows"],
      ["←→", "endpoints"],
      ["Esc", "back"],
    ].map(([key, what]) => h("span", {}, h("kbd", {}, key), ` ${what}`)),
  ),
);
input.addEventListener("input", search);
document.addEventListener("keydown", onKey);
content.addEventListener("click", (event) => {
  if (event.target.closest("a")) view.leave?.();
});
content.addEventListener("keydown", (event) => {
  if (event.key === "Enter") view.leave?.();
});
addEventListener("hashchange", render);
addEventListener("beforeprint", () => {
  for (const one of content.querySelectorAll("details.rulegroup, .chain > li > details")) {
    one.fill?.();
    one.open = true;
  }
});
render();
