// A time axis with anything on it: axes, zoom, a cursor. Plots that share a
// frame zoom and point together.
//
// Drag to zoom, double-click or 0 to see all again, arrow keys move the cursor,
// + and - zoom around it.

function timeFrame(from, to) {
  const all = [from, to > from ? to : from + 1e6];
  return {
    all, range: all.slice(), cursor: null, gap: null, plots: [], listeners: [], // gap: a time of which the report knows nothing
    zoom(a, b) {
      if (b < a) [a, b] = [b, a];
      a = Math.max(a, this.all[0]); b = Math.min(b, this.all[1]);
      if (b - a < 1000) return;
      this.range = [a, b];
      this.plots.forEach((p) => p.draw());
    },
    reset() { this.zoom(...this.all); },
    point(t, quiet) {
      this.cursor = t;
      this.plots.forEach((p) => p.draw());
      if (!quiet) this.listeners.forEach((f) => f(t));
    },
  };
}

// roundStep is the next of 1, 2, 5, 10, … that is not less than raw.
function roundStep(raw) {
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find((m) => m * power >= raw);
}

// timeStep is a roundStep of nanoseconds that falls on minutes, hours or days where
// the axis is longer than the two hours up to which seconds are read at a glance.
const MINUTE = 60e9, HOUR = 3600e9, DAY = 86400e9;
function timeStep(raw) {
  if (raw < 10 * MINUTE) return roundStep(raw);
  return [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR].find((step) => step >= raw) || DAY * roundStep(raw / DAY);
}

// niceSteps are about n round values over [low, high].
function niceSteps(low, high, n, round = roundStep) {
  const step = round((high - low) / n);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) out.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return { values: out, step };
}

function timeLabel(ns, step) {
  const s = ns / 1e9, size = step / 1e9;
  if (step >= 15 * MINUTE) {
    const minutes = Math.round(ns / MINUTE), parts = [[Math.floor(minutes / 1440), "d"], [Math.floor(minutes / 60) % 24, "h"], [minutes % 60, "min"]];
    return parts.filter(([n]) => n).map(([n, unit]) => `${n} ${unit}`).join(" ") || "0";
  }
  if (size >= 1) return `${s.toFixed(0)} s`;
  if (size >= 1e-3) return `${s.toFixed(Math.min(3, Math.ceil(-Math.log10(size))))} s`;
  if (size >= 1e-6) return `${(s * 1e3).toFixed(Math.max(0, Math.ceil(-Math.log10(size) - 3)))} ms`;
  return `${(s * 1e6).toFixed(1)} µs`;
}

const LEFT = 64, RIGHT = 10, TOP_PAD = 8, BOTTOM = 20;

// cover hides what was drawn across a gap, as if nothing had been sent in it.
function cover(g, left, right, bottom) {
  if (right <= left) return;
  g.fillStyle = colour("--panel");
  g.fillRect(left, 0, right - left, bottom);
  left = Math.max(left, LEFT); // as far as it is in sight
  right = Math.min(right, g.canvas.clientWidth - RIGHT);
  if (right - left < 120) return;
  g.fillStyle = colour("--soft");
  g.fillText("segments not kept", (left + right) / 2, bottom / 2);
}

