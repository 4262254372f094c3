"""Transpiler passes of Qiskit that call ours: a layout by modules, and the lowering of links.

They work in a PassManager of one's own:

>>> from bellwire import make_machine
>>> from bellwire.qiskit_passes import LowerLinks, ModularLayout
>>> from bellwire.targets.qiskit_backend import machine_target
>>> from qiskit.circuit.library import efficient_su2
>>> from qiskit.transpiler import PassManager
>>> from qiskit.transpiler.preset_passmanagers.common import generate_embed_passmanager
>>> machine = make_machine("line", 2, data_qubits=2)
>>> stages = PassManager([ModularLayout(machine, level=0)])
>>> stages += generate_embed_passmanager(machine_target(machine))
>>> stages.append(LowerLinks(machine, level=0))
>>> stages.run(efficient_su2(4, reps=1)).count_ops()["bell_pair"]
1
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.transpiler import Layout, TranspilerError
from qiskit.transpiler.basepasses import AnalysisPass, TransformationPass

from bellwire.errors import BellwireError, ProgramError
from bellwire.qiskit_lowering import Lowered, choose_places, lower, open_pairs, seal_pairs
from bellwire.qiskit_parameters import freeze
from bellwire.qiskit_reading import read_lowered
from bellwire.targets.machine import Machine

__all__ = ["FinishLinks", "LowerLinks", "ModularLayout"]


@contextmanager
def _told() -> Iterator[None]:
    """Tell our errors as Qiskit does."""
    try:
        yield
    except BellwireError as error:
        raise TranspilerError(f"bellwire: {error}") from error


class ModularLayout(AnalysisPass):
    """Choose a module and a data qubit for each qubit, unless a layout is set already."""

    def __init__(self, machine: Machine, *, level: int = 2, seed: int = 0) -> None:
        super().__init__()
        self.machine, self.level, self.seed = machine, level, seed

    def run(self, dag: Any) -> None:
        """Set `layout`. Raises TranspilerError when the machine has too few data qubits."""
        if self.property_set["layout"] is not None:
            return
        with _told():
            places = choose_places(dag, self.machine, level=self.level, seed=self.seed)
        layout = Layout(dict(zip(dag.qubits, places)))
        for register in dag.qregs.values():
            layout.add_register(register)
        self.property_set["layout"] = layout


class LowerLinks(TransformationPass):
    """Replace gates between modules by Bell pairs, and route inside the modules.

    Takes a circuit on the data qubits of the Target, or on all its qubits; the result is on all of
    them. `layout` and `final_layout` say where each state starts and ends, `ebits` what it costs.
    `sealed`: Bell pairs are instructions that no later pass touches, until FinishLinks makes them
    gates.
    """

    def __init__(
        self, machine: Machine, *, level: int = 2, seed: int = 0, sealed: bool = False
    ) -> None:
        super().__init__()
        self.machine, self.level, self.seed, self.sealed = machine, level, seed, sealed

    def run(self, dag: Any) -> Any:
        """Lower the circuit. Raises TranspilerError with what is wrong."""
        if dag.num_qubits() not in (self.machine.data_qubits, len(self.machine.qubit_names())):
            raise TranspilerError(
                f"bellwire: the circuit has {dag.num_qubits()} qubits, machine {self.machine.name} "
                f"{self.machine.data_qubits} data qubits; a layout stage must come first"
            )
        inputs = self._inputs(dag)
        with _told():
            lowered = lower(
                dag,
                self.machine,
                starts=self._starts(dag),
                inputs=inputs,
                level=self.level,
                seed=self.seed,
            )
        circuit = seal_pairs(lowered.circuit) if self.sealed else lowered.circuit
        out = circuit_to_dag(circuit, copy_operations=False)
        out.metadata = {**(dag.metadata or {}), "bellwire": lowered.report}
        self.property_set["ebits"] = lowered.report["ebits"]
        self._set_layouts(dag, out, lowered)
        return out

    def _starts(self, dag: Any) -> Iterator[Sequence[int]]:
        """Where the qubits may start; the result with the fewest e-bits is taken."""
        yield self._start(dag)

    def _inputs(self, dag: Any) -> set[int]:
        """The qubits that hold a state of the input at the start."""
        layout, count = self.property_set["layout"], self.property_set["num_input_qubits"]
        numbers = self.property_set["original_qubit_indices"]
        if layout is None or numbers is None or count is None:
            return set(range(min(dag.num_qubits(), self.machine.data_qubits)))
        return {layout[v] for v, i in numbers.items() if i < count}

    def _start(self, dag: Any) -> list[int]:
        """Where each qubit starts: a state that was laid on a communication qubit moves off it."""
        start = list(range(dag.num_qubits()))
        data = self.machine.data_qubits
        if dag.num_qubits() == data:
            return start
        idle = set(dag.idle_wires())
        busy = self._inputs(dag) | {i for i, q in enumerate(dag.qubits) if q not in idle}
        free = iter(i for i in range(data) if i not in busy)
        for i in sorted(q for q in busy if q >= data):
            other = next(free, None)
            if other is None:
                raise TranspilerError(
                    "bellwire: more qubits are in use than machine "
                    f"{self.machine.name} has data qubits, {data}; use layout_method='bellwire'"
                )
            start[i], start[other] = other, i
        return start

    def _set_layouts(self, dag: Any, out: Any, lowered: Lowered) -> None:
        layout, before = self.property_set["layout"], self.property_set["final_layout"]
        start = [*lowered.start, *range(len(lowered.start), out.num_qubits())]
        if layout is not None:
            self.property_set["layout"] = self._grown(layout, dag, out, start)
        after = [i if before is None else before[q] for i, q in enumerate(dag.qubits)]
        after += range(len(after), out.num_qubits())
        ends = {out.qubits[start[i]]: lowered.ends[j] for i, j in enumerate(after)}
        if before is not None or any(out.qubits[place] is not q for q, place in ends.items()):
            self.property_set["final_layout"] = Layout(ends)

    def _grown(self, layout: Any, dag: Any, out: Any, start: Sequence[int]) -> Any:
        """The same layout with qubits that moved at the start, and with those that are new."""
        grown = Layout({v: start[place] for v, place in layout.get_virtual_bits().items()})
        for register in layout.get_registers():
            grown.add_register(register)
        numbers = self.property_set["original_qubit_indices"]
        for place in range(dag.num_qubits(), out.num_qubits()):
            grown[out.qubits[place]] = place
            if numbers is not None:
                numbers[out.qubits[place]] = len(numbers)
        for name, register in out.qregs.items():
            if name not in dag.qregs:
                grown.add_register(register)
        return grown


class FinishLinks(LowerLinks):
    """The last stage: lower what is left to lower, unseal the Bell pairs.

    `free`: nobody asked for the layout that Qiskit chose; qubits get homes by our own measure then.
    """

    def __init__(
        self, machine: Machine, *, level: int = 2, seed: int = 0, free: bool = False
    ) -> None:
        super().__init__(machine, level=level, seed=seed)
        self.free = free

    def run(self, dag: Any) -> Any:
        """Finish the circuit. Raises TranspilerError with what is wrong."""
        if dag.num_qubits() == len(self.machine.qubit_names()):
            return circuit_to_dag(open_pairs(dag_to_circuit(dag, copy_operations=False)))
        return super().run(dag) if self._to_do(dag) else dag

    def _starts(self, dag: Any) -> Iterator[Sequence[int]]:
        yield from super()._starts(dag)
        if self.free and dag.num_qubits() == self.machine.data_qubits:
            # Homes alone are chosen here; the thorough search for e-bits comes after.
            yield choose_places(dag, self.machine, level=min(self.level, 2), seed=self.seed)

    def _to_do(self, dag: Any) -> bool:
        """Whether gates are left that no module can do by itself."""
        with _told():
            circuit, _ = freeze(dag_to_circuit(dag, copy_operations=False))
            try:
                read_lowered(circuit, self.machine)
            except ProgramError:
                return True
        return False
