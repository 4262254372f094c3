"""Cirq circuits on any qubits become circuits on the qubits of a modular machine."""

from __future__ import annotations

from typing import Any

import cirq

from bellwire.cirq_symbols import read_symbols
from bellwire.compiler.emitters.cirq import to_cirq
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe as passes_of
from bellwire.targets.machine import Machine

Places = dict[cirq.Qid, cirq.Qid]


@cirq.transformer
class ModularTransformer:
    """Compiles circuits for a machine: only Bell pairs and messages are left between modules.

    The result is on NamedQubits such as A_data[0] and A_comm[0], which start in |0>; a Bell pair is
    a CNOT tagged "bellwire.link A B" after two resets and an H. The key m of one qubit stays, of
    several it becomes m[0], m[1], ...; keys of our own are bellwire[0], ... CircuitOperations are
    always unrolled, and no tag keeps an operation as it is: everything has to run on the machine.
    Symbols stay, as long as angles are sums of symbols times numbers.
    """

    def __init__(self, machine: Machine, *, recipe: str = "default", seed: int = 0) -> None:
        self.machine, self.recipe, self.seed = machine, recipe, seed

    def __call__(
        self, circuit: cirq.AbstractCircuit, *, context: cirq.TransformerContext | None = None
    ) -> cirq.Circuit:
        """The compiled circuit. Raises a BellwireError that says what cannot be compiled."""
        return self.route_circuit(circuit, context=context)[0]

    def route_circuit(
        self, circuit: cirq.AbstractCircuit, *, context: cirq.TransformerContext | None = None
    ) -> tuple[cirq.Circuit, Places, Places]:
        """The compiled circuit; where each qubit starts; where what started there ends.

        As `cirq.RouteCQC.route_circuit` gives it.
        """
        source, symbols = read_symbols(circuit)
        steps = passes_of(self.recipe, seed=self.seed)
        program = run_passes(source, self.machine, steps).program
        names = [cirq.NamedQubit(q.name) for q in program.qubits]
        starts = [names[q] for q in program.inputs]
        if context is not None:
            context.logger.log(f"{program.count('ebit')} e-bits")
        initial: dict[Any, cirq.Qid] = dict(zip(sorted(circuit.all_qubits()), starts))
        final: Places = {a: names[b] for a, b in zip(starts, program.outputs)}
        return to_cirq(program, self.machine, symbols=symbols), initial, final
