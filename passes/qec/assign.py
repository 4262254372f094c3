"""Give each qubit of a Stim circuit its module: by cuts, by a file, by METIS, by packets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bellwire.errors import DoesNotFit, ParseError
from bellwire.passes.qec.cuts import parse_cut
from bellwire.passes.qec.interaction import Meeting, meeting
from bellwire.targets.fields import shown
from bellwire.targets.files import file_text, read_json, read_toml

if TYPE_CHECKING:
    import stim

Ints = NDArray[np.int64]

_NUMBER = re.compile(r"[0-9]{1,9}")  # of a qubit

STARTS = 20  # seeds of METIS, k-way and recursive each


def by_cut(circuit: stim.Circuit, *cuts: str) -> dict[int, int]:
    """Cut through QUBIT_COORDS: n cuts give 2^n modules, a cut's true side first.

    The first cut halves the numbers: with "x<=5", "y<=5" module 1 has x <= 5 and y > 5. Raises
    ParseError for a cut that cannot be read, DoesNotFit for a module without qubits.
    """
    if not cuts:
        raise ParseError("found no cut; give one, such as 'x<=5'")
    tests = [parse_cut(cut) for cut in cuts]
    places = circuit.get_final_qubit_coordinates()
    homes = {}
    for qubit in meeting(circuit).qubits:
        if not places.get(qubit):
            raise DoesNotFit(
                f"qubit {qubit} has no QUBIT_COORDS to cut by; give it some, or homes in a file"
            )
        sides = [0 if test(places[qubit]) else 1 for test in tests]
        homes[qubit] = sum(side << (len(cuts) - 1 - i) for i, side in enumerate(sides))
    _check_filled(homes, 2 ** len(cuts), f"cut {' and '.join(map(repr, cuts))}")
    return homes


def by_file(circuit: stim.Circuit, path: str | PathLike[str]) -> dict[int, int]:
    """Read homes from a TOML or JSON file: a table of qubit = module, by itself or as `homes`.

    Raises ParseError for a file that cannot be read, DoesNotFit for qubits that are missing or not
    in the circuit and for modules without qubits.
    """
    place = str(path)
    table = _table(Path(path), place)
    table = table.get("homes", table) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        raise ParseError("found no table; give lines such as 0 = 1 (qubit = module)", place)
    homes = {}
    for qubit, module in table.items():
        if not _NUMBER.fullmatch(qubit) or type(module) is not int or module < 0:
            raise ParseError(
                f"found {qubit} = {shown(module)}; give qubit = module, both numbers", place
            )
        homes[int(qubit)] = module
    used = set(meeting(circuit).qubits)
    if unknown := sorted(set(homes) - used):
        raise DoesNotFit(f"{place}: found qubit {unknown[0]}, on which the circuit never acts")
    if missing := sorted(used - set(homes)):
        raise DoesNotFit(f"{place}: found no module for qubit {missing[0]}; give it one")
    _check_filled(homes, max(homes.values(), default=0) + 1, place)
    return homes


def by_metis(
    circuit: stim.Circuit, modules: int, *, seed: int = 0, room: Sequence[int] | None = None
) -> dict[int, int]:
    """Cut as few gates as METIS can: the best of several seeds, k-way and recursive.

    `room`: the most qubits of each module; without it they are even within a tenth. Raises
    DoesNotFit for more modules than qubits and for too little room.
    """
    met = meeting(circuit)
    sizes = sizes_of(len(met.qubits), modules, room)
    return dict(zip(met.qubits, metis_candidates(met, sizes, seed=seed)[0].tolist()))


def by_packets(
    circuit: stim.Circuit, modules: int, *, seed: int = 0, room: Sequence[int] | None = None
) -> dict[int, int]:
    """Keep the fault distance of links, then spend as few Bell pairs as packets can.

    Candidates are METIS partitions, straight cuts through coordinates, and both after a local
    search on packets (a check's modules beyond its first: the connectivity metric of hypergraph
    partitioning). The best few are spread in packets and compared by the least link distance of
    their observables, then by pairs. `room` and errors as in `by_metis`.
    """
    from bellwire.passes.qec.packet_search import best_by_packets

    met = meeting(circuit)
    sizes = sizes_of(len(met.qubits), modules, room)
    found = metis_candidates(met, sizes, seed=seed)
    best = best_by_packets(circuit, met, found, sizes, seed=seed)
    return dict(zip(met.qubits, best.tolist()))


@dataclass(frozen=True)
class Sizes:
    """How many qubits each module has at least and at most, by module; `hard`: a machine's."""

    least: Ints
    most: Ints
    hard: bool

    @property
    def modules(self) -> int:
        """How many modules there are, those without room too."""
        return len(self.most)

    def allow(self, homes: Ints) -> bool:
        """Whether every module that has room has qubits, and none too many where that is hard."""
        used = np.bincount(homes, minlength=self.modules)
        filled = bool((used[self.most > 0] > 0).all())
        return filled and not (self.hard and bool((used > self.most).any()))


def sizes_of(qubits: int, modules: int, room: Sequence[int] | None) -> Sizes:
    """Even sizes (four fifths to eleven tenths of the share), or what there is room for."""
    holders = modules if room is None else sum(r > 0 for r in room)
    if not 1 <= holders <= qubits:
        raise DoesNotFit(f"found {qubits} qubits for {holders} modules; give 1 to {qubits} modules")
    if room is None:
        least = np.full(modules, max(1, 4 * qubits // (5 * modules)))
        return Sizes(least, np.full(modules, -(-11 * qubits // (10 * modules))), hard=False)
    if sum(room) < qubits:
        raise DoesNotFit(f"found {qubits} qubits, but room for {sum(room)}; give a larger machine")
    most = np.array(room, dtype=np.int64)
    return Sizes((most > 0).astype(np.int64), most, hard=True)


def metis_candidates(met: Meeting, sizes: Sizes, *, seed: int) -> list[Ints]:
    """Partitions by METIS, the module of each qubit, those with the fewest spanning gates first."""
    from bellwire.passes.candidates import metis_parts, repair

    holders = np.flatnonzero(sizes.most)
    shares = sizes.most[holders]
    found = {}
    for parts in metis_parts(met.graph, shares, np.random.default_rng(seed), STARTS):
        homes = repair(holders[parts], met.graph, sizes.most)
        if sizes.allow(homes):
            found[homes.tobytes()] = homes
    if not found:  # METIS left a module empty each time
        order = np.repeat(holders, _filling(len(met.qubits), shares))
        found[order.tobytes()] = order
    return sorted(found.values(), key=lambda homes: (met.graph.cut(homes), homes.tolist()))


def _filling(qubits: int, room: Ints) -> Ints:
    """How many qubits go into each module, at least one each, within its room."""
    used = np.ones(len(room), dtype=np.int64)
    for _ in range(qubits - len(room)):
        used[int(np.argmin(np.where(used < room, used, qubits + 1)))] += 1
    return used


def _table(path: Path, place: str) -> Any:
    read = read_json if path.suffix == ".json" else read_toml
    return read(file_text(path), place)


def _check_filled(homes: dict[int, int], modules: int, place: str) -> None:
    found = set(homes.values())
    if len(found) < modules:
        empty = next(m for m in range(modules) if m not in found)
        raise DoesNotFit(f"{place}: it leaves module {empty} without qubits; cut elsewhere")
