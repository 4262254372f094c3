"""The circuits of a sweep: files, families of growing size, circuits of Qiskit, Cirq or Stim."""

from __future__ import annotations

import glob
from collections.abc import Callable, Mapping
from hashlib import sha256
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bellwire.compiler.frontends.read import read, read_text_of
from bellwire.compiler.program import Program, Stage
from bellwire.errors import BellwireError, MachineError
from bellwire.runtime.execute import fingerprint
from bellwire.sweeps.study import SweptCircuit
from bellwire.targets.fields import need, whole
from bellwire.targets.files import MOST_CIRCUIT_BYTES, file_text
from bellwire.targets.tables import Keys, Refused, known_table

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MOST_QUBITS = 1_000  # of a circuit that is made here

Unread = tuple[str, Callable[[], SweptCircuit]]  # its name; a file is opened later


def circuits_of(found: Any, keys: Keys, place: str, folder: Path) -> list[Unread]:
    """The circuits of one entry: a path, a pattern of paths, a table of a family, or a circuit.

    Paths are relative to `folder`. Raises Refused; reading them may raise it, too.
    """
    if isinstance(found, str | PathLike):
        return [
            (name, lambda name=name: _refused(keys, place, _of_file, name, folder))  # type: ignore[misc]
            for name in _names(fspath(found), keys, place, folder)
        ]
    if isinstance(found, Mapping):
        return _members(found, keys, place)
    circuit: SweptCircuit = _refused(keys, place, _of_program, "", found)
    return [(circuit.name, lambda: circuit)]


def _refused(keys: Keys, place: str, make: Callable[..., Any], *args: Any) -> Any:
    try:
        return make(*args)
    except BellwireError as error:
        raise Refused(keys, f"{place}: {error}") from None


def _names(pattern: str, keys: Keys, place: str, folder: Path) -> list[str]:
    if not glob.has_magic(pattern):
        return [pattern]
    found = sorted(glob.glob(pattern, root_dir=folder, recursive=True))
    if not found:
        raise Refused(keys, f"{place}: found no file like {pattern!r}; check the path")
    return [Path(name).as_posix() for name in found]


def _of_file(name: str, folder: Path) -> SweptCircuit:
    text = file_text(folder / name, MOST_CIRCUIT_BYTES)
    program, _ = read_text_of(text, path=str(folder / name))
    return SweptCircuit(name, _logical(program), sha256(text.encode()).hexdigest())


def _of_program(name: str, circuit: Any) -> SweptCircuit:
    program = _logical(read(circuit))
    return SweptCircuit(name or program.name, program, fingerprint(program))


def _logical(program: Program) -> Program:
    if program.stage is not Stage.LOGICAL:
        raise MachineError(
            f"{program.name}: found a program that is compiled already; give its circuit"
        )
    return program


def _members(found: Mapping[str, Any], keys: Keys, place: str) -> list[Unread]:
    table = known_table(found, keys, ("family", "qubits"), place)
    family, qubits = table.get("family"), table.get("qubits")
    sizes = qubits if isinstance(qubits, list) else [qubits]

    def check() -> None:
        wanted = f"one of {', '.join(FAMILIES)}"
        need(isinstance(family, str) and family in FAMILIES, "family", family, wanted)
        need(bool(sizes), "qubits", qubits, "a whole number or a list of them")
        for size in sizes:
            whole("qubits", size, 2, MOST_QUBITS)

    _refused(keys, place, check)
    return [
        (name := f"{family} {n}", lambda n=n, name=name: _of_program(name, FAMILIES[family](n)))  # type: ignore[misc, index]
        for n in sizes
    ]


def ghz(qubits: int) -> QuantumCircuit:
    """One Hadamard and a chain of cx: all bits are equal."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(qubits)
    circuit.h(0)
    for qubit in range(qubits - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return circuit


def qft(qubits: int) -> QuantumCircuit:
    """The quantum Fourier transform with all its angles, and no swaps, of Qiskit."""
    from qiskit.synthesis.qft import synth_qft_full

    circuit: QuantumCircuit = synth_qft_full(qubits, do_swaps=False)
    circuit.measure_all()
    return circuit


def quantum_volume(qubits: int) -> QuantumCircuit:
    """As many layers of random two-qubit gates as qubits (Qiskit's, of seed 0)."""
    from qiskit.circuit.library import quantum_volume as layers

    circuit: QuantumCircuit = layers(qubits, seed=0)
    circuit.measure_all()
    return circuit


FAMILIES: dict[str, Callable[[int], QuantumCircuit]] = {
    "ghz": ghz,
    "qft": qft,
    "quantum_volume": quantum_volume,
}
