"""What can go wrong at each operation: the one noise model that every backend and estimate uses.

Errors are Pauli channels next to operations and flips of readouts:

- an `ebit` is as good as its link says, false heralds included, purified where the program wants
  it (Bell-diagonal: Z-, X- and Y-type errors of one half);
- a gate is followed by the uniform depolarising channel with the fidelity of its module, on a
  condition or not (a swap by three of them); `id` is a gate, a barrier and a delay are not;
- a measurement flips its bit with 1 - readout fidelity; the state that it leaves is the true one;
- a state that waits decays with T1 and T2 of its qubit (Pauli-twirled), for as long as the start
  times or a sampled timeline say: a Bell pair in its communication qubits with theirs;
- each attempt of a link of its module dephases a waiting data qubit by `attempt_dephasing`;
- a reset is perfect.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import inf

import numpy as np

from bellwire.compiler.idle import Floats, Gap, Gaps, Idle, idle_gaps
from bellwire.compiler.operations import ROWS, Family
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.purified import pair_of
from bellwire.compiler.timing import SWAP_GATES
from bellwire.compiler.waits import ebit_links, int_rows, qubit_modules
from bellwire.targets.machine import BellState, Machine, Module
from bellwire.targets.noise import depolarising_1q, depolarising_2q, idle_pauli

Weights = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """Pauli errors on one qubit (weights of X, Y, Z) or two (IX, IY, IZ, XI, ... ZZ)."""

    qubits: tuple[int, ...]
    weights: Weights

    @property
    def error(self) -> float:
        """The chance that anything happens."""
        return sum(self.weights)


@dataclass(frozen=True, slots=True)
class NoiseEvents:
    """Channels before and after each operation, flips of measured bits, all by row; the channels
    at the end of a block; the events inside the blocks of control-flow rows."""

    before: dict[int, tuple[Channel, ...]]
    after: dict[int, tuple[Channel, ...]]
    flips: dict[int, float]
    at_end: tuple[Channel, ...]
    blocks: dict[int, tuple[NoiseEvents, ...]]


NOISELESS = NoiseEvents({}, {}, {}, (), {})


def noise_events(program: Program, machine: Machine, idle: Idle | None = None) -> NoiseEvents:
    """List everything that can go wrong in a LOWERED or SCHEDULED program on a machine, when its
    qubits wait as long as `idle` says (else as the start times say)."""
    if idle is None:
        idle = idle_gaps(program, machine)
    return _EventFinder(program, machine).find(program, idle)


class _EventFinder:
    def __init__(self, program: Program, machine: Machine) -> None:
        self.machine = machine
        self.homes = [machine.modules[i] for i in qubit_modules(program, machine).tolist()]
        self.roles = [qubit.role for qubit in program.qubits]

    def find(self, program: Program, idle: Idle) -> NoiseEvents:
        links = ebit_links(program, self.machine).tolist()
        made = (pair_of(program, self.machine, link) for link in self.machine.links)
        pairs = [pair_weights(pair.state) for pair in made]
        after: dict[int, tuple[Channel, ...]] = {}
        flips: dict[int, float] = {}
        for i, (kind, qubits) in enumerate(zip(program.kind.tolist(), int_rows(program.operands))):
            name, family = ROWS[kind].name, ROWS[kind].family
            if links[i] >= 0:
                after[i] = _known(qubits[1:], pairs[links[i]])
            elif family is Family.GATE:
                after[i] = _known(qubits, gate_weights(self.homes[qubits[0]], len(qubits), name))
            elif name == "measure" and self.homes[qubits[0]].readout.fidelity < 1:
                flips[i] = 1 - self.homes[qubits[0]].readout.fidelity
        before: dict[int, tuple[Channel, ...]] = {}
        for gap in idle.gaps:
            before[gap.row] = before.get(gap.row, ()) + self._waiting(gap)
        at_end = before.pop(-1, ())
        blocks = {
            i: tuple(self.find(b, w) for b, w in zip(bs, idle.blocks[i]))
            for i, bs in program.blocks.items()
        }
        return NoiseEvents(_filled(before), _filled(after), flips, at_end, blocks)

    def _waiting(self, gap: Gap) -> tuple[Channel, ...]:
        home, role = self.homes[gap.qubit], self.roles[gap.qubit]
        weights = idle_weights(gap.ns, *home.coherence_ns(role))
        if gap.attempts:
            weights = disturbed(weights, home.attempt_dephasing, gap.attempts)
        return _known((gap.qubit,), weights)


def _known(qubits: tuple[int, ...], weights: Weights) -> tuple[Channel, ...]:
    return (Channel(qubits, weights),) if any(weights) else ()


def _filled(events: dict[int, tuple[Channel, ...]]) -> dict[int, tuple[Channel, ...]]:
    return {i: channels for i, channels in events.items() if channels}


def pair_weights(state: BellState) -> Weights:
    """Errors of a fresh Bell pair, as Paulis on one half."""
    _, z, x, y = state
    return x, y, z


@cache
def gate_weights(module: Module, width: int, name: str = "") -> Weights:
    """Errors after a gate on one or two qubits of a module."""
    if width == 1:
        return (depolarising_1q(module.gate_1q.fidelity) / 4,) * 3
    p = depolarising_2q(module.gate_2q.fidelity)
    if name == "swap":
        p = 1 - (1 - p) ** SWAP_GATES
    return (p / 16,) * 15


@cache
def idle_weights(ns: int, t1_ns: float, t2_ns: float) -> Weights:
    """Errors of a state that waits."""
    weights: Weights = idle_pauli(ns, t1_ns, t2_ns)
    return weights


def waiting_weights(
    program: Program, machine: Machine, where: Gaps, ns: Ints, attempts: Floats
) -> Floats:
    """Errors of all gaps in many shots at once, shape (shots, gaps, 3); `ns` and `attempts`:
    (gaps, shots). The same as `idle_weights` and `disturbed` for each."""
    module, roles = qubit_modules(program, machine), [q.role for q in program.qubits]
    times = [machine.modules[m].coherence_ns(role) for m, role in zip(module.tolist(), roles)]
    t1_ns, t2_ns = np.reshape(np.array(times), (-1, 2))[where.qubits].T[..., None]
    harm = np.array([m.attempt_dephasing for m in machine.modules])[module[where.qubits], None]
    x = -np.expm1(-ns / t1_ns) / 4
    z = np.maximum(0.0, -np.expm1(-ns / t2_ns) / 2 - x)
    flip = (1 - (1 - 2 * harm) ** attempts) / 2
    out: Floats = np.stack([x, x, z * (1 - flip) + (1 - 2 * x - z) * flip])
    return out.transpose(2, 1, 0)


def waiting_harms(machine: Machine) -> bool:
    """Whether states lose anything while they wait."""
    roles = ("data", "comm")
    return any(
        m.attempt_dephasing > 0 or any(min(m.coherence_ns(role)) < inf for role in roles)
        for m in machine.modules
    )


def disturbed(weights: Weights, dephasing: float, attempts: float) -> Weights:
    """The same and, for each attempt, a Z error with the chance `dephasing`."""
    x, y, z = weights
    flip = (1 - (1 - 2 * dephasing) ** attempts) / 2
    return (
        x * (1 - flip) + y * flip,
        y * (1 - flip) + x * flip,
        z * (1 - flip) + (1 - x - y - z) * flip,
    )
