// The timeline: modules as rows, operations as boxes, Bell pairs as arcs.

function timeline(ops, pairs) {
  const canvas = $("operations"), n = ops.row.length, kinds = new Set(ops.kind);
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
    const texts = data.kinds.map((kind, i) => [data.kindTexts[i], kind]).filter((_, i) => kinds.has(i));
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
    const wide = Math.max(ops.length[i] * 2, full / 1e4);
    show(ops.start[i] + ops.length[i] / 2 - wide, ops.start[i] + ops.length[i] / 2 + wide);
    choose(i, false);
  };
}

function words(ops, i) {
  const qubits = [ops.first[i], ops.second[i]].filter((q, k, all) => all.indexOf(q) === k).map((q) => data.qubits[q]);
  const line = ops.source[i], text = data.lines[line - 1];
  const source = line < 0 ? "" : " · line " + line + (text ? ": " + clean(text) : "");
  const end = ops.start[i] + ops.length[i];
  return `${ops.row[i]}: ${data.names[ops.name[i]]}${ops.if[i] ? " (if)" : ""} ${qubits.join(" ")} · ` +
    `${timeText(ops.start[i])} to ${timeText(end)}${source}`;
}
