// The page of one conversation.

async function conversationView(c, frame) {
  const steps = [timeline(c.ends[0]), timeline(c.ends[1])];
  const detail = await detailOf(c);
  if (detail) detail.ends.forEach((e, side) => steps[side].forEach((t, i) => {
    t.cause = e.causes[2 * i] || t.cause;
    t.ref = e.causes[2 * i + 1] || t.ref;
  }));
  const findings = [...(detail ? detail.findings : c.findings), ...(c.across || [])].sort((a, b) => b.severity - a.severity);

  const machines = steps.map((s, side) => machine(s, sides[side]));
  const here = (t, at) => steps.forEach((list, side) => {
    let i = -1;
    list.forEach((s, k) => { if (at && s.frame ? s.frame <= at : s.time <= t) i = k; });
    machines[side].here(i);
  });
  const side = el("section", { class: "pane-side", "aria-label": "States, graphs and measures", tabindex: "-1" },
    el("div", {}, el("div", { class: "pane-head" }, el("h2", {}, "States"), el("span", { class: "soft" }, "RFC 9293 section 3.3.2")),
      el("div", { class: "machines" }, machines.map((m, i) => el("div", {},
        el("h3", { class: "chart-head" }, `${sides[i][0].toUpperCase()}${sides[i].slice(1)} `, el("span", { class: "soft mono" }, c.ends[i].name + called(c.ends[i].addr))), m,
        steps[i].length ? stepList(c, steps[i]) : el("p", { class: "soft" }, "No state of this side is known."))))));

  const main = el("section", { "aria-label": "Ladder" });
  const inspect = el("div", { class: "inspect", "aria-live": "polite" });
  let view = null;
  if (detail && detail.rows.length) {
    const range = timeFrame(Math.min(c.first, detail.rows[0].time), Math.max(c.last, detail.rows[detail.rows.length - 1].time));
    const { rows, gapAt } = detail;
    if (detail.omitted && gapAt > 0 && gapAt < rows.length) range.gap = [rows[gapAt - 1].time, rows[gapAt].time];
    view = ladder(c, detail, steps, (r, words) => {
      history.replaceState(null, "", `#c${c.id}f${r.frame}`);
      inspectRow(inspect, c, r, words, findings);
      here(r.time, r.frame);
      range.point(r.time, true);
    });
    range.listeners.push((t) => {
      const r = view.nearest(t);
      if (r && view.select(r.frame)) view.show(r.frame);
      range.point(t, true);
    });
    main.append(view.node, inspect);
    side.append(graphsOf(c, detail.rows, range));
  } else {
    main.append(el("div", { class: "pane-head" }, el("h2", {}, "Ladder")), el("p", { class: "loading" },
      "This report keeps ladders of its most interesting conversations only; this one has its states and findings, not its segments. For those, write the report with more room (--html-detail), or of this conversation (--conversation " + c.id + ")."));
  }
  side.append(measures(c, detail));
  here(c.last + 1e15);

  const page = el("div", {},
    el("div", { class: "crumbs" }, el("a", { href: "#conversations" }, "Conversations"), el("span", {}, `#${c.id}`), neighbours(c)),
    el("h1", {}, c.verdict || `Opened: ${c.opened}; closed: ${c.closed}`),
    el("p", { class: "ends" }, el("span", { class: "mono" }, `${c.ends[0].name}${called(c.ends[0].addr)} → ${c.ends[1].name}${called(c.ends[1].addr)}`), c.initiatorKnown ? "" : " (who opened it is a guess)", c.scope ? ` · ${c.scope}` : "", c.protocol ? ` · ${c.protocol}` : "",
      ` · ${stamp(c.first)} UTC · ${duration(c.last - c.first)} · ${plural(c.segments, "segment")} · opened ${c.opened} · closed ${c.closed}`, c.facts.length ? ` · ${c.facts.join(", ")}` : ""),
    el("div", { class: "lead no-print" }, el("span", {}, el("span", { class: "label" }, "Wireshark filter "), report.selected ? "" : [copyable(`tcp.stream == ${c.id}`, "filter by stream"), " "], // Wireshark counts what was left out, too
        copyable(`frame.number >= ${c.firstFrame} && frame.number <= ${c.lastFrame} && ${tupleFilter(c)}`, "filter by frames and addresses", "Copy by frames and addresses"))),
    findings.length ? el("div", { class: "section" }, el("h2", { class: "hidden" }, "Findings"), findings.map((f) => findingBox(c, f))) : null,
    detail && detail.resets.length ? resetsSection(c, detail) : null,
    el("div", { class: "panes" }, main, side));
  page.ready = () => {
    if (!view) return;
    if (frame) { if (view.select(frame)) view.show(frame); else say(`Frame ${frame} is not in this ladder`); }
    else inspectRow(inspect, c, null);
  };
  return page;
}

