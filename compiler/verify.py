"""What each stage promises, checked rule by rule.

A rule that fails names the operation, the module and the number that broke it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from bellwire.compiler.columns import (
    BLOCKS,
    CONDITIONAL,
    SHARED,
    columns_fit,
    lowered_is_right,
    numbers_are_right,
    spans_are_right,
)
from bellwire.compiler.conditions import bits_of
from bellwire.compiler.occupancy import check_occupancy
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program, Stage
from bellwire.compiler.purified import check_scratch
from bellwire.compiler.states import check_states
from bellwire.compiler.timing import check_times
from bellwire.errors import ProgramError
from bellwire.targets.machine import Machine

PROTOCOLS = ("cat_entangle", "cat_disentangle", "teleport", "swap_ebits", "move")
SPANNING = ("ebit", "cat_entangle", "cat_disentangle", "teleport", "swap_ebits")


def verify(program: Program, machine: Machine | None = None) -> Program:
    """Check what the program's stage promises; return it unchanged.

    A machine is needed from PLACED on. Raises ProgramError with the rule that is broken.
    """
    check_operations(program)
    if program.stage is Stage.LOGICAL:
        return program
    if machine is None:
        raise ProgramError(f"{program.name}: a {program.stage.name} program needs its machine")
    check_homes(program, machine)
    if program.stage >= Stage.DISTRIBUTED:
        check_spans(program)
        if program.stage >= Stage.LOWERED:
            check_lowered(program, machine)
            check_scratch(program, machine)
        whole = program.count(*PROTOCOLS) > 0
        (check_occupancy if whole else check_states)(program, machine)
    if program.stage is Stage.SCHEDULED:
        check_times(program, machine)
    return program


def numbered(program: Program, prefix: str = "") -> Iterator[tuple[str, Op]]:
    """All operations with a name for their place ("operation 12 (cx)"), nested ones too."""
    for i, op in enumerate(program.ops):
        yield f"operation {prefix}{i} ({op.name})", op
        for k, block in enumerate(op.blocks):
            yield from numbered(block, f"{prefix}{i}.{k}.")


def check_operations(program: Program) -> None:
    """LOGICAL: right operands, finite angles, known qubits and bits, nested blocks where due; each
    logical qubit starts on a qubit of its own, and ends on one."""
    for word, places in (("start", program.inputs), ("end", program.outputs)):
        known = [q for q in set(places) if 0 <= q < len(program.qubits)]
        if not len(known) == len(places) == len(program.logical):
            raise ProgramError(
                f"{program.name}: found {len(known)} qubits on which its {len(program.logical)} "
                f"logical ones {word}; give each one of its own"
            )
    if not all(columns_fit(part) for part in program.walk()):
        raise ProgramError(f"{program.name}: its columns do not fit together")
    if all(numbers_are_right(part) for part in program.walk()):
        return
    qubits, bits = len(program.qubits), len(program.bit_names)
    for place, op in numbered(program):
        found = _wrong_numbers(op, qubits, bits)
        if found:
            raise ProgramError(f"{place}: {found}")


def _wrong_numbers(op: Op, qubits: int, bits: int) -> str:
    """What is wrong with one operation by itself; empty when nothing is."""
    row = op.row
    if not all(0 <= q < qubits for q in op.qubits) or len(set(op.qubits)) < len(op.qubits):
        return f"qubits {op.qubits}; they must be different ones of {qubits}"
    read = bits_of(op.condition) if op.condition is not None else ()
    if not all(0 <= b < bits for b in (*op.bits, *read)):
        return f"writes bits {op.bits}, reads {read}; there are {bits}"
    if not all(map(math.isfinite, op.angles)):
        return f"angles {op.angles}; they must be finite"
    if len(op.blocks) not in BLOCKS.get(op.name, (0,)):
        return f"{len(op.blocks)} blocks"
    if op.name in CONDITIONAL and op.condition is None:
        return "no condition"
    numbers = len(op.qubits), len(op.angles), len(op.bits)
    wanted = row.num_qubits, row.angles, row.bits
    if not row.any_qubits and numbers != wanted:
        return f"(qubits, angles, bits) are {numbers}; the table says {wanted}"
    return ""


def check_homes(program: Program, machine: Machine) -> None:
    """PLACED: every qubit is in a module of the machine; none starts or ends with too many."""
    for q in program.qubits:
        if q.module not in machine.index:
            raise ProgramError(
                f"qubit {q.name}: its module is {q.module!r}; the machine has none such"
            )
    for ends, word in ((program.inputs, "start"), (program.outputs, "end")):
        used = Counter(program.qubits[q].module for q in ends)
        for m in machine.modules:
            room = m.data_qubits if program.stage < Stage.LOWERED else m.size
            if used[m.name] > room:
                raise ProgramError(
                    f"module {m.name}: {used[m.name]} data qubits at the {word}; it has {room}"
                )


def check_spans(program: Program) -> None:
    """DISTRIBUTED: only e-bits and protocols span modules; shared gates are diagonal."""
    if spans_are_right(program):
        return
    module = [q.module for q in program.qubits]
    for place, op in numbered(program):
        if op.row.family in (Family.FLOW, Family.MARK):
            continue
        modules = sorted({str(module[q]) for q in op.qubits})
        if len(modules) > 1 and op.name not in SPANNING:
            raise ProgramError(f"{place}: spans modules {', '.join(modules)}")
        shared = len(op.qubits) == 2 and op.row.family is Family.GATE
        if shared and program.stage is Stage.DISTRIBUTED and op.name not in SHARED:
            raise ProgramError(f"{place}: is not one of {', '.join(SHARED)}; run unroll first")


def check_lowered(program: Program, machine: Machine) -> None:
    """LOWERED: real qubits, e-bits along links on communication qubits, gates along couplings."""
    if tuple(q.name for q in program.qubits) != machine.qubit_names():
        raise ProgramError(f"{program.name}: its qubits are not those of {machine.name}, in order")
    if lowered_is_right(program, machine):
        return
    coupled = {
        m.name: m.edges
        and {frozenset(machine.offsets[m.name] + p for p in edge) for edge in m.edges}
        for m in machine.modules
    }
    for place, op in numbered(program):
        ends = [program.qubits[q] for q in op.qubits]
        names = " and ".join(q.name for q in ends)
        if op.name == "ebit":
            if any(q.role != "comm" for q in ends):
                raise ProgramError(f"{place}: {names} are not both communication qubits")
            if machine.link(str(ends[0].module), str(ends[1].module)) is None:
                raise ProgramError(
                    f"{place}: no link between {ends[0].module} and {ends[1].module}"
                )
        elif op.row.family is Family.PROTOCOL:
            raise ProgramError(f"{place}: is still to be expanded")
        elif op.row.family is Family.GATE and len(ends) == 2:
            edges = coupled[str(ends[0].module)]
            if edges is not None and frozenset(op.qubits) not in edges:
                raise ProgramError(f"{place}: {names} are not coupled")
