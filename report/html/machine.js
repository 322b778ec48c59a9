// The state diagram of RFC 9293 section 3.3.2, laid out as figure 5, with the
// way one endpoint took through it drawn and numbered. CLOSED stands twice, as
// the figure has it: where a connection begins and where it is gone.

const GONE = 11; // the second CLOSED
const nodes = {
  0: [180, 18], 1: [180, 66], 2: [304, 118], 3: [56, 118], 4: [180, 172], 5: [56, 236], 7: [304, 236],
  6: [56, 300], 8: [180, 300], 9: [304, 300], 10: [56, 364], 11: [304, 364],
};
const NODE_W = 92, NODE_H = 24;

// ways are the arrows of the figure: from, to, corners, and where the number goes.
const ways = [
  [0, 1, [[180, 30], [180, 54]], [180, 41]],
  [0, 2, [[226, 18], [318, 18], [318, 106]], [318, 50]],
  [1, 3, [[134, 66], [56, 66], [56, 106]], [56, 84]],
  [1, 2, [[226, 66], [290, 66], [290, 106]], [290, 84]],
  [2, 3, [[258, 118], [102, 118]], [180, 118]],
  [3, 4, [[76, 130], [76, 172], [134, 172]], [100, 172]],
  [2, 4, [[304, 130], [304, 172], [226, 172]], [264, 172]],
  [3, 5, [[34, 130], [34, 224]], [34, 176]],
  [4, 5, [[164, 184], [164, 206], [70, 206], [70, 224]], [116, 206]],
  [4, 7, [[196, 184], [196, 206], [304, 206], [304, 224]], [262, 206]],
  [3, 7, [[102, 126], [124, 146], [242, 146], [242, 236], [258, 236]], [242, 190]],
  [5, 6, [[56, 248], [56, 288]], [56, 267]],
  [5, 8, [[102, 236], [180, 236], [180, 288]], [180, 258]],
  [6, 10, [[56, 312], [56, 352]], [56, 331]],
  [8, 10, [[180, 312], [180, 358], [102, 358]], [180, 336]],
  [7, 9, [[304, 248], [304, 288]], [304, 267]],
  [9, GONE, [[304, 312], [304, 352]], [304, 331]],
  [10, GONE, [[102, 370], [258, 370]], [150, 370]],
];

// shortcut is the way of a reset or a timer, through the lane between the
// columns; figure 5 leaves these out, so they are drawn only when taken.
function shortcut(from) {
  const [x, y] = nodes[from], lane = 242, down = from === 6 ? y + 20 : y + 8;
  const start = x > lane ? [[x - NODE_W / 2, y + 5]] : from === 6 ? [[x + 20, y + NODE_H / 2], [x + 20, down]] : [[x + NODE_W / 2, down]];
  const turn = start[start.length - 1][1];
  return [from, GONE, [...start, [lane, turn], [lane, 360], [258, 360]], [lane, Math.min(344, turn + 22)]];
}

// machine draws it for one endpoint; here(i) marks the state after step i.
function machine(steps, who) {
  const taken = new Map();
  const numbers = [];
  const visited = new Set();
  steps.forEach((t, i) => {
    const to = t.state === CLOSED && t.from !== CLOSED ? GONE : t.state;
    visited.add(to);
    if (t.from >= 0) visited.add(t.from);
    if (t.from < 0 || t.from === to) { numbers.push([nodes[to][0] - 46, nodes[to][1] - 12, i]); return; }
    const key = `${t.from} ${to}`;
    if (!taken.has(key)) taken.set(key, { way: ways.find((w) => w[0] === t.from && w[1] === to) || (to === GONE ? shortcut(t.from) : [t.from, to, [nodes[t.from], nodes[to]], [(nodes[t.from][0] + nodes[to][0]) / 2, (nodes[t.from][1] + nodes[to][1]) / 2]]), steps: [] });
    taken.get(key).steps.push(i);
  });
  const arrow = (w, cls, title) => svg("g", { class: cls }, title ? svg("title", {}, title) : null,
    svg("path", { class: "way", d: "M" + w[2].map((p) => p.join(" ")).join("L") }), head(w[2]));
  const titleOf = (i) => { const t = steps[i]; return `${i + 1}. ${t.cause}${t.frame ? `, frame ${t.frame}` : ""}${t.ref ? `, ${t.ref}` : ""}`; };
  for (const { steps: list, way } of taken.values()) list.forEach((i, k) => numbers.push([way[3][0] + 17 * k, way[3][1], i]));
  const boxes = new Map();
  const drawing = svg("svg", { class: "machine", viewBox: "0 0 364 382", role: "img", "aria-label": `State diagram: ${who} took ${steps.map((t) => report.states[t.state]).join(", ")}` },
    ways.filter((w) => !taken.has(`${w[0]} ${w[1]}`)).map((w) => arrow(w, "untaken")),
    [...taken.values()].map(({ way, steps: list }) => arrow(way, `taken${list.every((i) => steps[i].evidence === PRESUMED) ? " presumed" : ""}`, list.map(titleOf).join("\n"))),
    Object.entries(nodes).map(([id, [x, y]]) => {
      const state = Number(id) === GONE ? CLOSED : Number(id);
      const box = svg("g", { class: `node${visited.has(Number(id)) ? " visited" : ""}` },
        svg("rect", { x: x - NODE_W / 2, y: y - NODE_H / 2, width: NODE_W, height: NODE_H, rx: 2 }),
        visited.has(Number(id)) ? svg("path", { class: `fill-${state}`, d: `M${x - NODE_W / 2} ${y - NODE_H / 2}h6v${NODE_H}h-6z`, fill: `var(--s${state})` }) : null,
        svg("text", { x: x + 3, y: y + 3.5, "text-anchor": "middle" }, report.states[state]));
      boxes.set(Number(id), box);
      return box;
    }),
    numbers.map(([x, y, i]) => svg("g", { class: "step" }, svg("title", {}, titleOf(i)), svg("circle", { cx: x, cy: y, r: 7.5 }), svg("text", { x, y: y + 3.2, "text-anchor": "middle" }, i + 1))));
  drawing.here = (i) => {
    for (const box of boxes.values()) box.classList.remove("here");
    if (i >= 0) boxes.get(steps[i].state === CLOSED ? GONE : steps[i].state).classList.add("here");
  };
  return drawing;
}

function head(points) {
  const [x1, y1] = points[points.length - 2], [x, y] = points[points.length - 1];
  const l = Math.hypot(x - x1, y - y1) || 1, ux = (x - x1) / l, uy = (y - y1) / l;
  return svg("path", { class: "way-head", d: `M${x} ${y}L${x - 7 * ux - 3.5 * uy} ${y - 7 * uy + 3.5 * ux}L${x - 7 * ux + 3.5 * uy} ${y - 7 * uy - 3.5 * ux}z` });
}

// stepList says the same in words: each arrow with its frame and its section.
function stepList(c, steps) {
  return el("ol", { class: "steps" }, steps.map((t, i) => el("li", {}, el("span", { class: "n" }, i + 1),
    el("span", {}, chip(t.state, t.evidence === PRESUMED ? "presumed" : ""), ` ${t.cause || "adopted"} `,
      t.frame ? el("a", { href: `#c${c.id}f${t.frame}` }, `frame ${t.frame}`) : `at ${seconds(t.time - c.first)} s`,
      el("span", { class: "ref", title: evidenceMeaning[evidences[t.evidence]] }, ` · ${evidences[t.evidence]}${t.ref ? ` · ${t.ref}` : ""}`)))));
}
