"use strict";
// Draws the timeline, the homes and the table of e-bits from the packed columns of the page.

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

function timeline(ops, pairs) {
  const canvas = $("operations"), n = ops.row.length;
  const lane = new Int32Array(data.qubits.length).fill(-1), lanes = data.modules.map(() => 0);
  const used = new Set([...ops.first, ...ops.second]);
  const order = [...used].sort((a, b) => data.comm[a] - data.comm[b] || a - b);
  for (const q of order) lane[q] = lanes[data.home[q]]++;
  const most = Math.max(1, ...lanes);
  const row = Math.max(16, Math.min(90, 6 + LANE * most, MOST_HEIGHT / data.modules.length));
  let first = 0, chosen = -1; // the first module shown, the operation that is marked
  const fits = Math.max(1, Math.floor(MOST_HEIGHT / row));
  const count = Math.min(fits, data.modules.length);
  const tall = (q) => (row - 6) / Math.max(1, lanes[data.home[q]]);
  const top = (q) => (data.home[q] - first) * row + 3 + lane[q] * tall(q);
  const visible = (q) => data.home[q] >= first && data.home[q] < first + count;

  function draw() {
    const s = sheet(canvas, count * row + AXIS), { pen, colour, width, x, scale } = s;
    for (let m = first; m < first + count; m++) {
      const y = (m - first) * row;
      pen.fillStyle = colour.panel;
      pen.fillRect(LEFT, y + 1, width - LEFT, row - 2);
      pen.fillStyle = data.colours[m];
      pen.fillRect(0, y + 1, 5, row - 2);
      pen.fillStyle = colour.ink;
      pen.fillText(shortened(pen, data.modules[m], LEFT - 18), 12, y + row / 2 + 4);
    }
    axis(s);
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, 0, width - LEFT, s.body);
    pen.clip();
    const fills = data.kinds.map((kind) => colour[kind]);
    const ends = new Float64Array(data.qubits.length).fill(-1); // where each lane is drawn up to
    for (let i = 0; i < n; i++) {
      const start = ops.start[i], end = start + ops.length[i];
      if (end < view.from || start > view.to) continue;
      const a = x(start), wide = Math.max(1, ops.length[i] * scale), pale = data.kinds[ops.kind[i]] === "pair";
      for (const q of ops.first[i] === ops.second[i] ? [ops.first[i]] : [ops.first[i], ops.second[i]]) {
        if (!visible(q) || (wide <= 1 && a + wide <= ends[q])) continue;
        ends[q] = Math.max(ends[q], Math.ceil(a + wide));
        pen.globalAlpha = pale ? 0.3 : 1;
        pen.fillStyle = fills[ops.kind[i]];
        pen.fillRect(a, top(q) + 0.5, wide, Math.max(1, tall(q) - 1));
      }
    }
    pen.globalAlpha = 1;
    arcs(s);
    if (chosen >= 0) mark(s);
    pen.restore();
  }

  function arcs({ pen, colour, x, scale }) {
    let seen = 0;
    const shown = (k) => pairs.herald[k] >= view.from && pairs.herald[k] <= view.to;
    for (let k = 0; k < pairs.row.length; k++) if (shown(k)) seen++;
    const step = Math.ceil(seen / MOST_ARCS);
    canvas.dataset.arcs = Math.ceil(seen / Math.max(1, step));
    const notes = step > 1 ? ["1 Bell pair of " + step + " is drawn"] : [];
    if (count < data.modules.length) notes.push(`modules ${first + 1} to ${first + count} of ${data.modules.length}`);
    const alpha = Math.max(0.3, Math.min(1, 300 / seen));
    for (let k = 0, at = 0; k < pairs.row.length; k++) {
      const halves = [[pairs.qubitA[k], pairs.usedA[k]], [pairs.qubitB[k], pairs.usedB[k]]];
      pen.fillStyle = colour.old;
      for (const [q, until] of halves) {
        const old = (until - pairs.herald[k]) * scale;
        if (!visible(q) || old < 1 || until < view.from || pairs.herald[k] > view.to) continue;
        pen.fillRect(x(pairs.herald[k]), top(q) + tall(q) / 2 - 1, old, 2);
      }
      if (!shown(k) || at++ % step) continue;
      const [y1, y2] = halves.map(([q]) => (data.home[q] - first + 0.5) * row);
      const here = x(pairs.herald[k]);
      pen.globalAlpha = alpha;
      pen.strokeStyle = colour.pair;
      pen.lineWidth = 1.2;
      pen.beginPath();
      pen.moveTo(here, y1);
      pen.quadraticCurveTo(here - 8 - 0.2 * Math.abs(y2 - y1), (y1 + y2) / 2, here, y2);
      pen.stroke();
      pen.globalAlpha = 1;
    }
    note(notes);
  }

  function mark({ pen, colour, x, scale }) {
    pen.strokeStyle = colour.ink;
    pen.lineWidth = 2;
    for (const q of [ops.first[chosen], ops.second[chosen]])
      pen.strokeRect(x(ops.start[chosen]) - 1, top(q) - 1, Math.max(3, ops.length[chosen] * scale) + 2, tall(q) + 2);
  }

  function note(notes) {
    const texts = data.kinds.map((kind, i) => [data.kindTexts[i], kind]);
    key("legend", [...texts, ["Bell pair waiting for its use", "old"]].map(([text, c]) => [text, "var(--" + c + ")"]));
    $("legend").append(notes.join("; "));
  }

  function choose(i, into = true) {
    chosen = i;
    const start = ops.start[i], end = start + ops.length[i], half = (view.to - view.from) / 2;
    $("status").textContent = words(ops, i);
    const module = data.home[ops.first[i]];
    if (module < first || module >= first + count) first = Math.min(module, data.modules.length - count);
    if (into && (start < view.from || end > view.to)) show((start + end) / 2 - half, (start + end) / 2 + half);
    else redraw();
  }

  function find(t, y, slack) {
    let best = -1;
    for (let i = 0; i < n; i++) {
      if (t < ops.start[i] - 2 * slack || t > ops.start[i] + ops.length[i] + 2 * slack) continue;
      for (const q of [ops.first[i], ops.second[i]])
        if (visible(q) && y >= top(q) && y < top(q) + tall(q) && (best < 0 || ops.length[i] <= ops.length[best])) best = i;
    }
    return best;
  }

  const byTime = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => ops.start[a] - ops.start[b] || a - b);
  function step(by) {
    if (!n) return;
    let at = byTime.findIndex((i) => (chosen >= 0 ? i === chosen : ops.start[i] >= view.from));
    at = chosen >= 0 ? at + by : Math.max(0, at);
    choose(byTime[Math.max(0, Math.min(n - 1, at))]);
  }
  function scroll(by) {
    first = Math.max(0, Math.min(data.modules.length - count, first + by));
    redraw();
  }
  attach(canvas, (t, y, slack) => {
    const i = find(t, y, slack);
    if (i >= 0 && i !== chosen) choose(i, false);
  }, { n: () => step(1), p: () => step(-1), N: () => step(1), P: () => step(-1), ArrowUp: () => scroll(-1), ArrowDown: () => scroll(1) });
  view.listeners.push(draw);
  const places = new Map(ops.row.length ? Array.from(ops.row, (r, i) => [r, i]) : []);
  return (operation) => {
    const i = places.get(operation);
    if (i === undefined) return;
    const wide = Math.max(ops.length[i] * 4, full / 1e4);
    show(ops.start[i] + ops.length[i] / 2 - wide, ops.start[i] + ops.length[i] / 2 + wide);
    choose(i, false);
  };
}

