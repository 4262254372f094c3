"""A circuit on data qubits becomes one on the whole machine: the step from Qiskit to our passes
and back that the layout, routing and scheduling plugins share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from qiskit.circuit import ClassicalRegister, ControlFlowOp, Instruction, QuantumRegister
from qiskit.converters import dag_to_circuit

from bellwire.compiler.emitters.qiskit import write_circuit
from bellwire.compiler.emitters.qiskit_parts import Registers, bell_pair
from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.frontends.qiskit_registers import classical_registers
from bellwire.compiler.metrics import program_metrics, spanning_gates
from bellwire.compiler.program import Program, Ragged, Stage
from bellwire.passes.chip import Chip, spread
from bellwire.passes.pipeline import Pass, Passed, pass_name, run_passes
from bellwire.passes.recipes import recipe
from bellwire.passes.route_locally import route_locally
from bellwire.passes.timeline import timeline
from bellwire.qiskit_parameters import Angles, freeze, thaw
from bellwire.targets.machine import Machine
from bellwire.targets.qiskit_backend import DT_S, qubit_order

OURS = "bellwire"
RECIPES = ("fast", "default", "default", "thorough")  # by optimisation level


@dataclass(frozen=True)
class Lowered:
    """`circuit` on all qubits of the machine; `start[i]`, `ends[i]`: where the state of qubit i of
    the input starts and ends, the latter a permutation of all qubits; `report`: what it costs."""

    circuit: Any
    start: tuple[int, ...]
    ends: tuple[int, ...]
    report: dict[str, Any]


def choose_places(dag: Any, machine: Machine, *, level: int, seed: int) -> list[int]:
    """Choose a data qubit of the Target for each qubit of a DAG: a home module, in it a place
    near its partners. Raises DoesNotFit."""
    circuit, _ = freeze(dag_to_circuit(dag, copy_operations=False))
    first, placing, _ = _steps(level, seed)
    placed = run_passes(_read(circuit), machine, [*first, *placing]).program
    number = {place: i for i, place in enumerate(qubit_order(machine))}
    out = [0] * len(placed.qubits)
    clock = timeline(placed)
    pairs = [(u, v) for u, v in clock.pair.tolist() if u >= 0]
    pairs += [pair for inner in clock.inner.values() for pair in inner.elements()]
    for m in machine.modules:
        wires = [w for w, q in enumerate(placed.qubits) if q.module == m.name]
        inside = set(wires)
        chip = Chip(m, machine.offsets[m.name])
        spread(chip, wires, [p for p in pairs if inside.intersection(p)])
        for position, wire in enumerate(chip.on):
            if wire >= 0:
                out[wire] = number[chip.offset + position]
    return out


def _steps(level: int, seed: int) -> tuple[list[Pass], list[Pass], list[Pass]]:
    """The passes of a level: those before homes are chosen, those that choose them, and those
    after, with the plan made anew for homes that are given."""
    steps = recipe(RECIPES[level], seed=seed)
    at = [pass_name(step) for step in steps].index("partition")
    placing, rest = steps[at : at + 2], steps[at + 2 :]
    again: Callable[..., Program] = placing[1]
    return steps[:at], placing, [partial(again, keep_homes=True), *rest]


def _read(circuit: Any) -> Program:
    return from_qiskit(circuit, dt_s=DT_S)


def lower(
    dag: Any,
    machine: Machine,
    *,
    starts: Iterable[Sequence[int]],
    inputs: set[int],
    level: int,
    seed: int,
) -> Lowered:
    """Turn gates between modules into Bell pairs, messages and local gates.

    Each of `starts` says where to begin, qubit i of the DAG on qubit `start[i]` of the Target; the
    one that takes the fewest e-bits, then swaps, by the quickest recipe is used. The qubits in
    `inputs` hold a state, those that no operation touches either may be overwritten. Raises a
    BellwireError.
    """
    circuit, angles = freeze(dag_to_circuit(dag, copy_operations=False))
    order = qubit_order(machine)
    first, _, rest = _steps(level, seed)
    logical = run_passes(_read(circuit), machine, first).program
    wires = sorted(inputs | _touched(logical))

    def carried(start: Sequence[int], steps: Sequence[Pass]) -> tuple[Program, Passed]:
        placed, positions = _placed(logical, wires, [order[start[w]] for w in wires], machine)
        return placed, run_passes(placed, machine, [_fixed(s, positions) for s in steps])

    start, *others = starts
    if others:
        quick = _steps(0, seed)[2]
        start = min((start, *others), key=lambda s: _price(carried(s, quick)[1].program))
    placed, done = carried(start, rest)
    number = {place: i for i, place in enumerate(order)}
    ends = {w: number[p] for w, p in zip(wires, done.program.outputs)}
    out = _write(done.program, dag, circuit, machine, angles)
    report = _report(placed, done, machine)
    return Lowered(out, tuple(start), _permutation(ends, start, len(order)), report)


def _price(program: Program) -> tuple[int, int]:
    return program.count("ebit"), program.count("swap")


def _placed(
    logical: Program, wires: Sequence[int], places: Sequence[int], machine: Machine
) -> tuple[Program, list[int]]:
    """The program with these places as homes, and the position of each in its module."""
    owners = [m for m in machine.modules for _ in range(m.size)]
    placed = _at_home(logical, wires, [owners[p].name for p in places])
    return placed, [p - machine.offsets[owners[p].name] for p in places]


def _touched(program: Program) -> set[int]:
    """The qubits that some operation names or that end as others than they started."""
    moved = {i for i, q in enumerate(program.outputs) if q != i}
    return moved | {int(q) for part in program.walk() for q in np.unique(part.operands.values)}


def _fixed(step: Pass, positions: Sequence[int]) -> Pass:
    own = pass_name(step) == "route_locally"
    return partial(route_locally, positions=positions) if own else step


def _at_home(program: Program, wires: Sequence[int], modules: Sequence[str]) -> Program:
    """The PLACED program of some wires alone, each in its module; outputs are among them."""
    qubits = tuple(replace(program.qubits[w], module=m) for w, m in zip(wires, modules))
    new = np.zeros(len(program.qubits), dtype=np.int32)
    new[list(wires)] = np.arange(len(wires))
    every = tuple(range(len(wires)))
    ends = tuple(int(new[program.outputs[w]]) for w in wires)

    def settle(part: Program) -> Program:
        return replace(
            part,
            stage=Stage.PLACED,
            qubits=qubits,
            logical=tuple(q.name for q in qubits),
            inputs=every,
            outputs=every,
            operands=Ragged(part.operands.starts, new[part.operands.values]),
            blocks={i: tuple(map(settle, blocks)) for i, blocks in part.blocks.items()},
        )

    return replace(settle(program), outputs=ends)


def _permutation(ends: dict[int, int], start: Sequence[int], size: int) -> tuple[int, ...]:
    """Where everything ends: what holds no state stays, or fills the places left over."""
    taken = set(ends.values())
    idle = [i for i in range(size) if i not in ends]
    at = {i: start[i] if i < len(start) else i for i in idle}
    left = iter(sorted(set(range(size)) - taken - set(at.values())))
    out = dict(ends)
    for i in idle:
        out[i] = next(left) if at[i] in taken else at[i]
    return tuple(out[i] for i in range(size))


def _write(program: Program, dag: Any, circuit: Any, machine: Machine, angles: Angles) -> Any:
    """Write a LOWERED program on the qubits and bits of a DAG, with the qubits that it lacks."""
    out = dag.copy_empty_like()
    lacking = len(machine.qubit_names()) - dag.num_qubits()
    if lacking:
        out.add_qreg(QuantumRegister(lacking, _free_name("comm", {*dag.qregs, *dag.cregs})))
    _, bit_number = classical_registers(circuit)
    user_bits = sorted(bit_number, key=bit_number.__getitem__)
    own = [r for r in program.registers if r.name == OURS]
    for register in own:
        out.add_creg(ClassicalRegister(register.width, OURS))
    empty = dag_to_circuit(out)
    bits = (*user_bits, *(b for _ in own for b in empty.cregs[-1]))
    qubits = [None] * len(empty.qubits)
    for i, place in enumerate(qubit_order(machine)):
        qubits[place] = empty.qubits[i]
    number = {b: i for i, b in enumerate(bits)}
    whole = {tuple(number[b] for b in register): register for register in empty.cregs}
    write_circuit(program, Registers((), (), tuple(qubits), bits, whole), empty)
    return thaw(empty, angles)


def _free_name(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _report(placed: Program, done: Passed, machine: Machine) -> dict[str, Any]:
    """What the program costs; where qubits start and end is told by the circuit's layout."""
    report = program_metrics(done.program, machine) | {
        **done.costs,
        "spanning_gates": spanning_gates(placed),
    }
    del report["layout"]
    return report


def seal_pairs(circuit: Any) -> Any:
    """Make Bell pairs plain instructions: Qiskit's optimiser would merge gates, resets or not."""

    def seal(pair: Any) -> Any:
        sealed = Instruction(pair.name, pair.num_qubits, 0, [], label=pair.label)
        sealed.definition = pair.definition
        return sealed

    return _map_pairs(circuit, seal)


def open_pairs(circuit: Any) -> Any:
    """Make Bell pairs gates again, which OpenQASM 3 can declare."""
    return _map_pairs(circuit, lambda pair: bell_pair(pair.label))


def _map_pairs(circuit: Any, change: Callable[[Any], Any]) -> Any:
    out = circuit.copy_empty_like()
    for instruction in circuit.data:
        if instruction.name == "bell_pair":
            instruction = instruction.replace(operation=change(instruction.operation))
        elif isinstance(instruction.operation, ControlFlowOp):
            blocks = [_map_pairs(b, change) for b in instruction.operation.blocks]
            operation = instruction.operation.replace_blocks(blocks)
            instruction = instruction.replace(operation=operation)
        out._append(instruction)
    return out
