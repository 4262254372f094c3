// The table of e-bits: sorted, filtered, a window of rows at a time.

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
