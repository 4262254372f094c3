"""Modular machines in Cirq: a transformer, a device, a sampler.

>>> from bellwire.cirq import transformer
>>> import bellwire, cirq
>>> a, b = cirq.LineQubit.range(2)
>>> machine = bellwire.make_machine("line", 2, data_qubits=1)
>>> circuit = transformer(machine)(cirq.Circuit(cirq.H(a), cirq.CNOT(a, b)))
>>> sum("bellwire.link A B" in op.tags for op in circuit.all_operations())
1
"""

from __future__ import annotations

from os import PathLike

from bellwire.cirq_device import ModularDevice
from bellwire.cirq_sampler import ModularSampler
from bellwire.cirq_transformer import ModularTransformer
from bellwire.targets.load import load_machine
from bellwire.targets.machine import Machine

__all__ = ["ModularDevice", "ModularSampler", "ModularTransformer", "transformer"]


def transformer(
    machine: Machine | str | PathLike[str], *, recipe: str = "default", seed: int = 0
) -> ModularTransformer:
    """A Cirq transformer that compiles circuits for a machine, a preset, or a machine file."""
    target = machine if isinstance(machine, Machine) else load_machine(str(machine))
    return ModularTransformer(target, recipe=recipe, seed=seed)
