// Building the page. Everything a capture can carry goes through el() or
// svg(), which know text and attributes but no markup.

function build(node, attrs, children) {
  for (const [name, value] of Object.entries(attrs || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

function el(name, attrs, ...children) {
  return build(document.createElement(name), attrs, children);
}

function svg(name, attrs, ...children) {
  return build(document.createElementNS("http://www.w3.org/2000/svg", name), attrs, children);
}

// baseName is a path without its folders.
const baseName = (path) => path.split(/[\\/]/).pop() || path;

const byId = (id) => document.getElementById(id);

// say tells people who use a screen reader what changed.
function say(text) { byId("say").textContent = text; }

// copyable is text with a button that copies it; with a name, the button alone
// until the text must be selected by hand.
function copyable(text, label, name) {
  const code = el("code", { class: "copy-text", tabindex: "0", hidden: !!name }, text);
  const button = el("button", { type: "button", class: "small", "aria-label": `Copy ${label}`, title: text, onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      say(`${label} copied`);
    } catch {
      code.hidden = false;
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = name || "Copy"; }, 1500);
  } }, name || "Copy");
  return el("span", { class: "copyable" }, code, button);
}

// Numbers and times. Times in the page are nanoseconds from meta.base.

const count = (n) => n.toLocaleString("en-US");
const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many || one + "s"}`;

function bytes(n) {
  if (n < 10000) return `${count(n)} B`;
  for (const unit of ["kB", "MB", "GB"]) {
    n /= 1000;
    if (n < 999.5 || unit === "GB") return `${n < 10 ? n.toFixed(2) : n < 100 ? n.toFixed(1) : n.toFixed(0)} ${unit}`;
  }
}

function duration(ns) {
  const s = Math.abs(ns) / 1e9, sign = ns < 0 ? "−" : "";
  if (s === 0) return "0 s";
  if (s < 999.5e-6) return `${sign}${(s * 1e6).toFixed(s < 1e-5 ? 1 : 0)} µs`;
  if (s < 0.9995) return `${sign}${(s * 1e3).toFixed(s < 0.01 ? 2 : s < 0.1 ? 1 : 0)} ms`;
  if (s < 120) return `${sign}${s.toFixed(s < 10 ? 3 : 1)} s`;
  const whole = Math.round(s), minutes = Math.round(s / 60); // rounded first, lest the rest be 60
  if (s < 7200) return `${sign}${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (s < 172800) return `${sign}${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${sign}${(s / 86400).toFixed(1)} days`;
}

// seconds is an offset with a fixed number of places, for columns.
const seconds = (ns, places = 6) => (ns / 1e9).toFixed(places);

// clock is the UTC time of day of t; stamp has the date too.
function clock(t, places = 3) {
  const whole = Number(report.base / 1000000000n);
  let ns = Number(report.base % 1000000000n) + t;
  const s = whole + Math.floor(ns / 1e9);
  ns = ((ns % 1e9) + 1e9) % 1e9;
  const day = new Date(s * 1000);
  const fraction = String(Math.floor(ns)).padStart(9, "0").slice(0, places);
  return isNaN(day) ? "?" : day.toISOString().slice(11, 19) + (places ? "." + fraction : "");
}

function stamp(t, places = 3) {
  const s = Number(report.base / 1000000000n) + Math.floor((Number(report.base % 1000000000n) + t) / 1e9);
  const day = new Date(s * 1000);
  return isNaN(day) ? "?" : `${day.toISOString().slice(0, 10)} ${clock(t, places)}`;
}

// when is the time of day of t, with its date in a capture that lasts for days.
const when = (t) => (report.last - report.first < 86400e9 ? clock(t) : stamp(t));

const socketName = (addr, port) => addr.includes(":") ? `[${addr}]:${port}` : `${addr}:${port}`;

// chip shows a state in its colour and by its name.
function chip(state, extra) {
  return el("span", { class: `chip state-${state}${extra ? " " + extra : ""}` }, el("i", { "aria-hidden": "true" }), report.states[state]);
}

// mark is a severity by shape and colour: a square, a triangle, a diamond, a dot.
const severities = ["info", "notice", "warning", "error"];
function mark(severity) {
  const shapes = ["M6 3.5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5z", "M6 1.5 10.5 6 6 10.5 1.5 6z", "M6 1 11.5 11H.5z", "M1 1h10v10H1z"];
  return svg("svg", { class: `mark ${severities[severity]}`, viewBox: "0 0 12 12", width: 12, height: 12, role: "img", "aria-label": severities[severity] },
    svg("path", { d: shapes[severity] }));
}

// colour reads a custom property, for canvases.
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const stateColour = (state) => colour(`--s${state}`);
