// Which view the address asks for, the bar on top, and the keys.

let shownView = null;
let shownHash = "";

async function route() {
  const hash = location.hash.slice(1) || (conversations.length === 1 ? `c${conversations[0].id}` : "overview");
  const one = /^c(\d+)(?:f(\d+))?$/.exec(hash);
  const [name, rest] = hash.split("?");
  shownHash = hash;
  let view, title, current = name;
  if (one) {
    const c = conversationById.get(Number(one[1]));
    current = "conversations";
    title = `Conversation #${one[1]}`;
    view = c ? await conversationView(c, Number(one[2] || 0)) : el("p", { class: "loading" }, `This report has no conversation #${one[1]}.`);
  } else if (name === "conversations") {
    title = "Conversations";
    view = conversationsView(new URLSearchParams(rest));
  } else if (name === "sockets") {
    title = "Sockets over time";
    view = socketsView(new URLSearchParams(rest));
  } else {
    current = "overview";
    title = "Overview";
    view = overview();
  }
  if (shownHash !== hash) return; // the reader went on while this was unpacked
  shownView = view;
  document.title = `${title} · ${report.name}`;
  for (const a of document.querySelectorAll("#bar nav a")) {
    if (a.dataset.view === current) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current");
  }
  byId("view").replaceChildren(view);
  scrollTo(0, 0);
  if (view.ready) view.ready();
  document.documentElement.dataset.ready = hash;
  if (!performance.getEntriesByName("drawn").length) performance.mark("drawn");
}

// A link to a frame of the conversation in sight only moves the selection.
addEventListener("hashchange", route);

const keyHelp = [["o", "overview"], ["s", "sockets over time"], ["c", "conversations"], ["/", "search"], ["n / p", "next or previous conversation"],
  ["↑ ↓", "move in a table or a ladder"], ["Enter", "open a conversation, unfold a run"], ["t", "light, dark, as the system"], ["?", "this list"],
  ["drag, double-click", "zoom a graph, see all of it"], ["← → + − 0", "in a graph: move the cursor, zoom"]];

function showHelp() {
  const dialog = byId("help");
  dialog.replaceChildren(el("h2", { id: "help-title" }, "Keys"), el("dl", { class: "pairs chart-head" }, keyHelp.map(([k, what]) => [el("dt", {}, el("kbd", {}, k)), el("dd", {}, what)])),
    el("button", { type: "button", onclick: () => dialog.close() }, "Close"));
  dialog.showModal();
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || byId("help").open || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const go = (hash) => () => { location.hash = hash; };
  const link = (rel) => () => { const a = document.querySelector(`a[rel="${rel}"]`); if (a) a.click(); };
  const act = { o: go("#overview"), s: go("#sockets"), c: go("#conversations"), n: link("next"), p: link("prev"), t: () => byId("theme").click(), "?": showHelp,
    "/": () => { if (!shownView.search) { location.hash = "#conversations"; setTimeout(() => shownView.search && shownView.search.focus(), 50); } else shownView.search.focus(); } }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

byId("keys").addEventListener("click", showHelp);
byId("theme").addEventListener("click", () => theme.next());
const nameTheme = () => { byId("theme").textContent = `Theme: ${theme.choice}`; };
addEventListener("themechange", nameTheme);
nameTheme();
report.name = report.inputs.length ? baseName(report.inputs[0].Name) + (report.inputs.length > 1 ? ` and ${report.inputs.length - 1} more` : "") : "TCP conversations";
if (report.title) report.name = report.title;
byId("title").textContent = report.name;
byId("title").setAttribute("title", report.title);

if (typeof DecompressionStream === "undefined") {
  byId("view").replaceChildren(el("p", { class: "loading" }, "This browser cannot unpack the report (it lacks DecompressionStream). Any browser since 2023 can."));
} else {
  loadIndex().then(route).catch((error) => byId("view").replaceChildren(el("p", { class: "loading" }, `The report is damaged and could not be read: ${error.message}`)));
}