const clean = (line) => line.trim().replace(/;$/, "");

function words(ops, i) {
  const qubits = [ops.first[i], ops.second[i]].filter((q, k, all) => all.indexOf(q) === k).map((q) => data.qubits[q]);
  const line = ops.source[i], text = data.lines[line - 1];
  const source = line < 0 ? "" : " · line " + line + (text ? ": " + clean(text) : "");
  const end = ops.start[i] + ops.length[i];
  return `${ops.row[i]}: ${data.names[ops.name[i]]}${ops.if[i] ? " (if)" : ""} ${qubits.join(" ")} · ` +
    `${timeText(ops.start[i])} to ${timeText(end)}${source}`;
}

function key(id, entries) {
  $(id).replaceChildren(...entries.map(([text, colour]) => {
    const span = document.createElement("span"), box = document.createElement("i");
    box.style.background = colour;
    span.append(box, text);
    return span;
  }));
}

function homes(stays) {
  const canvas = $("partition"), qubits = data.logical.length;
  const row = Math.max(1, Math.min(20, 480 / Math.max(1, qubits)));
  const slots = new Int32Array(stays.qubit.length), free = new Map();
  for (let i = 0; i < slots.length; i++) {
    if (stays.home[i]) continue;
    const ends = free.get(stays.qubit[i]) || [];
    free.set(stays.qubit[i], ends);
    let slot = ends.findIndex((end) => end <= stays.start[i]);
    if (slot < 0) slot = ends.length;
    ends[slot] = stays.start[i] + stays.length[i];
    slots[i] = slot;
  }
  function draw() {
    const s = sheet(canvas, Math.max(row, Math.round(row * qubits)) + AXIS), { pen, colour, width, x, scale } = s;
    pen.fillStyle = colour.ink;
    const each = Math.ceil(14 / row);
    for (let q = 0; q < qubits; q += each)
      pen.fillText(shortened(pen, data.logical[q], LEFT - 14), 4, Math.max(9, (q + 0.5) * row + 4));
    axis(s);
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, 0, width - LEFT, s.body);
    pen.clip();
    for (let i = 0; i < stays.qubit.length; i++) {
      const start = stays.start[i], end = start + stays.length[i];
      if (end < view.from || start > view.to) continue;
      const y = stays.qubit[i] * row, gap = row > 8 ? 1 : 0, wide = Math.max(1, stays.length[i] * scale);
      pen.fillStyle = data.colours[stays.module[i]];
      if (stays.home[i]) pen.fillRect(x(start), y + gap, wide, row - 2 * gap);
    }
    if (row >= 6) for (let i = 0; i < stays.qubit.length; i++) details(s, i);
    pen.restore();
  }
  function details({ pen, colour, x, scale }, i) {
    const start = stays.start[i], end = start + stays.length[i], y = stays.qubit[i] * row;
    if (end < view.from || start > view.to) return;
    if (!stays.home[i]) {
      const slim = Math.max(2, Math.min(4, row / 4)), wide = Math.max(1.5, stays.length[i] * scale);
      const at = y + row - 1 - slim * (slots[i] + 1);
      pen.fillStyle = colour.paper;
      pen.fillRect(x(start) - 1, at - 1, wide + 2, slim + 1);
      pen.fillStyle = data.colours[stays.module[i]];
      pen.fillRect(x(start), at, wide, slim);
    } else if (stays.moved[i]) {
      pen.fillStyle = colour.ink;
      pen.beginPath();
      pen.arc(x(start), y + row / 2, 2.5, 0, 7);
      pen.fill();
    }
  }
  attach(canvas, (t, y) => {
    const q = Math.floor(y / row);
    const here = [...stays.qubit.keys()].filter((i) => stays.qubit[i] === q && t >= stays.start[i] && t <= stays.start[i] + stays.length[i]);
    if (!here.length) return;
    const places = here.map((i) => (stays.home[i] ? "at home in " : "a copy in ") + data.modules[stays.module[i]]);
    $("status").textContent = `${data.logical[q]} at ${timeText(t)}: ${places.join(", ")}`;
  }, {});
  view.listeners.push(draw);
  key("modules", data.modules.slice(0, 64).map((name, i) => [name, data.colours[i]]));
}

