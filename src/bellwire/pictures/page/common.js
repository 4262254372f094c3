"use strict";
// What all parts of the page share: its data, the time shown, canvases with an axis.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const LEFT = 96, AXIS = 22, ROW = 24, LANE = 8, MOST_ARCS = 1500, MOST_HEIGHT = 560;
const UNITS = [[1e9, "s"], [1e6, "ms"], [1e3, "us"], [1, "ns"]];

async function unpack(table) {
  const bytes = Uint8Array.from(atob(table.data), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const view = new DataView(await new Response(stream).arrayBuffer());
  const out = {};
  let at = 0;
  for (const [name, kind, length] of table.columns) {
    const real = kind === "f", column = real ? new Float64Array(length) : new Int32Array(length);
    for (let i = 0, sum = 0; i < length; i++, at += real ? 8 : 4) {
      sum += real ? view.getFloat64(at, true) : view.getInt32(at, true);
      column[i] = sum;
    }
    out[name] = column;
  }
  return out;
}

function timeText(value) {
  if (data.steps) return Math.round(value).toLocaleString("en") + " steps";
  const [size, unit] = UNITS.find((u) => Math.abs(value) >= u[0]) || UNITS[3];
  return Number((value / size).toPrecision(8)) + " " + unit;
}

function ticks(from, to, most) {
  const raw = (to - from) / most, size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * size).find((s) => s >= raw);
  const out = [];
  for (let k = Math.ceil(from / step); k * step <= to; k++) out.push(k * step);
  return out;
}

function theme() {
  const style = getComputedStyle(document.documentElement);
  const names = ["paper", "panel", "grid", "muted", "ink", ...data.kinds, "old"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
}

// The time shown, shared by both drawings.
const full = Math.max(1, data.span);
const view = { from: 0, to: full, listeners: [] };

function show(from, to) {
  const width = Math.min(full, Math.max(full / 1e7, data.steps ? 1 : 10, to - from));
  view.from = Math.max(0, Math.min(full - width, from));
  view.to = view.from + width;
  redraw();
}
const zoom = (factor, at = (view.from + view.to) / 2) =>
  show(at - (at - view.from) * factor, at + (view.to - at) * factor);
const move = (share) => {
  const step = share * (view.to - view.from);
  show(view.from + step, view.to + step);
};

let waiting = false;
function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    $("shown").textContent = timeText(view.from) + " to " + timeText(view.to);
    view.listeners.forEach((draw) => draw());
  });
}

// A canvas with a time axis; returns what drawing needs.
function sheet(canvas, height) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth;
  canvas.style.height = height + "px";
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d"), colour = theme();
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.font = "11px system-ui, sans-serif";
  pen.fillStyle = colour.paper;
  pen.fillRect(0, 0, width, height);
  const scale = (width - LEFT) / (view.to - view.from);
  const x = (t) => LEFT + (t - view.from) * scale;
  return { pen, colour, width, height, x, scale, body: height - AXIS };
}

function axis({ pen, colour, width, height, x, body }) {
  pen.textAlign = "center";
  for (const t of ticks(view.from, view.to, Math.max(2, width / 120))) {
    pen.fillStyle = colour.grid;
    pen.fillRect(x(t), 0, 1, body);
    pen.fillStyle = colour.muted;
    const text = timeText(t), half = pen.measureText(text).width / 2;
    pen.fillText(text, Math.min(x(t), width - half), height - 7);
  }
  pen.textAlign = "left";
}

function shortened(pen, text, most) {
  if (pen.measureText(text).width <= most) return text;
  while (text && pen.measureText(text + "…").width > most) text = text.slice(0, -1);
  return text + "…";
}

function attach(canvas, hover, keys) {
  let held = null;
  canvas.addEventListener("pointerdown", (e) => {
    held = { x: e.clientX, from: view.from, to: view.to };
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener("pointerup", () => (held = null));
  canvas.addEventListener("pointermove", (e) => {
    const box = canvas.getBoundingClientRect();
    const perPixel = (view.to - view.from) / (box.width - LEFT);
    if (held) {
      const step = (held.x - e.clientX) * perPixel;
      show(held.from + step, held.to + step);
    } else {
      const x = e.clientX - box.left;
      hover(view.from + (x - LEFT) * perPixel, e.clientY - box.top, perPixel);
    }
  });
  canvas.addEventListener("wheel", (e) => {
    if (!e.ctrlKey && document.activeElement !== canvas) return;
    e.preventDefault();
    const box = canvas.getBoundingClientRect();
    const share = (e.clientX - box.left - LEFT) / (box.width - LEFT);
    zoom(e.deltaY > 0 ? 1.25 : 0.8, view.from + share * (view.to - view.from));
  }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const all = {
      ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2), "+": () => zoom(0.5),
      "=": () => zoom(0.5), "-": () => zoom(2), 0: () => show(0, full), Home: () => show(0, full), ...keys,
    };
    if (!all[e.key]) return;
    e.preventDefault();
    all[e.key]();
  });
}

const clean = (line) => line.trim().replace(/;$/, "");

function key(id, entries) {
  $(id).replaceChildren(...entries.map(([text, colour]) => {
    const span = document.createElement("span"), box = document.createElement("i");
    box.style.background = colour;
    span.append(box, text);
    return span;
  }));
}