function tupleFilter(c) {
  const [a, b] = c.ends, ip = a.addr.includes(":") ? "ipv6" : "ip";
  return `${ip}.addr == ${a.addr} && ${ip}.addr == ${b.addr} && tcp.port == ${a.port} && tcp.port == ${b.port}`;
}

function neighbours(c) {
  const i = conversations.indexOf(c), previous = conversations[i - 1], next = conversations[i + 1];
  return el("span", { class: "no-print" }, previous ? el("a", { href: `#c${previous.id}`, rel: "prev" }, "‹ previous") : null, "  ", next ? el("a", { href: `#c${next.id}`, rel: "next" }, "next ›") : null);
}

function findingBox(c, f) {
  const rule = report.rules[f.id];
  const pair = (name, text) => (text ? [el("dt", {}, name), el("dd", {}, text)] : null);
  return el("details", { class: `finding ${severities[f.severity]}` },
    el("summary", {}, mark(f.severity), el("b", {}, f.id), el("span", {}, f.summary), el("span", { class: "soft" }, `${f.side < 2 ? sides[f.side] + ", " : ""}${confidences[f.confidence]}`), el("span", { class: "frames" }, frameLinks(c, f))),
    el("div", { class: "text" }, f.detail ? el("p", {}, f.detail) : null,
      rule ? el("dl", {}, pair("Seen", rule.Seen), pair("Means", rule.Means), pair("Applications", rule.Apps), pair("Check", rule.Check), pair("Sources", rule.Sources)) : null,
      f.frames.length ? el("p", {}, copyable(`frame.number in {${f.frames.join(", ")}}`, "filter of these frames")) : null));
}

// resetsSection judges each RST: its form, its cause, and what became of it.
function resetsSection(c, detail) {
  const pair = (name, text) => (text ? [el("dt", {}, name), el("dd", {}, text)] : null);
  return el("section", { class: "section", "aria-labelledby": "h-resets" },
    el("header", {}, el("h2", { id: "h-resets" }, "Resets"), detail.resetsOmitted ? el("span", { class: "soft" }, `${plural(detail.resetsOmitted, "more RST")} not judged`) : null),
    detail.resets.map((r) => el("details", { class: `finding ${r.injected.length ? "warning" : "info"}` },
      el("summary", {}, el("b", {}, r.cause), el("span", {}, r.summary), el("span", { class: "soft" }, `${sides[r.side]}, ${confidences[r.confidence]}, ${r.fate}`),
        el("span", { class: "frames" }, "frame ", el("a", { href: `#c${c.id}f${r.frame}` }, r.frame), r.trigger ? ["answers ", el("a", { href: `#c${c.id}f${r.trigger}` }, r.trigger)] : "")),
      el("div", { class: "text" }, el("dl", {}, pair("Form", r.reply ? "a reply to a segment" : "active: of a socket that aborts"), pair("At its receiver", r.why), pair("The client saw", r.saw[0]), pair("The server saw", r.saw[1]),
        pair("Kernel", r.reasons.join(" or ")), pair("Looks injected", r.injected.join("; ")))))));
}

function frameLinks(c, f) {
  const shown = f.frames.slice(0, 8);
  return shown.length ? [shown.length > 1 ? "frames " : "frame ", shown.map((n) => el("a", { href: `#c${c.id}f${n}` }, n)), f.frames.length > 8 ? "…" : ""] : null;
}

