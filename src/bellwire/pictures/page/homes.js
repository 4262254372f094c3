// The partition over time: qubits as rows, coloured by module.

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
