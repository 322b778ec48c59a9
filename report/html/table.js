// The table of conversations: only the lines in sight exist. Filters, search
// and order live in the address, so a filtered table can be linked to.

const LINE = 28;

const columns = [
  { key: "worst", title: "", label: "severity", of: (c) => -c.worst },
  { key: "id", title: "#", num: true, of: (c) => c.id },
  { key: "first", title: "Start", label: "start", num: true, of: (c) => c.first },
  { key: "client", title: "Client", of: (c) => c.ends[0].name },
  { key: "server", title: "Server", of: (c) => c.ends[1].name },
  { key: "duration", title: "Duration", num: true, of: (c) => c.first - c.last },
  { key: "segments", title: "Segm.", label: "segments", num: true, of: (c) => -c.segments },
  { key: "bytes", title: "Bytes", num: true, of: (c) => -(c.ends[0].bytes + c.ends[1].bytes) },
  { key: "closed", title: "Closed", of: (c) => c.closed },
  { key: "cstate", title: "Client is", label: "client's last state", of: (c) => c.ends[0].state },
  { key: "sstate", title: "Server is", label: "server's last state", of: (c) => c.ends[1].state },
  { key: "verdict", title: "Verdict", of: (c) => c.verdict },
];

// matches returns the test for what the address asks.
function matches(query) {
  const words = (query.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
  const is = (name) => query.get(name) || "";
  const finding = is("finding"), state = is("state"), closed = is("closed"), opened = is("opened"), host = is("host"), port = is("port"), severity = is("severity");
  return (c) => {
    if (finding && !c.findings.some((f) => f.id === finding) && !(c.across || []).some((f) => f.id === finding)) return false;
    if (state && !c.ends.some((e) => report.states[e.state] === state)) return false;
    if (closed && c.closed !== closed || opened && c.opened !== opened) return false;
    if (host && !c.ends.some((e) => e.addr === host)) return false;
    if (port && !c.ends.some((e) => String(e.port) === port)) return false;
    if (severity && c.worst < severities.indexOf(severity)) return false;
    if (!words.length) return true;
    const text = textOf(c);
    return words.every((w) => text.includes(w));
  };
}

function textOf(c) {
  return c.text ||= [`#${c.id}`, c.ends[0].name, c.ends[1].name, called(c.ends[0].addr), called(c.ends[1].addr), c.opened, c.closed, c.verdict, c.scope, c.protocol, report.states[c.ends[0].state],
    report.states[c.ends[1].state], ...c.facts, ...c.findings.map((f) => `${f.id} ${f.summary}`)].join(" ").toLowerCase();
}

function choices(of) {
  const tally = new Map();
  for (const c of conversations) for (const value of new Set(of(c))) tally.set(value, (tally.get(value) || 0) + 1);
  return [...tally].sort((a, b) => b[1] - a[1]).slice(0, 300);
}

function conversationsView(query) {
  let shown = [];
  const status = el("p", { class: "soft", role: "status" });
  const scroll = el("div", { class: "scroll", role: "rowgroup", tabindex: "-1" });
  const space = el("div", { role: "presentation" });
  scroll.append(space);

  const head = el("div", { class: "head", role: "row" });
  const grid = el("div", { class: "grid", role: "table", "aria-label": "Conversations", "aria-colcount": columns.length }, el("div", { role: "rowgroup" }, head), scroll);

  grid.style.setProperty("--start", `${seconds(report.last - report.first, 3).length}ch`); // no two starts are to be cut to the same

  function change(name, value) {
    if (value) query.set(name, value); else query.delete(name);
    history.replaceState(null, "", "#conversations" + (query.size ? "?" + query : ""));
    refresh();
  }
  function sortBy(key) {
    const [now, way] = (query.get("sort") || "id").split("-");
    change("sort", now === key && !way ? key + "-r" : key);
  }

  function refresh() {
    const [key, way] = (query.get("sort") || "id").split("-");
    const column = columns.find((c) => c.key === key) || columns[1];
    const keyed = conversations.filter(matches(query)).map((c) => [column.of(c), c]);
    keyed.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1].id - b[1].id));
    shown = keyed.map((k) => k[1]);
    if (way) shown.reverse();
    head.replaceChildren(...columns.map((c) => el("span", { class: c.num ? "num" : null, role: "columnheader", "aria-sort": c === column ? (way ? "descending" : "ascending") : null },
      el("button", { type: "button", onclick: () => sortBy(c.key), title: `Sort by ${c.label || c.title.toLowerCase()}`, "aria-label": c.title ? null : "Sort by severity" },
        (c.title || "!") + (c === column ? (way ? " ↓" : " ↑") : "")))));
    status.textContent = shown.length === conversations.length
      ? plural(shown.length, "conversation") : `${count(shown.length)} of ${plural(conversations.length, "conversation")}`;
    grid.setAttribute("aria-rowcount", shown.length + 1);
    space.style.height = shown.length * LINE + "px";
    scroll.scrollTop = 0;
    drawn = "";
    draw();
  }

  let drawn = "";
  function draw() {
    const all = printing();
    const first = all ? 0 : Math.max(0, Math.floor(scroll.scrollTop / LINE) - 8);
    const last = all ? Math.min(shown.length, 400) : Math.min(shown.length, first + Math.ceil(scroll.clientHeight / LINE) + 16);
    if (drawn === `${first} ${last}`) return;
    drawn = `${first} ${last}`;
    const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.index : undefined;
    space.replaceChildren(...shown.slice(first, last).map((c, i) => line(c, first + i)));
    if (all) space.style.height = (last - first) * LINE + "px";
    if (!shown.length) space.replaceChildren(el("p", { class: "empty" }, conversations.length ? "No conversation matches. Clear a filter to see more." : "No TCP conversation in this capture."));
    if (focused !== undefined) focusLine(Number(focused));
  }
  function focusLine(i) {
    const node = space.querySelector(`[data-index="${i}"]`);
    if (node) node.focus({ preventScroll: true });
  }

  scroll.addEventListener("scroll", draw, { passive: true });
  new ResizeObserver(draw).observe(scroll);
  addEventListener("beforeprint", draw);
  addEventListener("afterprint", draw);
  grid.addEventListener("keydown", (event) => {
    const at = Number(document.activeElement.dataset.index);
    const page = Math.max(1, Math.floor(scroll.clientHeight / LINE) - 1);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined || Number.isNaN(at)) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(shown.length - 1, to));
    if (next * LINE < scroll.scrollTop) scroll.scrollTop = next * LINE;
    if ((next + 1) * LINE > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = (next + 1) * LINE - scroll.clientHeight;
    draw();
    focusLine(next);
  });

  const select = (name, label, options) => el("label", {}, label, el("select", { name, onchange: (e) => change(name, e.target.value) },
    el("option", { value: "" }, "any"), options.map(([value, n]) => el("option", { value, selected: query.get(name) === String(value) }, n === undefined ? value : `${value} (${count(n)})`))));
  const search = el("input", { type: "search", name: "q", placeholder: "address, port, state, words …", value: query.get("q"), oninput: (e) => change("q", e.target.value) });
  const filters = el("form", { class: "filters", onsubmit: (e) => e.preventDefault() },
    el("label", {}, "Search", search),
    select("severity", "At least", [["error"], ["warning"], ["notice"], ["info"]]),
    select("finding", "Finding", choices((c) => [...c.findings, ...(c.across || [])].map((f) => f.id))),
    select("opened", "Opened", choices((c) => [c.opened])),
    select("closed", "Closed", choices((c) => [c.closed])),
    select("state", "Last state", choices((c) => c.ends.map((e) => report.states[e.state]))),
    select("host", "Host", choices((c) => c.ends.map((e) => e.addr))),
    select("port", "Port", choices((c) => c.ends.map((e) => e.port))),
    el("button", { type: "button", onclick: () => { location.hash = "#conversations"; } }, "Clear"));

  const view = el("div", {}, el("header", { class: "chart-head" }, el("h1", {}, "Conversations"), status), filters, grid);
  refresh();
  view.search = search;
  return view;
}

const printing = () => matchMedia("print").matches;

function line(c, index) {
  const cell = (attrs, ...children) => el("span", { role: "cell", ...attrs }, children);
  const num = (...children) => cell({ class: "num" }, children);
  const node = el("a", { class: "line", role: "row", href: `#c${c.id}`, "data-index": index, "aria-rowindex": index + 2 },
    cell({}, c.worst >= 0 ? mark(c.worst) : null), num(c.id), cell({ class: "num", title: `${stamp(c.first)} UTC` }, seconds(c.first - report.first, 3)),
    cell({ title: c.ends[0].name }, c.ends[0].name), cell({ title: c.ends[1].name }, c.ends[1].name),
    num(duration(c.last - c.first)), num(count(c.segments)), num(bytes(c.ends[0].bytes + c.ends[1].bytes)), cell({}, c.closed),
    cell({}, chip(c.ends[0].state)), cell({}, chip(c.ends[1].state)), cell({ class: "verdict", title: c.verdict }, c.verdict));
  node.style.top = index * LINE + "px";
  return node;
}
