"""What each stage promises, checked rule by rule.

A rule that fails names the operation, the module and the number that broke it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.occupancy import check_occupancy
from bellwire.compiler.operations import SHAREABLE, Family
from bellwire.compiler.program import Op, Program, Stage, is_flow
from bellwire.compiler.states import check_states
from bellwire.errors import ProgramError
from bellwire.targets.machine import Machine

PROTOCOLS = ("cat_entangle", "cat_disentangle", "teleport", "swap_ebits", "move")
Numbered = Iterator[tuple[str, Op, Program]]


def verify(program: Program, machine: Machine | None = None) -> Program:
    """Check what the program's stage promises; return it unchanged.

    A machine is needed from PLACED on. Raises ProgramError with the rule that is broken.
    """
    check_operations(program)
    if program.stage is Stage.LOGICAL:
        return program
    if machine is None:
        raise ProgramError(
            f"{program.name}: a {program.stage.name} program is checked on a machine"
        )
    check_homes(program, machine)
    if program.stage is Stage.PLACED:
        return program
    check_spans(program, machine)
    if program.stage is Stage.DISTRIBUTED:
        whole = program.count(*PROTOCOLS) > 0
        (check_occupancy if whole else check_states)(program, machine)
        return program
    check_lowered(program, machine)
    check_states(program, machine)
    if program.stage is Stage.SCHEDULED:
        from bellwire.compiler.timing import check_times

        check_times(program, machine)
    return program


def numbered(program: Program, prefix: str = "") -> Numbered:
    """All operations with a name for their place ("operation 12 (cx)"), nested ones too."""
    for i, op in enumerate(program.ops):
        yield f"operation {prefix}{i} ({op.name})", op, program
        for k, block in enumerate(op.blocks):
            yield from numbered(block, f"{prefix}{i}.{k}.")


def _need(condition: bool, place: str, text: Callable[[], str]) -> None:
    if not condition:
        raise ProgramError(f"{place}: {text()}")


def check_operations(program: Program) -> None:
    """LOGICAL: right operands, finite angles, known qubits and bits, nested blocks where due."""
    qubits, bits = len(program.qubits), len(program.bit_names)
    blocks = {"if_else": (1, 2), "while_loop": (1,), "for_loop": (1,)}
    for place, op, _ in numbered(program):
        row = op.row
        _need(
            all(0 <= q < qubits for q in op.qubits),
            place,
            lambda o=op: f"qubits {o.qubits} of {qubits}",
        )
        _need(
            len(set(op.qubits)) == len(op.qubits),
            place,
            lambda o=op: f"a qubit twice in {o.qubits}",
        )
        _need(all(0 <= b < bits for b in op.bits), place, lambda o=op: f"bits {o.bits} of {bits}")
        _need(
            all(map(math.isfinite, op.angles)),
            place,
            lambda o=op: f"angle {o.angles} is not finite",
        )
        if op.condition is not None:
            read = bits_of(op.condition)
            _need(
                all(0 <= b < bits for b in read), place, lambda r=read: f"reads bits {r} of {bits}"
            )
        _need(
            len(op.blocks) in blocks.get(op.name, (0,)),
            place,
            lambda o=op: f"{len(o.blocks)} blocks",
        )
        _need(op.name != "while_loop" or op.condition is not None, place, lambda: "no condition")
        if not row.any_qubits:
            found = len(op.qubits), len(op.angles), len(op.bits)
            wanted = row.num_qubits, row.angles, row.bits
            _need(
                found == wanted,
                place,
                lambda f=found, w=wanted: f"(qubits, angles, bits) are {f}; the table says {w}",
            )


def check_homes(program: Program, machine: Machine) -> None:
    """PLACED: every qubit is in a module of the machine, and no module holds too many at once."""
    for q in program.qubits:
        _need(q.module in machine.index, f"qubit {q.name}", lambda q=q: f"its module is {q.module}")
    for ends, word in ((program.inputs, "start"), (program.outputs, "end")):
        _need(len(set(ends)) == len(program.logical), word, lambda: "two input qubits in one place")
        used = dict.fromkeys(machine.index, 0)
        for q in ends:
            used[str(program.qubits[q].module)] += 1
        for m in machine.modules:
            room = m.data_qubits if program.stage < Stage.LOWERED else m.size
            _need(
                used[m.name] <= room,
                f"module {m.name}",
                lambda m=m, w=word: (
                    f"{used[m.name]} data qubits at the {w}; it has {m.data_qubits}"
                ),
            )


def check_spans(program: Program, machine: Machine) -> None:
    """DISTRIBUTED: only e-bits and protocols span modules, and shared gates are diagonal."""
    for place, op, part in numbered(program):
        if is_flow(op) or op.row.family is Family.MARK:
            continue
        modules = {str(part.qubits[q].module) for q in op.qubits}
        wide = op.row.family is Family.PROTOCOL and op.name != "move"
        _need(len(modules) == 1 or wide, place, lambda m=modules: f"spans modules {sorted(m)}")
        if len(op.qubits) == 2 and op.row.family is Family.GATE and part.stage is Stage.DISTRIBUTED:
            known = op.name in (*SHAREABLE, "cx")
            _need(known, place, lambda: "is not one of cz, cp, rzz, cx: run unroll first")


def check_lowered(program: Program, machine: Machine) -> None:
    """LOWERED: real qubits, e-bits along links on communication qubits, gates along couplings."""
    names = machine.qubit_names()
    found = tuple(q.name for q in program.qubits)
    _need(found == names, program.name, lambda: "its qubits are not those of the machine, in order")
    pairs = {
        m.name: None
        if m.edges is None
        else {frozenset(machine.offsets[m.name] + p for p in e) for e in m.edges}
        for m in machine.modules
    }
    for place, op, part in numbered(program):
        if op.name == "ebit":
            a, b = (part.qubits[q] for q in op.qubits)
            _need(
                a.role == b.role == "comm",
                place,
                lambda a=a, b=b: f"{a.name}, {b.name} are not both communication qubits",
            )
            _need(
                machine.link(str(a.module), str(b.module)) is not None,
                place,
                lambda a=a, b=b: f"there is no link between {a.module} and {b.module}",
            )
        elif op.row.family is Family.PROTOCOL:
            _need(False, place, lambda: "is still to be expanded")
        elif op.row.family is Family.GATE and len(op.qubits) == 2:
            coupled = pairs[str(part.qubits[op.qubits[0]].module)]
            _need(
                coupled is None or frozenset(op.qubits) in coupled,
                place,
                lambda o=op, p=part: (
                    f"{' and '.join(p.qubits[q].name for q in o.qubits)} are not coupled"
                ),
            )
