"""Error-corrected memories over modules: recipes R1 to R6, rewriting times, sampling rates.

Prints what was expected beforehand, what is found, the tolerance and whether it is met. R1-full,
which takes longer, is run when it is named.

    python benchmarks/qec.py [--only R1 R2 ... speed] [--short] [--workers 2] [--json | --markdown]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context

from qec_rows import RECIPES, Row
from qec_shoulder import shoulder
from qec_speed import rewriting, sampling

from bellwire import __version__


def rows(only: list[str], pool: Executor, *, short: bool) -> Iterator[Row]:
    """All rows of some recipes."""
    for name, recipe in RECIPES.items():
        if name in only:
            yield from recipe(pool, short=short)
    if "R1-full" in only:
        yield from shoulder(pool, short=short)
    if "speed" in only:
        yield from rewriting()
        yield from sampling()


def main() -> None:
    """Print a table, or one JSON object; exit code 1 when something is missed."""
    names = [*RECIPES, "speed"]
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--only", nargs="+", choices=[*names, "R1-full"], default=names)
    words.add_argument("--short", action="store_true", help="few points; a minute")
    words.add_argument("--workers", type=int, default=2)
    words.add_argument("--json", action="store_true")
    words.add_argument("--markdown", action="store_true", help="the table (default)")
    said = words.parse_args()
    start = time.monotonic()
    found = []
    if not said.json:
        print("| recipe | what | expected | found | tolerance | |\n|---|---|---|---|---|---|")
    with ProcessPoolExecutor(said.workers, mp_context=get_context("spawn")) as pool:
        for row in rows(said.only, pool, short=said.short):
            found.append(row)
            if not said.json:
                end = "pass" if row.passed else "MISSED"
                print(
                    f"| {row.recipe} | {row.what} | {row.expected} | {row.found} | "
                    f"{row.tolerance} | {end} |",
                    flush=True,
                )
    figures = {
        "version": __version__,
        "passed": sum(r.passed for r in found),
        "missed": sum(not r.passed for r in found),
        "wall_s": round(time.monotonic() - start, 1),
    }
    print(json.dumps(figures | {"rows": [asdict(r) for r in found]} if said.json else figures))
    sys.exit(0 if all(r.passed for r in found) else 1)


if __name__ == "__main__":
    main()
