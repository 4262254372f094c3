"""The frame of a memory experiment of a CSS code: what comes around the rounds of checks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bellwire.compiler.codes.css import Css


def experiment(code: Css, basis: str, rounds: int, one_round: list[str], skip: int) -> str:
    """The text of a memory experiment.

    `one_round` measures all X checks, then all Z checks; the first `skip` records of a round are of
    no check of the basis, as are those behind them. Detectors are of the checks of `basis` alone.
    """
    letter = "X" if basis == "x" else ""
    data = range(code.data)
    records = len(code.x_checks) + len(code.z_checks)
    count = len(code.checks(basis))
    places = code.places[code.data + skip :]
    first = [_detector(places[c], [records - skip - c]) for c in range(count)]
    later = [
        _detector(places[c], [records - skip - c, 2 * records - skip - c]) for c in range(count)
    ]
    lines = [f"R{letter} {words(data)}", "TICK", *one_round, *first]
    if rounds > 1:
        lines += [f"REPEAT {rounds - 1} {{", "TICK", *one_round, "SHIFT_COORDS(0,0,1)", *later, "}"]
    lines += ["TICK", f"M{letter} {words(data)}", "SHIFT_COORDS(0,0,1)"]
    for c, row in enumerate(code.checks(basis)):
        looks = [code.data - int(q) for q in np.flatnonzero(row)]
        lines.append(_detector(places[c], [*looks, code.data + records - skip - c]))
    for k, row in enumerate(code.logical(basis)):
        looks = [code.data - int(q) for q in np.flatnonzero(row)]
        lines.append(f"OBSERVABLE_INCLUDE({k}) {_looks(looks)}")
    return "\n".join(lines)


def words(items: Iterable[object]) -> str:
    """Targets, as Stim writes them."""
    return " ".join(map(str, items))


def coordinates(places: Iterable[tuple[float, float]]) -> list[str]:
    """QUBIT_COORDS of qubits 0, 1, ..."""
    return [f"QUBIT_COORDS({x:g},{y:g}) {q}" for q, (x, y) in enumerate(places)]


def _detector(place: tuple[float, float], looks: list[int]) -> str:
    return f"DETECTOR({place[0]:g},{place[1]:g},0) {_looks(looks)}"


def _looks(back: list[int]) -> str:
    return words(f"rec[-{k}]" for k in back)
