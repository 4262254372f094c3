"""One point measured: compiled, run if asked for, and told in a row of plain values."""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import isfinite
from typing import Any

from bellwire.api import compile as compile_circuit
from bellwire.api import run
from bellwire.compiler.program import Program
from bellwire.errors import BellwireError, RunError
from bellwire.runtime.result import Result
from bellwire.runtime.sweep.row_file import Row
from bellwire.sweeps.study import Point
from bellwire.targets.machine import Machine
from bellwire.targets.noise import werner_state

OF_COMPILING = (
    "spanning_gates", "ebits", "ebit_requests", "ebit_depth", "cat_sessions", "teleports",
    "messages", "two_qubit_gates", "swaps_local", "makespan_s", "expected_fidelity",
)  # fmt: skip
CLOCKS = ("cpu_s", "wall_s")  # the columns that differ between runs


def measure(point: Point) -> Row:
    """Measure one point: its key, settings and figures, or the error that bellwire gives for it.

    Same point, same row, but for the CLOCKS. Raises RuntimeError where another version than the
    one that asks is installed.
    """
    _check_version(point.version)
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        found = _figures(point)
    except BellwireError as error:
        found = failure(error)
    clocks = (round(time.process_time() - cpu, 3), round(time.perf_counter() - wall, 3))
    return {"key": point.key, **point.said, **found, **dict(zip(CLOCKS, clocks))}


def failure(error: BaseException) -> Row:
    """What a row says of an error, in one line."""
    return {"error": " ".join(str(error).split()), "error_kind": type(error).__name__}


def _check_version(wanted: str) -> None:
    from bellwire import __version__

    if __version__ != wanted:
        raise RuntimeError(f"found a worker with bellwire {__version__}; install {wanted} there")


def _figures(point: Point) -> Row:
    settings, circuit = point.settings, point.circuit.program
    qubits = len(circuit.logical)
    machine = point.machine.machine(qubits, _link(settings))
    done = compile_circuit(
        circuit,
        machine,
        seed=settings["seed"],
        **{key: settings[key] for key in ("recipe", "optimise", "link_price", "seconds")},
    )
    figures = {"qubits": qubits, **_size(machine)}
    figures |= {key: _finite(done.report[key]) for key in OF_COMPILING}
    if "shots" in settings:
        options = {key: settings[key] for key in ("shots", "seed", "backend", "noise", "timelines")}
        figures |= _counted(run(done, **options), circuit, settings)
    return figures


def _link(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of links that the settings change."""
    fields = {k.removeprefix("link_"): v for k, v in settings.items() if k.startswith("link_")}
    del fields["price"]  # the compiler's
    if "fidelity" in fields:
        fields["state"] = werner_state(fields.pop("fidelity"))
    return fields


def _size(machine: Machine) -> Row:
    """Modules, and the qubits of each (of the largest, where they differ)."""
    return {
        "modules": len(machine.modules),
        "data_qubits": max(m.data_qubits for m in machine.modules),
        "comm_qubits": max(m.comm_qubits for m in machine.modules),
    }


def _counted(result: Result, circuit: Program, settings: Mapping[str, Any]) -> Row:
    """What a run says; `hellinger_fidelity` is that of its counts with those of a plain run."""
    spans = {f"run_makespan_{key}_s": _finite(s) for key, s in result.makespan_s.items()}
    return {
        "simulator": result.backend,
        "fidelity_estimate": result.fidelity_estimate,
        "hellinger_fidelity": _hellinger(result, circuit, settings),
        **spans,
        "attempts": result.attempts,
        **{f"pairs_{fate}": count for fate, count in result.pairs.items()},
        "counts": dict(result.counts),
    }


def _hellinger(result: Result, circuit: Program, settings: Mapping[str, Any]) -> float | None:
    """Of counts with those of the circuit without modules or noise, None where that cannot run."""
    if not result.counts:
        return None
    from qiskit.quantum_info import hellinger_fidelity

    try:
        plain = run(circuit, shots=result.shots, seed=settings["seed"])
    except RunError:
        return None
    return float(hellinger_fidelity(dict(result.counts), dict(plain.counts)))


def _finite(value: float) -> float | None:
    """A number that JSON has; None for an endless time."""
    return value if isfinite(value) else None
