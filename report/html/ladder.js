// The ladder: two lifelines in the colour of their state, an arrow a segment,
// and what there is to say beside it. Rows come at even distance or in true
// time; long runs of plain data fold into one line.

const ROW = 30, FOLD_FROM = 5, LADDER_TOP = 34;

// plain rows may fold: nothing changed, nothing was said about them.
function plain(r, cited) {
  return !r.changed[0] && !r.changed[1] && !(r.flags & (SYN | FIN | RST)) && !r.marks.length && !r.note && !r.comment && !r.icmp && !cited.has(r.frame);
}

// entries puts rows, timers and folds in one list.
function ladderEntries(c, detail, steps, cited, unfolded) {
  const out = [];
  const timers = [0, 1].flatMap((side) => steps[side].filter((t) => !t.frame).map((t) => ({ timer: t, side, time: t.time }))).sort((a, b) => a.time - b.time);
  const rows = detail.rows;
  let run = [];
  const flush = () => {
    const id = run.length ? run[0].frame : 0;
    if (run.length >= FOLD_FROM && !unfolded.has(id)) out.push({ fold: run.slice(1, -1), id, time: run[1].time, before: run[0], after: run[run.length - 1] });
    else run.forEach((r) => out.push({ row: r, time: r.time }));
    run = [];
  };
  rows.forEach((r, i) => {
    const timed = timers.length && timers[0].time <= r.time, gap = detail.omitted && i === detail.gapAt;
    if (timed || gap || !plain(r, cited)) flush();
    while (timers.length && timers[0].time <= r.time) out.push(timers.shift());
    if (gap) out.push({ gap: detail.omitted, time: r.time });
    if (plain(r, cited)) run.push(r); else out.push({ row: r, time: r.time });
  });
  flush();
  out.push(...timers);
  // A folded run keeps its first and last segment in sight.
  return out.flatMap((e) => (e.fold ? [{ row: e.before, time: e.before.time }, e, { row: e.after, time: e.after.time }] : [e]));
}

function wrap(text, width, lines) {
  const out = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line && (line + " " + word).length > width) { out.push(line); line = word; } else line = line ? line + " " + word : word;
  }
  if (line) out.push(line);
  if (out.length > lines) { out.length = lines; out[lines - 1] = out[lines - 1].slice(0, Math.max(1, width - 1)) + "…"; }
  return out.map((l) => (l.length > width + 4 ? l.slice(0, width + 3) + "…" : l));
}

function segmentLabel(r, terse) {
  const parts = [`seq ${r.seq}${terse && r.len ? `+${r.len}` : ""}`];
  if (r.flags & ACK) parts.push(`ack ${r.ack}`);
  if (r.len && !terse) parts.push(`len ${r.len}`);
  return parts.join(" ");
}

const arrowFlags = (r) => (r.icmp ? "ICMP" : flagText(r.flags & 8 && r.len ? r.flags & ~8 : r.flags));

// What stands over an arrow: its width in columns, and how wide these are.
const arrowColumns = (r, terse) => (r.icmp ? 4 : arrowFlags(r).length + 1 + segmentLabel(r, terse).length);
const COLUMN = 6.65, BESIDE = 18;

function remarks(r, findings) {
  const words = [...r.marks];
  if (r.note) words.push(r.note);
  if (r.comment) words.push(`“${r.comment}”`);
  for (const f of findings) if (f.severity > 0 && f.frames[0] === r.frame && !words.includes(f.id)) words.push(`◂ ${f.id}`);
  return words.join(" · ");
}

