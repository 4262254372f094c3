"""Give each qubit of a Stim circuit its module: by cuts, by a file, by METIS, by packets."""

from __future__ import annotations

import json
import tomllib
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bellwire.errors import DoesNotFit, ParseError
from bellwire.passes.qec.cuts import parse_cut
from bellwire.passes.qec.interaction import Meeting, meeting

if TYPE_CHECKING:
    import stim

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
        if not qubit.isdigit() or type(module) is not int or module < 0:
            raise ParseError(
                f"found {qubit} = {module!r}; give qubit = module, both numbers", place
            )
        homes[int(qubit)] = module
    used = set(meeting(circuit).qubits)
    if unknown := sorted(set(homes) - used):
        raise DoesNotFit(f"{place}: found qubit {unknown[0]}, on which the circuit never acts")
    if missing := sorted(used - set(homes)):
        raise DoesNotFit(f"{place}: found no module for qubit {missing[0]}; give it one")
    _check_filled(homes, max(homes.values(), default=0) + 1, place)
    return homes


def by_metis(circuit: stim.Circuit, modules: int, *, seed: int = 0) -> dict[int, int]:
    """Cut as few gates as METIS can: the best of several seeds, k-way and recursive, even within a
    tenth. Raises DoesNotFit for more modules than qubits."""
    met = meeting(circuit)
    best = metis_candidates(met, modules, seed=seed)[0]
    return dict(zip(met.qubits, best.tolist()))


def by_packets(circuit: stim.Circuit, modules: int, *, seed: int = 0) -> dict[int, int]:
    """Keep the fault distance of links, then spend as few Bell pairs per round as packets can.

    Candidates are METIS partitions, straight cuts through coordinates, and both after a local
    search on packets (a check's modules beyond its first: the connectivity metric). The best few
    are spread in packets and compared by the least link distance of their observables, then by
    pairs.
    """
    from bellwire.passes.qec.packet_search import best_by_packets

    met = meeting(circuit)
    found = metis_candidates(met, modules, seed=seed)
    best = best_by_packets(circuit, met, found, modules, seed=seed)
    return dict(zip(met.qubits, best.tolist()))


def metis_candidates(met: Meeting, modules: int, *, seed: int) -> list[Any]:
    """Partitions by METIS (arrays of modules), those with the fewest spanning gates first."""
    from bellwire.passes.candidates import metis_parts, repair

    count = len(met.qubits)
    if not 1 <= modules <= count:
        raise DoesNotFit(f"found {count} qubits for {modules} modules; give 1 to {count} modules")
    capacity = np.full(modules, largest_module(count, modules))
    found = {}
    for parts in metis_parts(
        met.graph, np.ones(modules, dtype=np.int64), np.random.default_rng(seed), STARTS
    ):
        parts = repair(parts, met.graph, capacity)
        if len(np.unique(parts)) == modules:
            found[parts.tobytes()] = parts
    if not found:  # METIS left a module empty each time
        parts = np.arange(count) * modules // count
        found[parts.tobytes()] = parts
    return sorted(found.values(), key=lambda homes: (met.graph.cut(homes), homes.tolist()))


def largest_module(qubits: int, modules: int) -> int:
    """How many qubits a module may hold: a tenth more than its even share."""
    return -(-11 * qubits // (10 * modules))


def smallest_module(qubits: int, modules: int) -> int:
    """How many qubits a module should keep: four fifths of its even share, at least one."""
    return max(1, 4 * qubits // (5 * modules))


def _table(path: Path, place: str) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ParseError(f"cannot be read ({error.strerror}); check the path", place) from None
    except ValueError as error:
        raise ParseError(f"{error}; give TOML or JSON", place) from None


def _check_filled(homes: dict[int, int], modules: int, place: str) -> None:
    found = set(homes.values())
    if empty := [m for m in range(modules) if m not in found]:
        raise DoesNotFit(f"{place}: it leaves module {empty[0]} without qubits; cut elsewhere")
