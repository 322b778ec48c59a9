// Reading what the report carries. report holds the capture; conversations are
// rows turned into objects, in the order of their ids.

const report = JSON.parse(byId("meta").textContent);
report.base = BigInt(report.base);

// unpack yields the text of a gzipped, base64 script element.
function unpack(element) {
  const text = element.textContent;
  const packed = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")).pipeThrough(new TextDecoderStream());
}

const sides = ["client", "server", "both ends", "network"];
const confidences = ["possible", "probable", "certain"];
const evidences = ["sent", "acked", "presumed", "timer", "adopted"];
const evidenceMeaning = {
  sent: "its own segment shows it",
  acked: "its own later segment proves the receipt",
  presumed: "the segment passed towards it; no proof of receipt was seen",
  timer: "time alone",
  adopted: "the capture began later; the state it must already have been in",
};
const PRESUMED = 2, TIMER = 3, ADOPTED = 4;
const CLOSED = 0, LISTEN = 1, ESTABLISHED = 4;

function findingOf(f) {
  return { id: f[0], severity: f[1], side: f[2], confidence: f[3], summary: f[4], frames: f[5], detail: f[6] || "", conversations: f[7] || [] };
}

// called is what the capture calls an address, as an addition to it, or "".
const called = (addr) => Object.hasOwn(report.names, addr) ? ` (${report.names[addr]})` : "";

class Endpoint {
  constructor(addr, port, e) {
    this.addr = addr; this.port = port;
    [this.state, this.bytes, this.segments, this.retransmissions, this.resets, this.flat] = e;
  }

  get name() { return socketName(this.addr, this.port); } // made when asked for: of 50 000 conversations few are in sight
}

function conversationOf(r) {
  const c = {
    id: r[0], initiatorKnown: r[5] === 1, scope: r[6], firstFrame: r[7], lastFrame: r[8], first: r[9], last: r[10],
    segments: r[11], opened: r[12], closed: r[13], closedBy: r[14], verdict: r[15], facts: r[16],
    ends: [new Endpoint(r[1], r[2], r[17]), new Endpoint(r[3], r[4], r[18])],
    findings: r[19].map(findingOf), protocol: r[20] || "", worst: -1,
  };
  for (const f of c.findings) c.worst = Math.max(c.worst, f.severity);
  return c;
}

// timeline lists the transitions of an endpoint, each with the state before.
function timeline(end) {
  const out = [];
  let from = -1;
  for (let i = 0; i < end.flat.length; i += 5) {
    const [state, event, frame, time, evidence] = end.flat.slice(i, i + 5);
    const t = { from, state, event, frame, time, evidence, cause: report.events[event], ref: "" };
    if (from < 0 && evidence !== ADOPTED) t.from = event === 4 ? LISTEN : CLOSED;
    const arrow = report.arrows.find((a) => a[0] === t.from && a[1] === event && a[2] === state);
    if (arrow) t.ref = arrow[3];
    out.push(t);
    from = state;
  }
  return out;
}

let conversations = [];
const conversationById = new Map();

async function loadIndex() {
  const reader = unpack(byId("index")).getReader();
  let rest = "";
  const take = (line) => { for (const row of JSON.parse(line)) conversations.push(conversationOf(row)); };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    lines.forEach(take);
  }
  if (rest) take(rest);
  byId("index").remove();
  conversations.sort((a, b) => a.id - b.id);
  for (const c of conversations) conversationById.set(c.id, c);
  report.across = report.across.map(findingOf);
  for (const f of report.across) {
    for (const id of f.conversations) {
      const c = conversationById.get(id);
      if (c) { (c.across = c.across || []).push(f); c.worst = Math.max(c.worst, f.severity); }
    }
  }
}

const flagNames = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"];
const FIN = 1, SYN = 2, RST = 4, ACK = 16;
const flagOrder = [1, 0, 2, 3, 4, 5, 6, 7, 8];
const flagText = (flags) => flagOrder.filter((i) => flags >> i & 1).map((i) => flagNames[i]).join(",") || "-";

function ladderRowOf(r) {
  const bits = r[12];
  return {
    frame: r[0], time: r[1], from: r[2], flags: r[3], seq: r[4], ack: r[5], len: r[6], window: r[7],
    states: [r[8], r[9]], evidence: [r[10], r[11]], changed: [!!(bits & 1), !!(bits & 2)], known: [!!(bits & 4), !!(bits & 8)],
    icmp: !!(bits & 16), inFlight: [r[13], r[14]], rtt: r[15], sack: r[16], marks: r[17], note: r[18], comment: r[19],
  };
}

// detailOf unpacks the ladder of a conversation; null if the page has none.
async function detailOf(c) {
  const element = byId("d" + c.id);
  if (!element) return null;
  let text = "";
  const reader = unpack(element).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  const d = JSON.parse(text);
  const resets = d[6].map((r) => ({ frame: r[0], side: r[1], reply: r[2] === 1, trigger: r[3], confidence: r[4], cause: r[5], summary: r[6], fate: r[7], why: r[8],
    saw: [r[9], r[10]], reasons: r[11], injected: r[12] }));
  return {
    resets, resetsOmitted: d[7], omitted: d[0], gapAt: d[1], findings: d[2].map(findingOf), rows: d[5].map(ladderRowOf),
    ends: [d[3], d[4]].map((e) => ({
      causes: e[0], isn: e[1], isnKnown: e[2] === 1,
      options: { set: e[3][0], mss: e[3][1], windowScale: e[3][2] }, measures: e[4] || {},
    })),
  };
}
