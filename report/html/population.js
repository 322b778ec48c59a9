// How many sockets were in each state at each moment, and the table that
// ss -tan would have shown: one endpoint of a conversation is one socket.

// From the bottom up: what leaks lies on the axis, where its growth shows.
const stackOrder = [7, 9, 5, 6, 8, 2, 3, 4, 10];
const ssNames = ["UNCONN", "LISTEN", "SYN-SENT", "SYN-RECV", "ESTAB", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"];

// eachSocket calls f with the sockets of a host, or with all of them.
function eachSocket(host, f) {
  for (const c of conversations) for (let side = 0; side < 2; side++) {
    if (!host || c.ends[side].addr === host) f(c, side, c.ends[side].flat);
  }
}

// population holds, of each state, when sockets entered and when they left it.
function population(host) {
  const place = new Int8Array(16).fill(-1);
  stackOrder.forEach((s, i) => { place[s] = i; });
  const sizes = new Uint32Array(2 * stackOrder.length);
  const each = (f) => eachSocket(host, (c, side, flat) => {
    for (let i = 0; i < flat.length; i += 5) {
      const p = place[flat[i]];
      if (p < 0) continue;
      f(2 * p, flat[i + 3]);
      if (i + 5 < flat.length) f(2 * p + 1, flat[i + 8]);
    }
  });
  each((k) => { sizes[k]++; });
  const times = Array.from(sizes, (n) => new Float64Array(n));
  sizes.fill(0);
  each((k, t) => { times[k][sizes[k]++] = t; });
  for (const list of times) list.sort();
  return { enter: stackOrder.map((s, i) => times[2 * i]), leave: stackOrder.map((s, i) => times[2 * i + 1]) };
}

// upTo counts the values of a sorted array that are not after t.
function upTo(sorted, t) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (sorted[mid] <= t) low = mid + 1; else high = mid;
  }
  return low;
}

const populationAt = (p, t) => p.enter.map((e, i) => upTo(e, t) - upTo(p.leave[i], t));

// sampled takes the busiest of four moments of each column, so that a short
// peak is not lost between two pixels.
function sampled(p, from, to, columns) {
  const out = [];
  for (let x = 0; x <= columns; x++) {
    let best = null, most = -1;
    for (let k = 0; k < 4; k++) {
      const now = populationAt(p, from + (to - from) * Math.min(columns, x + k / 4) / columns);
      const total = now.reduce((a, b) => a + b, 0);
      if (total > most) { most = total; best = now; }
    }
    out.push({ counts: best, total: most });
  }
  return out;
}

function populationChart(host, o) {
  const p = population(host);
  const frame = timeFrame(report.first, report.last);
  const legend = el("ul", { class: "legend" });
  let cache = null;
  const samples = (from, to, width) => {
    const key = `${from} ${to} ${width}`;
    if (!cache || cache.key !== key) cache = { key, columns: sampled(p, from, to, Math.max(2, width - LEFT - RIGHT)) };
    return cache.columns;
  };
  const canvas = plot(frame, {
    height: o.height, label: "Stacked chart of sockets in each state over time", origin: report.first, whole: true, clickOnly: o.clickOnly,
    yText: (v) => count(Math.round(v)),
    yMax: (from, to) => 1.08 * Math.max(4, ...samples(from, to, canvas.clientWidth).map((s) => s.total)),
    paint(g, X, Y, from, to, width) {
      const columns = samples(from, to, width);
      const base = new Float64Array(columns.length);
      stackOrder.forEach((state, i) => {
        if (!columns.some((c) => c.counts[i])) return;
        g.fillStyle = stateColour(state);
        g.beginPath();
        columns.forEach((c, x) => { const y = Y(base[x] + c.counts[i]); g.lineTo(LEFT + x, y); g.lineTo(LEFT + x + 1, y); });
        for (let x = columns.length - 1; x >= 0; x--) { g.lineTo(LEFT + x + 1, Y(base[x])); g.lineTo(LEFT + x, Y(base[x])); }
        g.fill();
        columns.forEach((c, x) => { base[x] += c.counts[i]; });
        outline(g, Y, base, colour("--page"));
      });
      outline(g, Y, base, colour("--edge"));
    },
  });
  const show = (t) => {
    const now = t === null ? null : populationAt(p, t);
    const total = now && now.reduce((a, b) => a + b, 0);
    legend.replaceChildren(el("li", {}, el("b", {}, t === null ? "most at once" : `${seconds(t - report.first, 3)} s · ${when(t)} · ${plural(total, "socket")}`)),
      ...stackOrder.map((s, i) => (p.enter[i].length ? el("li", {}, chip(s), " ", el("b", {}, count(now ? now[i] : peak(p, i)))) : null)).filter(Boolean));
  };
  frame.listeners.push(show);
  if (o.onCursor) frame.listeners.push(o.onCursor);
  show(null);
  const node = el("div", { class: "chart" }, legend, canvas);
  node.frame = frame;
  return node;
}

