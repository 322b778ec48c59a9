// The graphs of one conversation, all from its ladder rows: time and sequence
// numbers as tcptrace draws them, window and bytes in flight, round-trip times,
// throughput. Times are of the point of capture. --series gives the same figures.

// directionOf gathers what the graphs need of what one side sent.
function directionOf(c, rows, side) {
  const d = { side, data: [], acks: [], sacks: [], flight: [], rtt: [], ends: [], sent: 0, high: 0 };
  for (const r of rows) {
    if (r.icmp) continue;
    const t = r.time, flight = d.flight.length ? d.flight[d.flight.length - 1].v : 0;
    if (r.inFlight[side] !== flight) d.flight.push({ t, v: r.inFlight[side] });
    if (r.from === side) {
      if (r.flags & RST) { d.ends.push({ t, seq: r.seq, name: "RST" }); continue; }
      const length = r.len + (r.flags & SYN ? 1 : 0) + (r.flags & FIN ? 1 : 0);
      if (r.flags & SYN) d.ends.push({ t, seq: r.seq, name: "SYN" });
      if (r.flags & FIN) d.ends.push({ t, seq: r.seq + r.len, name: "FIN" });
      if (!length) continue;
      const end = r.seq + length;
      d.data.push({ t, from: r.seq, to: end, again: end <= d.sent, len: r.len });
      d.sent = Math.max(d.sent, end);
      d.high = Math.max(d.high, end);
    } else if (r.flags & ACK && !(r.flags & RST)) {
      d.acks.push({ t, ack: r.ack, window: r.window });
      for (let i = 0; i < r.sack.length; i += 2) d.sacks.push({ t, from: r.sack[i], to: r.sack[i + 1] });
      if (r.rtt) d.rtt.push({ t, v: r.rtt });
      d.high = Math.max(d.high, r.ack);
    }
  }
  return d;
}

function stepLine(g, points, X, Y, value) {
  g.beginPath();
  let y = null;
  for (const p of points) {
    const x = X(p.t), to = Y(value(p));
    if (y === null) g.moveTo(x, to); else { g.lineTo(x, y); g.lineTo(x, to); }
    y = to;
  }
  g.stroke();
}

const inRange = (list, from, to) => list.filter((p) => p.t >= from && p.t <= to);
const highest = (list, of) => list.reduce((m, p) => Math.max(m, of(p)), 0);

// timeSequence draws one direction: a bar a segment, the ACK line below, the
// window line above, SACK blocks, retransmissions in their own colour.
function timeSequence(frame, c, d) {
  const low = (from, to) => Math.min(...inRange(d.data, from, to).map((p) => p.from), ...inRange(d.acks, from, to).map((a) => a.ack), d.high);
  return plot(frame, {
    height: 250, origin: c.first, label: `Time-sequence graph of what the ${sides[d.side]} sent`, yText: shortBytes,
    yMin: (from, to) => low(from, to),
    yMax: (from, to) => {
      const floor = low(from, to);
      const top = Math.max(highest(inRange(d.data, from, to), (p) => p.to), highest(inRange(d.acks, from, to), (a) => a.ack), floor + 1);
      const window = highest(inRange(d.acks, from, to), (a) => a.ack + a.window);
      return floor + 1.06 * Math.max(1, Math.min(Math.max(top, window), top + (top - floor) * 0.6) - floor); // a huge window must not flatten the data
    },
    paint(g, X, Y, from, to) {
      g.lineWidth = 1;
      g.strokeStyle = colour("--winline");
      stepLine(g, d.acks, X, Y, (a) => a.ack + a.window);
      g.strokeStyle = colour("--ackline");
      g.lineWidth = 1.5;
      stepLine(g, d.acks, X, Y, (a) => a.ack);
      g.strokeStyle = colour("--s10");
      g.lineWidth = 2;
      for (const s of inRange(d.sacks, from, to)) { g.beginPath(); g.moveTo(X(s.t), Y(s.from)); g.lineTo(X(s.t), Y(s.to)); g.stroke(); }
      const ink = colour(d.side ? "--server" : "--client"), again = colour("--retransmit");
      for (const p of inRange(d.data, from, to)) {
        const x = X(p.t), a = Y(p.from), b = Math.min(Y(p.to), a - 1.5);
        g.strokeStyle = p.again ? again : ink;
        g.lineWidth = p.again ? 3 : 2;
        g.beginPath(); g.moveTo(x, a); g.lineTo(x, b); g.stroke();
        g.lineWidth = 1;
        g.beginPath(); g.moveTo(x - 3, b); g.lineTo(x + 3, b); g.moveTo(x - 3, a); g.lineTo(x + 3, a); g.stroke();
        if (p.again) { g.fillStyle = again; g.fillText("R", x + 9, (a + b) / 2); }
      }
      g.fillStyle = colour("--ink");
      g.textAlign = "left";
      let last = { x: -99, y: 0 };
      for (const e of inRange(d.ends, from, to)) {
        const x = Math.min(X(e.t) + 5, X(to) - 26);
        let y = Math.max(TOP_PAD + 6, Y(e.seq) - 8);
        if (x - last.x < 26 && Math.abs(y - last.y) < 12) y = last.y + 12; // a RST just after a FIN: below it
        g.fillText(e.name, x, y);
        last = { x, y };
      }
      g.textAlign = "center";
    },
  });
}