function inspectRow(place, c, r, words, findings) {
  if (!r) { place.replaceChildren(el("p", { class: "soft no-print" }, "Select a segment to read it in full; it is marked in the graphs and in the state diagrams.")); return; }
  const field = (name, value) => el("span", {}, el("span", { class: "soft" }, name + " "), el("span", { class: "mono" }, value));
  place.replaceChildren(
    el("div", { class: "fields" }, el("b", {}, `Frame ${r.frame}`), field("UTC", stamp(r.time, 6)), field("from", sides[r.from]), field("flags", r.icmp ? "ICMP error" : flagText(r.flags)), field("seq", count(r.seq)),
      r.flags & ACK ? field("ack", count(r.ack)) : null, field("len", count(r.len)), field("window", count(r.window)), r.sack.length ? field("SACK", sackText(r.sack)) : null),
    el("div", { class: "fields" }, [0, 1].map((s) => (r.known[s] ? el("span", {}, el("span", { class: "soft" }, sides[s] + " "), chip(r.states[s], r.evidence[s] === PRESUMED ? "presumed" : ""), el("span", { class: "soft" }, ` ${evidences[r.evidence[s]]}`)) : null)),
      copyable(`frame.number == ${r.frame}`, "filter of this frame")),
    words ? el("p", {}, words) : "",
    ...findings.filter((f) => f.frames.includes(r.frame)).map((f) => el("p", {}, mark(f.severity), " ", el("b", {}, f.id), " ", f.summary)));
}

const sackText = (s) => s.reduce((out, v, i) => out + (i % 2 ? `–${v}` : `${i ? ", " : ""}${v}`), "");

const measureNames = { HandshakeRTT: ["Handshake RTT", duration], WindowMax: ["Largest window", bytes], WindowMin: ["Smallest window", bytes], LongestIdle: ["Longest pause", duration],
  PayloadBytes: ["Payload with copies", bytes], Timeouts: ["Sent again after a time-out", count], FastRetransmissions: ["Fast retransmissions", count], TailRetransmissions: ["Tail loss probes", count], OtherRetransmissions: ["Other retransmissions", count],
  Spurious: ["Needlessly sent again", count], RetransmittedBytes: ["Bytes sent again", bytes], OutOfOrder: ["Out of order", count], DuplicateACKs: ["Duplicate ACKs", count], SACKs: ["ACKs with SACK", count], DSACKs: ["ACKs with D-SACK", count],
  RTTSamples: ["RTT samples", count], RTTMin: ["RTT, least", duration], RTTMedian: ["RTT, median", duration], RTTP95: ["RTT, 95th percentile", duration], RTTMax: ["RTT, most", duration], InFlightMax: ["Most in flight", bytes],
  InitialWindow: ["Initial flight", bytes], ZeroWindow: ["Its window closed for", duration], WindowFull: ["No room for it for", duration], DataTime: ["From first to last payload", duration],
  LimitedByApplication: ["Waited for its application", duration], LimitedByReceiver: ["Waited for the receiver", duration], LimitedByNetwork: ["Waited for the network", duration] };

// measures shows every figure the analyzer gave, by its known name or its own.
function measures(c, detail) {
  const rows = [["State at the end", c.ends.map((e) => chip(e.state))], ["Bytes sent", c.ends.map((e) => bytes(e.bytes))], ["Segments", c.ends.map((e) => count(e.segments))],
    ["Sent again", c.ends.map((e) => count(e.retransmissions))], ["Resets", c.ends.map((e) => count(e.resets))]];
  if (detail) {
    for (const name of new Set(detail.ends.flatMap((e) => Object.keys(e.measures)))) {
      if (detail.ends.some((e) => typeof e.measures[name] === "string")) continue;
      const [title, show] = measureNames[name] || [name.replace(/([a-z])([A-Z])/g, "$1 $2"), count];
      rows.push([title, detail.ends.map((e) => (e.measures[name] ? show(e.measures[name]) : name.startsWith("WindowM") ? "0 B" : "–"))]);
    }
    const offered = (bit, text) => detail.ends.map((e) => (e.isnKnown ? (e.options.set & bit ? text(e.options) : "no") : "not seen"));
    rows.push(["Initial sequence number", detail.ends.map((e) => (e.isnKnown ? String(e.isn) : "not seen"))], ["MSS", offered(1, (o) => count(o.mss))], ["Window scale", offered(2, (o) => `2^${o.windowScale}`)],
      ["SACK permitted", offered(4, () => "yes")], ["Timestamps", offered(16, () => "yes")]);
  }
  return el("div", {}, el("div", { class: "pane-head" }, el("h2", {}, "Measures")),
    el("table", {}, el("thead", {}, el("tr", {}, el("th", {}), el("th", { class: "num" }, "Client"), el("th", { class: "num" }, "Server"))),
      el("tbody", {}, rows.map(([name, [a, b]]) => el("tr", {}, el("td", { class: "soft" }, name), el("td", { class: "num" }, a), el("td", { class: "num" }, b))))));
}