// ladder draws it and returns the node with select(frame) and nearest(time).
function ladder(c, detail, steps, onSelect) {
  const findings = [...detail.findings, ...(c.across || [])];
  const cited = new Set(findings.flatMap((f) => f.frames));
  const unfolded = new Set();
  const place = el("div", {});
  let even = true, selected = 0, byFrame = new Map(), width = 0;

  function draw() {
    width = Math.max(690, place.clientWidth || 690);
    const longest = detail.rows.reduce((n, r) => Math.max(n, arrowColumns(r, true)), 0);
    const span = Math.max(212, Math.min(340, Math.max(Math.round(width * 0.31), Math.ceil(longest * COLUMN + BESIDE))));
    const L = 236, R = L + span, NOTES = R + 112;
    const noteChars = Math.floor((width - NOTES - 4) / 6.2);
    const list = ladderEntries(c, detail, steps, cited, unfolded);
    const t0 = list.length ? list[0].time : 0, t1 = list.length ? list[list.length - 1].time : 1;
    const tall = even ? list.length * ROW : Math.max(520, Math.min(6000, list.length * 18));
    const Y = (e, i) => LADDER_TOP + (even ? i * ROW + ROW / 2 : 14 + (e.time - t0) / Math.max(1, t1 - t0) * tall);
    const bottom = LADDER_TOP + tall + (even ? 8 : 40);
    const ys = list.map(Y);
    const head = [c.ends[0], c.ends[1]].map((e, side) => svg("text", { x: side ? R : L, y: 15, "text-anchor": "middle" }, svg("tspan", { class: "state-name" }, sides[side]), side ? "" : c.initiatorKnown ? "" : " (likely)"));
    const drawing = svg("svg", { class: "ladder", viewBox: `0 0 ${width} ${bottom}`, width, height: bottom, role: "listbox", "aria-label": "Ladder of segments" },
      head, svg("text", { class: "soft", x: 72, y: 15, "text-anchor": "end" }, "seconds"), svg("text", { class: "soft", x: 118, y: 15, "text-anchor": "end" }, "frame"), svg("text", { class: "soft", x: NOTES, y: 15 }, "notes"));
    byFrame = new Map();

    // Rows first, then lifelines over them, then the names of states.
    const lives = svg("g", {}), changes = svg("g", {}), front = svg("g", {});
    const now = [{ state: -1, presumed: false, from: LADDER_TOP }, { state: -1, presumed: false, from: LADDER_TOP }];
    const life = (side, to) => {
      const n = now[side], x = side ? R : L;
      if (to <= n.from) return;
      if (n.state < 0) lives.append(svg("path", { d: `M${x} ${n.from}V${to}`, stroke: "var(--line-strong)", "stroke-dasharray": "2 4" }));
      else lives.append(svg("rect", { x: x - 5, y: n.from, width: 10, height: to - n.from, fill: n.presumed ? "var(--page)" : `var(--s${n.state})`, stroke: n.presumed ? `var(--s${n.state})` : "var(--edge)", "stroke-width": n.presumed ? 2 : 1, "stroke-dasharray": n.presumed ? "4 3" : null },
        svg("title", {}, `${sides[side]}: ${report.states[n.state]}${n.presumed ? ", presumed" : ""}`)));
      n.from = to;
    };
    const enter = (side, state, evidence, y, via) => {
      life(side, y);
      Object.assign(now[side], { state, presumed: evidence === PRESUMED });
      const x = side ? R + 12 : L - 12, anchor = side ? "start" : "end";
      const sign = { 1: " ✓", 2: " ?" }[evidence] || "";
      changes.append(svg("path", { class: "change", d: `M${(side ? R : L) - 6} ${y}h12` }),
        svg("text", { class: `state-name${evidence === PRESUMED ? " presumed-name" : ""}`, x, y: y + 4, "text-anchor": anchor }, svg("title", {}, `${evidences[evidence]}: ${evidenceMeaning[evidences[evidence]]}`), report.states[state] + sign),
        via.length ? svg("text", { class: "soft", x, y: y + 15, "text-anchor": anchor }, `via ${via[via.length - 1]}`) : "");
    };
    let lastText = -99;
    list.forEach((e, i) => {
      const y = ys[i], roomy = even || y - lastText >= 14;
      if (roomy) lastText = y;
      if (e.timer) {
        enter(e.side, e.timer.state, e.timer.evidence, y, []);
        if (roomy) front.append(svg("text", { class: "soft", x: 72, y: y + 4, "text-anchor": "end" }, seconds(e.time - c.first)), svg("text", { class: "note", x: NOTES, y: y + 4 }, wrap(`timer: ${e.timer.cause}`, noteChars, 1)[0]));
        return;
      }
      if (e.gap) {
        front.append(svg("path", { class: "fold-line", d: `M${L + 8} ${y}H${R - 8}` }), svg("text", { class: "soft", x: (L + R) / 2, y: y - 4, "text-anchor": "middle" }, `${plural(e.gap, "segment")} not kept`));
        return;
      }
      if (e.fold) {
        const from = [0, 1].map((s) => e.fold.filter((r) => r.from === s)), size = (l) => l.reduce((n, r) => n + r.len, 0);
        const text = `⋯ ${from.map((l, s) => (l.length ? `${l.length} ${s ? "◂" : "▸"} ${size(l) ? bytes(size(l)) : "ACKs"}` : "")).filter(Boolean).join("  ")}`;
        const open = () => { unfolded.add(e.id); draw(); select(selected || e.before.frame, true); };
        if (roomy) front.append(svg("g", { class: "row", role: "option", tabindex: -1, "aria-label": `${plural(e.fold.length, "segment")} folded. Enter unfolds.`, "data-fold": e.id, onclick: open, onunfold: open },
          svg("rect", { class: "back", x: 124, y: y - 12, width: width - 126, height: 24 }), svg("path", { class: "fold-line", d: `M${L + 8} ${y + 5}H${R - 8}` }),
          svg("text", { class: "soft", x: (L + R) / 2, y: y, "text-anchor": "middle" }, text), svg("text", { class: "note soft", x: NOTES, y: y + 2 }, "show all")));
        return;
      }
      const r = e.row;
      for (let side = 0; side < 2; side++) {
        if (r.changed[side]) enter(side, r.states[side], r.evidence[side], y, steps[side].filter((t) => t.frame === r.frame).slice(0, -1).map((t) => report.states[t.state]));
        else if (r.known[side] && now[side].state !== r.states[side]) { life(side, y); Object.assign(now[side], { state: r.states[side], presumed: r.evidence[side] === PRESUMED }); }
      }
      const right = r.from === 0, x1 = right ? L + 7 : R - 7, x2 = right ? R - 7 : L + 7, d = right ? -1 : 1;
      const odd = r.marks.some((m) => /retrans|spurious|duplicate|out.of.order|reorder/i.test(m));
      const cls = ["row", r.flags & RST ? "rst" : odd ? "odd" : "", !r.len && !(r.flags & (SYN | FIN | RST)) ? "pure" : ""].join(" ");
      const words = remarks(r, findings);
      const g = svg("g", { class: cls, role: "option", tabindex: -1, "aria-selected": "false", "data-frame": r.frame, onclick: () => select(r.frame),
        "aria-label": `Frame ${r.frame}, ${seconds(r.time - c.first)} s, ${sides[r.from]} to ${sides[1 - r.from]}: ${r.icmp ? "ICMP error" : flagText(r.flags)} ${segmentLabel(r)}. ${words}` },
      svg("rect", { class: "back", x: 0, y: y - (even ? ROW / 2 : 7), width, height: even ? ROW : 14 }));
      const arrow = [svg("path", { class: "arrow", d: `M${x1} ${y - 1}L${x2} ${y + 3}`, "stroke-dasharray": r.icmp ? "3 3" : null }), svg("path", { class: "arrow-head", d: `M${x2} ${y + 3}l${d * 8} -4v8z` })];
      g.append(...arrow);
      if (roomy) {
        g.append(svg("text", { class: "soft", x: 72, y: y + 4, "text-anchor": "end" }, seconds(r.time - c.first)), svg("text", { x: 118, y: y + 4, "text-anchor": "end" }, r.frame),
          svg("text", { x: (L + R) / 2, y: y - 4, "text-anchor": "middle" }, svg("tspan", { class: "flags" }, arrowFlags(r)), r.icmp ? "" : " " + segmentLabel(r, arrowColumns(r) * COLUMN + BESIDE > span)));
        const noted = wrap(words, noteChars, even ? 2 : 1);
        noted.forEach((l, k) => g.append(svg("text", { class: "note", x: NOTES, y: y + 4 + (k - (noted.length - 1) / 2) * 13 }, l, k ? null : svg("title", {}, words))));
      }
      byFrame.set(r.frame, { r, g });
      front.append(g);
    });
    life(0, bottom); life(1, bottom);
    drawing.append(front, lives, changes);
    changes.setAttribute("pointer-events", "none");
    place.replaceChildren(drawing);
    const first = front.querySelector(".row");
    if (first) first.setAttribute("tabindex", "0");
    if (selected) select(selected, true);
  }

  function select(frame, quiet) {
    let entry = byFrame.get(frame);
    if (!entry) { // in a folded run: open it
      const i = detail.rows.findIndex((r) => r.frame === frame);
      if (i < 0) return false;
      let k = i;
      while (k > 0 && plain(detail.rows[k - 1], cited)) k--;
      if (unfolded.has(detail.rows[k].frame)) return false;
      unfolded.add(detail.rows[k].frame);
      draw();
      entry = byFrame.get(frame);
      if (!entry) { detail.rows.forEach((r) => unfolded.add(r.frame)); draw(); entry = byFrame.get(frame); }
    }
    selected = frame;
    for (const { g } of byFrame.values()) { g.setAttribute("aria-selected", "false"); g.setAttribute("tabindex", "-1"); }
    entry.g.setAttribute("aria-selected", "true");
    entry.g.setAttribute("tabindex", "0");
    if (!quiet) onSelect(entry.r, remarks(entry.r, findings));
    return true;
  }

  place.addEventListener("keydown", (event) => {
    const rows = [...place.querySelectorAll(".row")], at = rows.indexOf(document.activeElement);
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); document.activeElement.dispatchEvent(new Event("click")); return; }
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, j: at + 1, k: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || !rows[to]) return;
    event.preventDefault();
    rows[to].focus();
    if (rows[to].dataset.frame) select(Number(rows[to].dataset.frame));
  });

  let settled = 0;
  new ResizeObserver(() => {
    if (Math.abs((place.clientWidth || 690) - width) > 8 && place.clientWidth >= 690 || !settled) { settled = 1; draw(); }
  }).observe(place);

  const spacing = (name, value) => el("button", { type: "button", class: "small", "aria-pressed": String(value), onclick: (e) => {
    even = value;
    for (const b of e.target.parentNode.children) b.setAttribute("aria-pressed", String(b === e.target));
    draw();
  } }, name);
  const trueTime = spacing("True time", false);
  const head = el("div", { class: "pane-head" }, el("h2", {}, "Ladder"),
    el("span", { class: "soft" }, "✓ acked   ? presumed, hollow line"),
    el("span", { class: "segmented", role: "group", "aria-label": "Spacing" }, spacing("Even", true), trueTime));
  draw();
  return {
    node: el("div", {}, head, place), select,
    show: (frame) => {
      const e = byFrame.get(frame), box = e && e.g.getBoundingClientRect();
      if (box && (box.top < 60 || box.bottom > innerHeight - 130)) e.g.scrollIntoView({ block: "center" });
    },
    nearest: (t) => detail.rows.reduce((best, r) => (!best || Math.abs(r.time - t) < Math.abs(best.time - t) ? r : best), null),
  };
}