const shortBytes = (v) => (Math.abs(v) < 10000 ? String(Math.round(v)) : Math.abs(v) < 1e6 ? `${+(v / 1e3).toFixed(1)} k` : Math.abs(v) < 1e9 ? `${+(v / 1e6).toFixed(2)} M` : `${+(v / 1e9).toFixed(3)} G`);

function flightGraph(frame, c, d) {
  return plot(frame, {
    height: 120, origin: c.first, label: `Bytes in flight from the ${sides[d.side]}, and the window it was given`, yText: shortBytes,
    yMax: (from, to) => {
      const flight = highest(inRange(d.flight, from, to), (p) => p.v), window = highest(inRange(d.acks, from, to), (a) => a.window);
      return 1.08 * Math.max(1, flight ? Math.min(Math.max(window, flight), flight * 4) : window);
    },
    paint(g, X, Y) {
      g.strokeStyle = colour("--winline");
      g.lineWidth = 1.5;
      stepLine(g, d.acks, X, Y, (a) => a.window);
      g.strokeStyle = colour(d.side ? "--server" : "--client");
      stepLine(g, d.flight, X, Y, (p) => p.v);
      g.fillStyle = colour("--error"); // a closed window stops the sender: make it seen
      for (const a of d.acks) if (a.window === 0) g.fillRect(X(a.t) - 2.5, Y(0) - 5, 5, 5);
    },
  });
}

function rttGraph(frame, c, both) {
  return plot(frame, {
    height: 110, origin: c.first, label: "Time from each segment to the ACK that covered it", yText: (v) => (v ? duration(v) : "0"),
    yMax: (from, to) => 1.1 * Math.max(1000, ...both.map((d) => highest(inRange(d.rtt, from, to), (p) => p.v))),
    paint(g, X, Y, from, to) {
      for (const d of both) {
        g.fillStyle = colour(d.side ? "--server" : "--client");
        for (const p of inRange(d.rtt, from, to)) {
          g.beginPath();
          if (d.side) g.rect(X(p.t) - 2.5, Y(p.v) - 2.5, 5, 5); else g.arc(X(p.t), Y(p.v), 2.8, 0, 7);
          g.fill();
        }
      }
    },
  });
}

const BINS = 60;

function throughputGraph(frame, c, both) {
  const binned = (from, to) => both.map((d) => {
    const bins = new Float64Array(BINS), width = (to - from) / BINS;
    for (const p of inRange(d.data, from, to)) bins[Math.min(BINS - 1, Math.floor((p.t - from) / width))] += p.len / (width / 1e9);
    return bins;
  });
  return plot(frame, {
    height: 110, origin: c.first, label: "Throughput of both directions, in bytes a second", yText: (v) => (v ? `${shortBytes(v)}${v < 10000 ? " " : ""}B/s` : "0"),
    yMax: (from, to) => 1.1 * Math.max(1, ...binned(from, to).map((b) => Math.max(...b))),
    paint(g, X, Y, from, to) {
      binned(from, to).forEach((bins, side) => {
        g.strokeStyle = colour(side ? "--server" : "--client");
        g.lineWidth = 1.5;
        stepLine(g, [...bins].flatMap((v, i) => [{ t: from + (to - from) * i / BINS, v }]).concat([{ t: to, v: bins[BINS - 1] }]), X, Y, (p) => p.v);
      });
    },
  });
}

function graphsOf(c, rows, frame) {
  const both = [0, 1].map((side) => directionOf(c, rows, side));
  let side = both[1].high > both[0].high ? 1 : 0;
  const place = el("div", {});
  const swatch = (name, text) => { const i = el("i", { class: "swatch" }); i.style.borderColor = `var(${name})`; return el("li", {}, i, text); };
  const fill = () => {
    frame.plots.length = 0;
    const d = both[side];
    place.replaceChildren(
      el("h3", {}, "Time and sequence"),
      timeSequence(frame, c, d),
      el("ul", { class: "legend" }, swatch(side ? "--server" : "--client", "segment"), swatch("--retransmit", "R sent again"), swatch("--ackline", "ACK"), swatch("--winline", "window"), d.sacks.length ? swatch("--s10", "SACK") : null),
      el("h3", { class: "chart-head" }, "Bytes in flight ", el("span", { class: "soft" }, `and the ${sides[1 - side]}'s window`)),
      flightGraph(frame, c, d),
      el("h3", { class: "chart-head" }, "Round-trip time ", el("span", { class: "soft" }, "from the point of capture")),
      rttGraph(frame, c, both),
      el("h3", { class: "chart-head" }, "Throughput"),
      throughputGraph(frame, c, both),
      el("ul", { class: "legend" }, swatch("--client", "● client"), swatch("--server", "■ server")));
  };
  const buttons = [0, 1].map((s) => el("button", { type: "button", class: "small", "aria-pressed": String(s === side), onclick: () => {
    side = s;
    buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(i === s)));
    fill();
  } }, s ? "server → client" : "client → server"));
  fill();
  return el("div", {}, el("div", { class: "pane-head" }, el("h2", {}, "Graphs"),
    el("span", { class: "segmented", role: "group", "aria-label": "Direction" }, buttons),
    el("button", { type: "button", class: "small", onclick: () => frame.reset() }, "Whole time")), place);
}