function table(ebits, goTo) {
  const n = ebits.operation.length, firsts = [];
  for (let k = 0, at = 0; k < n; at += ebits.gates[k++]) firsts.push(at);
  const sources = (k) => {
    const out = [];
    for (let g = firsts[k]; g < firsts[k] + Math.min(6, ebits.gates[k]); g++) {
      const line = ebits.line[g], text = data.lines[line - 1], times = ebits.times[g];
      out.push((line < 0 ? "?" : "line " + line) + (times > 1 ? " ×" + times : "") + (text ? " " + clean(text) : ""));
    }
    return out.join(", ") + (ebits.gates[k] > 6 ? ", … " + (ebits.gates[k] - 6) + " more" : "");
  };
  const served = (k) => {
    let sum = 0;
    for (let g = firsts[k]; g < firsts[k] + ebits.gates[k]; g++) sum += ebits.times[g];
    return sum;
  };
  const link = (k) => data.modules[ebits.a[k]] + "-" + data.modules[ebits.b[k]];
  const purpose = (k) => data.purposes[ebits.purpose[k]] + (ebits.use[k] ? " " + ebits.use[k] : "") +
    (ebits.chain[k] > 1 ? ", 1 of " + ebits.chain[k] + " swapped" : "");
  const qubit = (k) => data.logical[ebits.qubit[k]] ?? "?";
  const firstLine = (k) => (ebits.gates[k] ? ebits.line[firsts[k]] : Infinity);
  const columns = [
    ["e-bit", (k) => k + 1, (k) => k, 8],
    ["operation", (k) => data.places[k] || ebits.operation[k], (k) => ebits.operation[k], 10],
    ["link", link, link, 12],
    ["for", purpose, purpose, 20],
    ["qubit", qubit, (k) => ebits.qubit[k], 10],
    ["gates", served, served, 8],
    ["source", sources, firstLine, 32],
  ];
  const texts = Array.from({ length: n }, (_, k) => columns.slice(1).map((c) => c[1](k)).join(" ").toLowerCase());
  let rows = Int32Array.from({ length: n }, (_, k) => k), sorted = 0, down = false, chosen = -1;

  columns.forEach(([name, , , width], c) => {
    const th = document.createElement("th"), button = document.createElement("button");
    th.style.width = width + "%";
    th.scope = "col";
    button.textContent = name;
    button.addEventListener("click", () => {
      down = sorted === c && !down;
      sorted = c;
      arrange();
    });
    th.append(button);
    $("head").append(th);
  });

  function arrange() {
    const wanted = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean).join(" ");
    const found = [];
    for (let k = 0; k < n; k++) if (!wanted || texts[k].includes(wanted)) found.push(k);
    const value = columns[sorted][2], values = new Map(found.map((k) => [k, value(k)]));
    const sign = down ? -1 : 1;
    found.sort((i, j) => {
      const a = values.get(i), b = values.get(j);
      return (a < b ? -sign : a > b ? sign : 0) || i - j;
    });
    rows = Int32Array.from(found);
    [...$("head").children].forEach((th, c) => {
      th.setAttribute("aria-sort", c !== sorted ? "none" : down ? "descending" : "ascending");
      th.firstChild.textContent = columns[c][0] + (c !== sorted ? "" : down ? " ▼" : " ▲");
    });
    $("count").textContent = rows.length.toLocaleString("en") + " of " + n.toLocaleString("en") + " e-bits";
    $("table").setAttribute("aria-rowcount", rows.length + 1);
    $("scroll").scrollTop = 0;
    fill();
  }

  function space(height) {
    const tr = document.createElement("tr"), td = document.createElement("td");
    td.colSpan = columns.length;
    td.style.cssText = `height:${height}px;padding:0;border:0`;
    tr.setAttribute("aria-hidden", "true");
    tr.append(td);
    return tr;
  }
  function fill() {
    const from = Math.max(0, Math.floor($("scroll").scrollTop / ROW) - 5);
    const to = Math.min(rows.length, from + Math.ceil($("scroll").clientHeight / ROW) + 10);
    const drawn = [];
    for (let i = from; i < to; i++) {
      const tr = document.createElement("tr"), k = rows[i];
      tr.dataset.k = k;
      tr.setAttribute("aria-rowindex", i + 2);
      tr.setAttribute("aria-selected", k === chosen);
      for (const [, text] of columns) {
        const td = document.createElement("td");
        td.textContent = td.title = text(k);
        tr.append(td);
      }
      tr.addEventListener("click", () => pick(k, true));
      drawn.push(tr);
    }
    $("body").replaceChildren(space(from * ROW), ...drawn, space((rows.length - to) * ROW));
  }
  function pick(k, go) {
    chosen = k;
    if (go) goTo(ebits.operation[k]);
    fill();
  }
  $("filter").addEventListener("input", arrange);
  $("scroll").addEventListener("scroll", fill);
  $("scroll").addEventListener("keydown", (e) => {
    const at = rows.indexOf(chosen), by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[e.key];
    if (by && rows.length) {
      e.preventDefault();
      const next = Math.max(0, Math.min(rows.length - 1, at + by));
      const box = $("scroll"), y = next * ROW;
      if (y < box.scrollTop) box.scrollTop = y;
      if (y > box.scrollTop + box.clientHeight - 3 * ROW) box.scrollTop = y - box.clientHeight + 3 * ROW;
      pick(rows[next], false);
    } else if (e.key === "Enter" && at >= 0 && e.target === $("scroll")) pick(chosen, true);
  });
  arrange();
}

async function start() {
  const [ops, pairs, stays, ebits] = await Promise.all(
    [data.operations, data.pairs, data.stays, data.ebits].map(unpack));
  const goTo = timeline(ops, pairs);
  homes(stays);
  table(ebits, (operation) => {
    goTo(operation);
    $("timeline").scrollIntoView({ block: "nearest" });
  });
  $("in").onclick = () => zoom(0.5);
  $("out").onclick = () => zoom(2);
  $("left").onclick = () => move(-0.4);
  $("right").onclick = () => move(0.4);
  $("all").onclick = () => show(0, full);
  window.addEventListener("resize", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  redraw();
  document.documentElement.dataset.ready = "yes";
}
start();
