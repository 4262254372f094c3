"""What each operation must wait for: its qubits, the bits that it reads, its link, its policy.

A bit that another module wrote arrives one message later; an `ebit` needs one of the `capacity`
slots of its link and its connection through a switch, and is asked for when the policy of the
program says. All times are whole nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.fabrics import fabric_waits
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Ints, Program, Ragged
from bellwire.compiler.purified import purified_in_turn
from bellwire.compiler.ragged import ragged, take_rows, widths, with_rows
from bellwire.compiler.waits_kernel import Uses, find_waits
from bellwire.errors import MachineError, ProgramError
from bellwire.targets.machine import Machine

NO_WAY = -1

_EBIT = KIND["ebit"]
_FLOW = np.array([row.family is Family.FLOW for row in ROWS])
_FENCES = ("break_loop", "continue_loop")


@dataclass(frozen=True, eq=False, slots=True)
class Waits:
    """What each operation waits for, as rows: operation i waits for `before[first[i]:first[i+1]]`,
    each until its end plus `lag_ns`. `link[i]` is the link that operation i makes a pair on, or -1;
    `links[i]` are the links that a control-flow row keeps for itself while it runs."""

    first: Ints
    before: Ints
    lag_ns: Ints
    link: Ints
    links: dict[int, tuple[int, ...]]


def int_rows(column: Ragged) -> list[tuple[int, ...]]:
    """The rows of a column of qubits or bits."""
    return cast(list[tuple[int, ...]], column.lists())


def qubit_modules(program: Program, machine: Machine) -> Ints:
    """Place of each qubit's module in `machine.modules`. Raises ProgramError where it has none."""
    index = machine.index
    for qubit in program.qubits:
        if qubit.module not in index:
            raise ProgramError(
                f"qubit {qubit.name}: module {qubit.module!r} is not in machine {machine.name}; "
                "place the program on this machine first"
            )
    return np.array([index[q.module] for q in program.qubits if q.module], dtype=np.int64)


def message_delays_ns(machine: Machine) -> Ints:
    """One-way latency from module to module along the fastest way, shape (modules, modules).

    Messages may hop over modules in between; `NO_WAY` where no links lead there.
    """
    import networkx as nx

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(machine.modules)))
    for link in machine.links:
        a, b = (machine.index[end] for end in link.between)
        graph.add_edge(a, b, ns=int(np.ceil(link.message_ns)))
    out = np.full((len(machine.modules),) * 2, NO_WAY, dtype=np.int64)
    for a, lengths in nx.all_pairs_dijkstra_path_length(graph, weight="ns"):
        for b, length in lengths.items():
            out[a, b] = length
    return out


def link_table(machine: Machine) -> Ints:
    """The link (place in `machine.links`) from module to module, -1 where there is none, shape
    (modules, modules)."""
    out = np.full((len(machine.modules),) * 2, -1, dtype=np.int64)
    for i, link in enumerate(machine.links):
        a, b = (machine.index[end] for end in link.between)
        out[a, b] = out[b, a] = i
    return out


def ebit_links(program: Program, machine: Machine) -> Ints:
    """The link (place in `machine.links`) of each `ebit`, -1 for other operations.

    Raises ProgramError for an `ebit` where there is no link.
    """
    out = np.full(len(program), -1, dtype=np.int64)
    rows = np.flatnonzero(program.kind == _EBIT)
    if not len(rows):
        return out
    module = qubit_modules(program, machine)
    a, b = (module[program.operands.values[program.operands.starts[rows] + k]] for k in (0, 1))
    out[rows] = link_table(machine)[a, b]
    lost = np.flatnonzero(out[rows] < 0)
    if len(lost):
        names = [machine.modules[int(end[lost[0]])].name for end in (a, b)]
        raise ProgramError(
            f"operation {rows[lost[0]]} (ebit): no link joins {names[0]} and {names[1]}"
        )
    return out


def waits(program: Program, machine: Machine) -> Waits:
    """Find what each operation has to wait for, one level (nested blocks have their own).

    A control-flow row waits for all bits that it or its blocks read, brought to all its modules,
    and keeps the links that it uses. A bit is written anew only after its readers are done. Raises
    MachineError for a bit that no links can bring where it is read.
    """
    wait = with_hardware(order_waits(program, machine), program, machine)
    if not program.generation.waits:
        return wait
    # Here, not above: when a pair is needed depends on times, and times on waits.
    from bellwire.compiler.requests import requests
    from bellwire.compiler.timing import durations_ns

    return with_more(wait, *requests(program, machine, wait, durations_ns(program, machine)))