// plot adds a canvas to a frame. o: height, label, yMax(from, to), yMin(from,
// to), yText, paint(context, X, Y, from, to), origin (the time called 0).
function plot(frame, o) {
  const canvas = el("canvas", { tabindex: "0", role: "img", "aria-label": o.label });
  canvas.style.height = o.height + "px";
  let width = 0, drag = null;

  const X = (t) => LEFT + (t - frame.range[0]) / (frame.range[1] - frame.range[0]) * (width - LEFT - RIGHT);
  const T = (x) => frame.range[0] + (x - LEFT) / (width - LEFT - RIGHT) * (frame.range[1] - frame.range[0]);
  const clampT = (x) => Math.max(frame.range[0], Math.min(frame.range[1], T(x)));

  function draw() {
    width = canvas.clientWidth;
    if (!width) return;
    const ratio = Math.max(1, devicePixelRatio || 1);
    canvas.width = width * ratio;
    canvas.height = o.height * ratio;
    const g = canvas.getContext("2d");
    g.scale(ratio, ratio);
    g.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const [from, to] = frame.range;
    const low = o.yMin ? o.yMin(from, to) : 0, high = Math.max(low + 1e-9, o.yMax(from, to));
    const bottom = o.height - BOTTOM;
    const Y = (v) => bottom - (v - low) / (high - low) * (bottom - TOP_PAD);

    g.strokeStyle = colour("--line");
    g.fillStyle = colour("--soft");
    g.lineWidth = 1;
    g.textBaseline = "middle";
    g.textAlign = "right";
    const vertical = niceSteps(low, high, o.height > 150 ? 5 : 3);
    for (const v of vertical.values) {
      if (o.whole && v % 1) continue;
      const y = Math.round(Y(v)) + 0.5;
      g.beginPath(); g.moveTo(LEFT, y); g.lineTo(width - RIGHT, y); g.stroke();
      g.fillText(o.yText(v), LEFT - 7, y);
    }
    const origin = o.origin || 0;
    const ticks = niceSteps(from - origin, to - origin, Math.max(3, Math.floor(width / 110)), timeStep);
    g.textAlign = "center";
    for (const v of ticks.values) {
      const x = Math.round(X(v + origin)) + 0.5;
      g.beginPath(); g.moveTo(x, bottom); g.lineTo(x, bottom + 4); g.stroke();
      if (x > LEFT + 8 && x < width - 24) g.fillText(timeLabel(v, ticks.step), x, bottom + 12);
    }

    g.save();
    g.beginPath(); g.rect(LEFT, 0, width - LEFT - RIGHT, bottom + 1); g.clip();
    o.paint(g, X, Y, from, to, width);
    if (frame.gap) cover(g, X(frame.gap[0]) + 1, X(frame.gap[1]) - 1, bottom);
    if (drag) {
      g.fillStyle = colour("--focus"); g.globalAlpha = 0.18;
      g.fillRect(drag.from, TOP_PAD, drag.to - drag.from, bottom - TOP_PAD);
      g.globalAlpha = 1;
    }
    if (frame.cursor !== null && frame.cursor >= from && frame.cursor <= to) {
      g.strokeStyle = colour("--ink");
      const x = Math.round(X(frame.cursor)) + 0.5;
      g.beginPath(); g.moveTo(x, 0); g.lineTo(x, bottom); g.stroke();
    }
    g.restore();
    g.strokeStyle = colour("--line-strong");
    g.beginPath(); g.moveTo(LEFT + 0.5, TOP_PAD); g.lineTo(LEFT + 0.5, bottom + 0.5); g.lineTo(width - RIGHT, bottom + 0.5); g.stroke();
  }

  canvas.addEventListener("pointerdown", (e) => {
    if (e.button) return;
    canvas.setPointerCapture(e.pointerId);
    drag = { from: e.offsetX, to: e.offsetX };
  });
  canvas.addEventListener("pointermove", (e) => {
    if (drag) drag.to = e.offsetX;
    if (drag || !o.clickOnly) frame.point(clampT(e.offsetX), !drag && o.clickOnly);
  });
  canvas.addEventListener("pointerup", (e) => {
    if (!drag) return;
    const { from } = drag;
    drag = null;
    if (Math.abs(e.offsetX - from) > 6) frame.zoom(clampT(from), clampT(e.offsetX));
    else frame.point(clampT(e.offsetX));
  });
  canvas.addEventListener("pointercancel", () => { drag = null; draw(); });
  canvas.addEventListener("dblclick", () => frame.reset());
  canvas.addEventListener("keydown", (e) => {
    const [a, b] = frame.range, at = frame.cursor === null ? a : frame.cursor;
    const step = (b - a) / (e.shiftKey ? 20 : 200);
    const act = {
      ArrowLeft: () => frame.point(Math.max(frame.all[0], at - step)), ArrowRight: () => frame.point(Math.min(frame.all[1], at + step)),
      "+": () => frame.zoom(at - (at - a) / 2, at + (b - at) / 2), "-": () => frame.zoom(at - (at - a) * 2, at + (b - at) * 2), 0: () => frame.reset(),
    }[e.key];
    if (!act) return;
    e.preventDefault();
    e.stopPropagation();
    act();
  });
  frame.plots.push({ draw });
  new ResizeObserver(draw).observe(canvas);
  whileShown(canvas, "themechange", draw);
  return canvas;
}

// whileShown listens on the window until node has left the page.
function whileShown(node, type, act) {
  let shown = false;
  const listener = (event) => {
    if (node.isConnected) shown = true;
    else if (shown) { removeEventListener(type, listener); return; }
    if (shown) act(event);
  };
  addEventListener(type, listener);
}
