"""Circuits compiled once for a machine, with numbers in the place of unbound angles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from qiskit.circuit import ClassicalRegister

from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.frontends.qiskit_registers import qubit_names
from bellwire.compiler.metrics import program_metrics
from bellwire.compiler.program import Program
from bellwire.open_angles import bind_program
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe as passes_of
from bellwire.passes.schedule import schedule
from bellwire.qiskit_parameters import freeze, values_of
from bellwire.qiskit_reading import read_lowered
from bellwire.runtime.execute import fingerprint
from bellwire.targets.machine import Machine
from bellwire.targets.qiskit_backend import DT_S, qubit_order

REPORTED = ("ebits", "makespan_s", "expected_fidelity")


@dataclass(frozen=True, eq=False)
class CompiledCircuit:
    """A SCHEDULED program whose angles are still open.

    `values` turns values of the circuit's parameters, in their order, into angles; `wires[i]` is
    the qubit of the program that holds qubit i of the circuit at the end.
    """

    program: Program
    values: Callable[[Sequence[float]], list[float]]
    wires: tuple[int, ...]
    report: dict[str, Any]

    def bind(self, given: Sequence[float]) -> Program:
        """The program for one set of values."""
        return bind_program(self.program, self.values(given))


class Compilations:
    """Compiles each circuit the first time that it is asked for.

    A circuit that is transpiled for the machine (it has a layout, or communication qubits) is taken
    as it is, with qubits as in the physical Target; any other is compiled by the recipe.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._done: dict[tuple[Any, ...], tuple[Program, dict[str, Any]]] = {}

    def __len__(self) -> int:
        """How many circuits were compiled."""
        return len(self._done)

    def of(self, circuit: Any, *, recipe: str = "default") -> CompiledCircuit:
        """Compile a circuit, or find it among those that are. Raises a BellwireError."""
        frozen, angles = freeze(circuit)
        ready = circuit.layout is not None or circuit.num_qubits > self.machine.data_qubits
        if ready:
            source = read_lowered(frozen, self.machine)
        else:
            source = from_qiskit(frozen, dt_s=DT_S)
        key = (fingerprint(source), source.logical, source.outputs, recipe)
        if key not in self._done:
            self._done[key] = self._compile(source, ready, recipe)
        program, report = self._done[key]
        wires = self._wires(program, circuit, ready)
        return CompiledCircuit(program, values_of(angles, circuit.parameters), wires, report)

    def _compile(self, source: Program, ready: bool, recipe: str) -> tuple[Program, dict[str, Any]]:
        if ready:
            program = schedule(source, self.machine)
        else:
            program = run_passes(source, self.machine, passes_of(recipe)).program
        costs = program_metrics(program, self.machine)
        return program, {name: costs[name] for name in REPORTED}

    def _wires(self, program: Program, circuit: Any, ready: bool) -> tuple[int, ...]:
        if ready:
            return tuple(qubit_order(self.machine)[: circuit.num_qubits])
        place = dict(zip(program.logical, program.outputs))
        return tuple(place[name] for name in qubit_names(circuit))


def with_spare_bits(circuit: Any) -> Any:
    """The circuit with one more classical register, the last: a bit for each qubit."""
    taken = {r.name for r in (*circuit.qregs, *circuit.cregs)}
    name = "observables"
    while name in taken:
        name += "_"
    out = circuit.copy()
    out.add_register(ClassicalRegister(circuit.num_qubits, name))
    return out
