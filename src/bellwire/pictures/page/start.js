// Unpacks the columns, then draws everything.

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
