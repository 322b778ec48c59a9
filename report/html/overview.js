// The first page: what was captured, what is wrong with it, who took part.

function overview() {
  const groups = findingGroups();
  const worst = [0, 0, 0, 0];
  for (const c of conversations) if (c.worst >= 0) worst[c.worst]++;
  return el("div", {},
    el("h1", {}, headline(worst)),
    captureFacts(),
    caveats(),
    detailNote(),
    el("div", { class: "two" },
      el("section", { class: "section", "aria-labelledby": "h-findings" },
        el("header", {}, el("h2", { id: "h-findings" }, "Findings"), el("span", { class: "soft" }, "by severity, then by how many conversations have them")),
        findingsTable(groups)),
      el("div", {},
        el("section", { class: "section", "aria-labelledby": "h-sockets" },
          el("header", {}, el("h2", { id: "h-sockets" }, "Sockets over time"), el("a", { href: "#sockets" }, "By host, and ss -tan at any moment")),
          populationChart("", { height: 210 })),
        el("section", { class: "section", "aria-labelledby": "h-closes" },
          el("header", {}, el("h2", { id: "h-closes" }, "How conversations opened and closed")),
          el("div", { class: "halves" }, tally("Opened", "opened", (c) => c.opened), tally("Closed", "closed", (c) => c.closed))))),
    el("div", { class: "two" }, hostsSection(), servicesSection()));
}

function headline(worst) {
  const all = plural(conversations.length, "conversation");
  const bad = [];
  if (worst[3]) bad.push(`${count(worst[3])} with errors`);
  if (worst[2]) bad.push(`${count(worst[2])} with warnings`);
  if (!conversations.length) return "No TCP conversation in this capture";
  if (bad.length) return `${all}: ${bad.join(", ")}`;
  if (worst[1] || worst[0]) return `${all}, nothing worse than a notice`;
  return report.unshown ? `${all}, nothing found of what was asked for` : `${all}, nothing odd found`;
}

function captureFacts() {
  const fact = (name, ...value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  const skipped = report.skipped.reduce((n, s) => n + s.N, 0);
  const inputs = report.inputs.map((i) => el("div", {}, i.Name, el("span", { class: "soft" }, ` ${[i.Format, ...(i.LinkTypes || [])].filter(Boolean).join(", ")}`)));
  return el("dl", { class: "facts" },
    fact(inputs.length > 1 ? "Captures" : "Capture", inputs.length > 2 ? el("details", {}, el("summary", {}, plural(inputs.length, "file")), inputs) : inputs),
    report.frames ? [fact("From (UTC)", stamp(report.first)), fact("To", stamp(report.last)), fact("Span", duration(report.last - report.first))] : [],
    fact("Frames", count(report.frames)), fact("TCP segments", count(report.segments)),
    fact("Skipped", skipped ? [report.skipped.length > 1 ? count(skipped) : "", el("span", { class: "soft" }, ` ${report.skipped.map((s) => `${count(s.N)} ${s.Reason}`).join(", ")}`)] : "none"));
}

function caveats() {
  const lines = report.inputs.filter((i) => i.Err).map((i) => `${i.Name}: ${i.Err}; ${i.Frames ? "what stands before is analysed" : "nothing of it was read"}.`);
  lines.push(...report.notices);
  if (report.unshown) lines.push(`${plural(report.unshown, "finding was", "findings were")} not asked for and left out.`);
  if (report.evicted) lines.push(`${plural(report.evicted, "conversation was", "conversations were")} reported before the end to bound memory.`);
  return lines.length ? el("ul", { class: "note-list" }, lines.map((l) => el("li", {}, l))) : null;
}

// detailNote tells what the page leaves out of most conversations.
function detailNote() {
  if (report.detailed >= report.total) return null;
  return el("p", { class: "detail-note" }, `${count(report.detailed)} of ${plural(report.total, "conversation")} come with a ladder, graphs and measures: the first of every finding and of every way to close, then the most severe, as far as ${report.budget > 0 ? bytes(report.budget) : "0 bytes"} hold them (`,
    el("code", { class: "flag" }, "--html-detail"), "). All have a row, both timelines and their findings.");
}

// findingGroups gathers findings by id, the worst first.
function findingGroups() {
  const groups = new Map();
  const add = (f, ids) => {
    let g = groups.get(f.id);
    if (!g) groups.set(f.id, g = { id: f.id, severity: f.severity, ids: new Set(), example: f, across: [] });
    if (f.severity > g.severity) { g.severity = f.severity; g.example = f; }
    for (const id of ids) g.ids.add(id);
    return g;
  };
  for (const f of report.across) add(f, f.conversations).across.push(f);
  for (const c of conversations) for (const f of c.findings) add(f, [c.id]);
  return [...groups.values()].sort((a, b) => b.severity - a.severity || b.ids.size - a.ids.size || (a.id < b.id ? -1 : 1));
}

function findingsTable(groups) {
  if (!groups.length) return el("p", { class: "loading" }, report.unshown || !conversations.length ? "No findings." : "No findings: every conversation opened, spoke and closed as it should.");
  const most = Math.max(...groups.map((g) => g.ids.size));
  return el("table", { class: "findings" },
    el("thead", {}, el("tr", {}, el("th", {}, el("span", { class: "hidden" }, "Severity")), el("th", {}, "Finding"), el("th", { class: "num" }, "Conversations"), el("th", {}, el("span", { class: "hidden" }, "Share")))),
    el("tbody", {}, groups.map((g) => {
      const only = g.ids.size === 1 ? [...g.ids][0] : undefined;
      const href = only !== undefined ? `#c${only}` : `#conversations?finding=${encodeURIComponent(g.id)}`;
      const bar = el("span", { class: `bar ${severities[g.severity]}`, "aria-hidden": "true" });
      bar.style.width = Math.max(2, 70 * g.ids.size / most) + "px";
      const rule = report.rules[g.id];
      return el("tr", {}, el("td", {}, mark(g.severity)),
        el("td", {}, el("a", { class: "id", href }, g.id), " ", el("span", { class: "soft", title: g.example.summary }, rule && g.ids.size > 1 ? rule.Title : g.example.summary), acrossList(g.across)),
        el("td", { class: "num" }, el("a", { href }, count(g.ids.size))), el("td", {}, bar));
    })));
}

// ACROSS is how many findings over several conversations of one kind are listed.
const ACROSS = 3;

function acrossList(findings) {
  if (!findings.length) return null;
  const more = findings.length - ACROSS;
  return el("ul", { class: "across" }, findings.slice(0, ACROSS).map((f) => el("li", { title: f.detail }, f.summary)),
    more > 0 ? el("li", { class: "soft" }, `${count(more)} more like ${more > 1 ? "these" : "this"}`) : null);
}

function tally(title, filter, of) {
  const kinds = new Map();
  for (const c of conversations) kinds.set(of(c), (kinds.get(of(c)) || 0) + 1);
  const sorted = [...kinds].sort((a, b) => b[1] - a[1]);
  return el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, title), el("th", { class: "num" }, el("span", { class: "hidden" }, "Conversations")), el("th", {}, el("span", { class: "hidden" }, "Share")))),
    el("tbody", {}, sorted.map(([kind, n]) => {
      const bar = el("span", { class: "bar", "aria-hidden": "true" });
      bar.style.width = Math.max(2, 60 * n / sorted[0][1]) + "px";
      return el("tr", {}, el("td", {}, el("a", { href: `#conversations?${filter}=${encodeURIComponent(kind)}` }, kind)), el("td", { class: "num" }, count(n)), el("td", {}, bar));
    })));
}