// outline draws the top of an area: some states are pale, and neighbours alike to
// some eyes, so a line parts them, and one rounds off the whole.
function outline(g, Y, top, ink) {
  g.strokeStyle = ink;
  g.lineWidth = 1;
  g.beginPath();
  top.forEach((v, x) => { if (v > 0 || top[x - 1] > 0) { g.lineTo(LEFT + x, Y(v)); g.lineTo(LEFT + x + 1, Y(v)); } else g.moveTo(LEFT + x + 1, Y(v)); });
  g.stroke();
}

// peak is the most sockets that were in one state at once.
function peak(p, i) {
  let most = 0;
  const leave = p.leave[i];
  let gone = 0;
  p.enter[i].forEach((t, n) => {
    while (gone < leave.length && leave[gone] <= t) gone++;
    most = Math.max(most, n + 1 - gone);
  });
  return most;
}

// socketsAt lists what existed at t, in the order of ss: by state, then address.
function socketsAt(host, t) {
  const out = [];
  eachSocket(host, (c, side, flat) => {
    let at = -1;
    for (let i = 0; i < flat.length && flat[i + 3] <= t; i += 5) at = i;
    if (at < 0 || flat[at] === CLOSED || flat[at] === LISTEN) return;
    out.push({ c, side, state: flat[at], since: flat[at + 3], evidence: flat[at + 4] });
  });
  return out.sort((a, b) => stackOrder.indexOf(a.state) - stackOrder.indexOf(b.state) || a.since - b.since || a.c.id - b.c.id);
}

const SHOWN = 500;

function socketsView(query) {
  const host = query.get("host") || "";
  const table = el("div", {});
  const set = (name, value) => {
    if (value === "") query.delete(name); else query.set(name, value);
    history.replaceState(null, "", "#sockets" + (query.size ? "?" + query : ""));
  };
  let at = query.has("at") ? report.first + Number(query.get("at")) * 1e9 : busiestMoment(host);
  if (!(at >= report.first && at <= report.last)) at = report.last;
  let pending = 0;
  const chart = populationChart(host, { height: 300, onCursor: (t) => {
    at = t;
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => { fill(); set("at", ((at - report.first) / 1e9).toFixed(6)); });
  } });
  const hosts = choices((c) => c.ends.map((e) => e.addr));
  const view = el("div", {},
    el("header", { class: "chart-head" }, el("h1", {}, "Sockets over time"),
      el("label", { class: "soft" }, "Host ", el("select", { onchange: (e) => { set("host", e.target.value); route(); } },
        el("option", { value: "" }, "all hosts"), hosts.map(([h, n]) => el("option", { value: h, selected: h === host }, `${h} (${count(n)})`)))),
      el("span", { class: "soft no-print" }, "Move to read a moment, drag to zoom, double-click for all.")),
    chart, table);

  function fill() {
    const now = socketsAt(host, at);
    table.replaceChildren(
      el("section", { class: "section", "aria-labelledby": "h-ss" },
        el("header", {}, el("h2", { id: "h-ss" }, `ss -tan${host ? " on " + host : ""} at ${when(at)} UTC`),
          el("span", { class: "soft" }, `${seconds(at - report.first)} s${at - report.first < HOUR ? "" : ` (${duration(at - report.first)})`} after the start, ${plural(now.length, "socket")}${now.length > SHOWN ? `, the first ${SHOWN} shown` : ""}`)),
        el("table", {}, el("thead", {}, el("tr", {}, ["State", "Local Address:Port", "Peer Address:Port"].map((h) => el("th", {}, h)), el("th", { class: "num" }, "For"), el("th", {}, "Known by"), el("th", { class: "num" }, "Conversation"))),
          el("tbody", {}, now.slice(0, SHOWN).map((s) => el("tr", {},
            el("td", {}, el("span", { class: `chip state-${s.state}` }, el("i", { "aria-hidden": "true" }), el("span", { class: "mono" }, ssNames[s.state]))),
            el("td", { class: "mono" }, s.c.ends[s.side].name), el("td", { class: "mono" }, s.c.ends[1 - s.side].name),
            el("td", { class: "num" }, duration(at - s.since)), el("td", { class: "soft" }, evidences[s.evidence]), el("td", { class: "num" }, el("a", { href: `#c${s.c.id}` }, `#${s.c.id}`))))))));
  }
  fill();
  requestAnimationFrame(() => chart.frame.point(at, true));
  return view;
}

// busiestMoment is when most sockets existed: where a reader would look first.
function busiestMoment(host) {
  const p = population(host);
  let best = report.first, most = -1;
  for (let i = 0; i <= 400; i++) {
    const t = report.first + (report.last - report.first) * i / 400;
    const total = populationAt(p, t).reduce((a, b) => a + b, 0);
    if (total >= most) { most = total; best = t; }
  }
  return best;
}
