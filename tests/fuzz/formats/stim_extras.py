"""What goes with Stim circuits: homes in files, cuts, and the counts of a study that goes on."""

from __future__ import annotations

import sinter
import stim
from driver import Format
from mutate import Mutator

from bellwire.passes.qec.assign import by_cut, by_file
from bellwire.runtime.threshold.collect import mend
from formats.tables import FOLDER

CIRCUIT = stim.Circuit(
    "".join(f"QUBIT_COORDS({i}, {i % 2}) {i}\n" for i in range(4)) + "CX 0 1 1 2 2 3\n"
)
HOMES_SEEDS = (
    "0 = 0\n1 = 1\n2 = 0\n3 = 1\n",
    "[homes]\n0 = 0\n1 = 1\n2 = 0\n3 = 1\n",
    '{"0": 0, "1": 1, "2": 0, "3": 1}',
)
CUTS_SEEDS = ("x<=1", "x+y<2 and x>-1", "not (x*2 >= 1 or y == 1)", "x%2 < 1 + y//1 - y", "0<x<2")
COUNTS_SEEDS = (sinter.CSV_HEADER + "\n", sinter.CSV_HEADER + "\n1,0,0,0.1,pymatching,ab,{},\n")


def read_homes(text: str) -> object:
    """As TOML, or as JSON when it looks like it."""
    path = FOLDER / ("homes.json" if text.lstrip().startswith("{") else "homes.toml")
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return by_file(CIRCUIT, path)


def read_counts(text: str) -> None:
    """Make a file of counts ready to go on with."""
    path = FOLDER / "counts.csv"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    mend(path)


HOMES = Format("homes", Mutator(HOMES_SEEDS), read_homes, 30_000, HOMES_SEEDS)
CUTS = Format("cuts", Mutator(CUTS_SEEDS), lambda cut: by_cut(CIRCUIT, cut), 30_000, CUTS_SEEDS)
COUNTS = Format("counts", Mutator(COUNTS_SEEDS), read_counts, 20_000, COUNTS_SEEDS)