def with_hardware(wait: Waits, program: Program, machine: Machine) -> Waits:
    """The same waits and those at the switches of the machine and for purification, for this order
    of the rows."""
    if machine.fabrics:
        wait = with_more(wait, *fabric_waits(machine, wait.link, wait.links))
    if program.generation.purify:
        wait = with_more(wait, *purified_in_turn(program, machine, wait.link))
    return wait


def with_more(wait: Waits, row: Ints, before: Ints, lag_ns: Ints) -> Waits:
    """The same waits and others: row `row[k]` also waits for row `before[k]`, plus its lag."""
    if not len(row):
        return wait
    rows = np.concatenate([np.repeat(np.arange(len(wait.link)), np.diff(wait.first)), row])
    order = np.argsort(rows, kind="stable")
    return replace(
        wait,
        first=np.searchsorted(rows[order], np.arange(len(wait.link) + 1)),
        before=np.concatenate([wait.before, before])[order],
        lag_ns=np.concatenate([wait.lag_ns, lag_ns])[order],
    )


def order_waits(program: Program, machine: Machine) -> Waits:
    """What each operation waits for by qubits, bits and links alone."""
    links = {i: _links_inside(blocks, machine) for i, blocks in program.blocks.items() if blocks}
    uses = _uses(program, machine)
    found, lost = find_waits(uses, sum(r.width for r in program.registers))
    if lost:
        here, there = (machine.modules[m].name for m in lost[1:])
        raise MachineError(
            f"operation {lost[0]} in module {there} needs a bit from module {here}, but no links "
            "lead there; add a link"
        )
    return Waits(found.first, found.before, found.lag, ebit_links(program, machine), links)


def _uses(program: Program, machine: Machine) -> Uses:
    """What each row uses, the rows of control flow with all that their blocks use."""
    module = qubit_modules(program, machine)
    read = [*(bits_of(c) for c in program.conditions), ()]  # the last one for rows without
    reads = take_rows(ragged(read), program.condition.astype(np.int64))
    homes = Ragged(
        program.bits.starts, np.repeat(first_homes(program, module), widths(program.bits))
    )
    flow = np.flatnonzero(_FLOW[program.kind]).tolist()
    whole = {i: _whole_row(program, i, module) for i in flow}
    qubits = with_rows(program.operands, {i: row.qubits for i, row in whole.items()})
    reads = with_rows(reads, {i: row.reads for i, row in whole.items()})
    writes = with_rows(program.bits, {i: [b for b, _ in row.writes] for i, row in whole.items()})
    homes = with_rows(homes, {i: [m for _, m in row.writes] for i, row in whole.items()})
    perhaps = program.condition >= 0
    perhaps[list(program.blocks)] = True
    return Uses(
        qubits.starts,
        qubits.values.astype(np.int64),
        reads.starts,
        reads.values.astype(np.int64),
        writes.starts,
        writes.values.astype(np.int64),
        homes.values.astype(np.int64),
        perhaps,
        module,
        message_delays_ns(machine),
    )


def first_homes(program: Program, module: Ints) -> Ints:
    """The module of each row's first qubit; any for rows without."""
    values = np.append(program.operands.values, 0).astype(np.int64)
    homes: Ints = np.append(module, 0)[values[program.operands.starts[:-1]]]
    return homes


@dataclass(frozen=True, slots=True)
class _WholeRow:
    """Qubits, bits read, bits written (with their modules) of a control-flow row and its blocks."""

    qubits: tuple[int, ...]
    reads: tuple[int, ...]
    writes: list[tuple[int, int]]


def _whole_row(program: Program, row: int, module: Ints) -> _WholeRow:
    blocks = [b for block in program.blocks.get(row, ()) for b in block.walk()]
    own = [program.conditions[c] for c in (program.condition[row],) if c >= 0]
    inner = (c for block in blocks for c in block.conditions)
    reads = dict.fromkeys(b for c in (*own, *inner) for b in bits_of(c))
    write: dict[int, set[int]] = {}
    for block in blocks:
        for operands, bits in zip(int_rows(block.operands), int_rows(block.bits)):
            if len(operands) == 1:  # a measurement; control-flow rows repeat their blocks
                for b in bits:
                    write.setdefault(b, set()).add(int(module[operands[0]]))
    starts = program.operands.starts
    qubits = tuple(program.operands.values[starts[row] : starts[row + 1]].tolist())
    if not blocks or any(block.count(*_FENCES) for block in blocks):
        qubits = tuple(range(len(program.qubits)))  # nothing may pass a way out
    return _WholeRow(qubits, tuple(reads), [(b, m) for b, ms in write.items() for m in sorted(ms)])


def _links_inside(blocks: tuple[Program, ...], machine: Machine) -> tuple[int, ...]:
    used = {
        int(link)
        for block in blocks
        for part in block.walk()
        for link in np.unique(ebit_links(part, machine))
    }
    return tuple(sorted(used - {-1}))