// Hosts and services, the busiest first; the table of all is a filter away.
const TOP = 12;

function hostsSection() {
  const hosts = new Map();
  for (const c of conversations) c.ends.forEach((e, side) => {
    let h = hosts.get(e.addr);
    if (!h) hosts.set(e.addr, h = { addr: e.addr, client: 0, server: 0, bytes: 0, retransmissions: 0, resets: 0, worst: -1, trouble: 0 });
    if (side) h.server++; else h.client++;
    h.bytes += e.bytes; h.retransmissions += e.retransmissions; h.resets += e.resets;
    if (c.worst >= 2) h.trouble++;
    h.worst = Math.max(h.worst, c.worst);
  });
  const list = [...hosts.values()].sort((a, b) => b.trouble - a.trouble || b.client + b.server - a.client - a.server);
  return topTable("Hosts", "h-hosts", list, ["", "Host", "As client", "As server", "Sent", "Retransmitted", "Resets", "With trouble"], (h) => [
    h.worst >= 0 ? mark(h.worst) : "", el("a", { class: "mono", href: `#conversations?host=${encodeURIComponent(h.addr)}` }, h.addr + called(h.addr)), count(h.client), count(h.server), bytes(h.bytes), count(h.retransmissions), count(h.resets),
    h.trouble ? el("a", { href: `#conversations?host=${encodeURIComponent(h.addr)}&severity=warning` }, count(h.trouble)) : "0"]);
}

function servicesSection() {
  const hosts = new Map(), list = [];
  for (const c of conversations) {
    const e = c.ends[1];
    let services = hosts.get(e.addr);
    if (!services) hosts.set(e.addr, services = new Map());
    let s = services.get(e.port);
    if (!s) services.set(e.port, s = { end: e, n: 0, clients: new Set(), refused: 0, trouble: 0, worst: -1 });
    s.n++; s.clients.add(c.ends[0].addr);
    if (c.closed === "refused" || c.opened === "refused") s.refused++;
    if (c.worst >= 2) s.trouble++;
    s.worst = Math.max(s.worst, c.worst);
  }
  for (const services of hosts.values()) list.push(...services.values());
  list.sort((a, b) => b.trouble - a.trouble || b.n - a.n);
  return topTable("Services", "h-services", list, ["", "Address and port", "Conversations", "Clients", "Refused", "With trouble"], (s) => {
    const query = `host=${encodeURIComponent(s.end.addr)}&port=${s.end.port}`;
    const colon = s.end.name.lastIndexOf(":"); // where there is no room, the port goes to a line of its own
    return [s.worst >= 0 ? mark(s.worst) : "", el("a", { class: "mono", href: `#conversations?${query}` }, s.end.name.slice(0, colon), el("wbr"), s.end.name.slice(colon)), count(s.n), count(s.clients.size), count(s.refused),
      s.trouble ? el("a", { href: `#conversations?${query}&severity=warning` }, count(s.trouble)) : "0"];
  });
}

function topTable(title, id, list, heads, cells) {
  const body = el("tbody", {});
  const fill = (n) => body.replaceChildren(...list.slice(0, n).map((item) => el("tr", {}, cells(item).map((v, i) => el("td", { class: i > 1 ? "num" : null }, v)))));
  fill(TOP);
  const more = list.length > TOP ? el("button", { type: "button", class: "small no-print", onclick: (e) => { fill(200); e.target.remove(); } }, `Show ${count(Math.min(200, list.length))}`) : null;
  return el("section", { class: "section", "aria-labelledby": id },
    el("header", {}, el("h2", { id }, title), el("span", { class: "soft" }, list.length > TOP ? `${TOP} of ${count(list.length)}, those with trouble first` : ""), more),
    el("table", {}, el("thead", {}, el("tr", {}, heads.map((h, i) => el("th", { class: i > 1 ? "num" : null }, h || el("span", { class: "hidden" }, "Severity"))))), body));
}
