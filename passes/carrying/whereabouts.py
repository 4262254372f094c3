"""Where every state and every copy is while a program is written, and the rows that change it.

A `Scene` is a handful of integer tables that kernels read and write; the columns of each table are
named by the constants here. Communication and data qubits are hard limits: whoever writes a row
that needs one has made room before.
"""

from __future__ import annotations

from typing import NamedTuple

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND
from bellwire.compiler.ragged import Column

# Columns of Scene.qubit. LIVE is the mask of the modules that hold the qubit, its home among them;
# STASHED that of its copies on data qubits; KEPT that of its copies that must not give way now.
# WAITS: the home wire is a communication qubit. GOING: the home of the next gate, -1 for none.
# BASE, SEAT: in a block of control flow the home at its start and the data wire there, else -1.
HOME, WIRE, LIVE, STASHED, KEPT, WAITS, GOING, BASE, SEAT = range(9)
AT, WANTED = range(2)  # of Scene.copy: the wire; the gate that uses the copy next
# Columns of Scene.module: all and free communication qubits; free data qubits; states that wait;
# communication qubits that no state may wait on; how many copies and states are listed.
ALL, COMM, DATA, WAITING, SPARE, HELD, STATES = range(7)
WIRES, PAIRS, BITS = range(3)  # of Scene.made: what has been made so far
IN, ROLE, TITLE, NUMBER = range(4)  # of Scene.wires: module, role, qubit or -1, number in its name
ROWS, VALUES, SERVED = range(3)  # of Scene.tally; SERVED: the input row that is being written
WHAT, ROW, OWN, BIT, END = range(5)  # of Scene.table: kind, input row, see below, first bit, end
COPIED, FLIPPED, OURS = range(3)  # the input's row; its flip on one more copy; a row of our own

IS_DATA, IS_COMM = range(2)
NEVER = 1 << 40

_EBIT, _TELEPORT, _MOVE = KIND["ebit"], KIND["teleport"], KIND["move"]
_ENTANGLE, _DISENTANGLE = KIND["cat_entangle"], KIND["cat_disentangle"]


class Scene(NamedTuple):
    """All tables, integers throughout; n qubits, M modules.

    `qubit` (n, 9), `copy` (n, M, 2), `module` (M, 7). `copies` and `states` (M, most): the qubits
    with a copy, with their home in a module. `price` (M, M): Bell pairs on links, -1 where nothing
    can be swapped through; `way[way_start[a * M + b]:way_start[a * M + b + 1]]`: the modules
    between. `made` (3,), `wires` (most, 4): the qubits made so far. `tally` (3,), `table` (most, 5)
    and `operands` (most,): the rows of the list that is being written.
    """

    qubit: Column
    copy: Column
    module: Column
    copies: Column
    states: Column
    price: Column
    way_start: Column
    way: Column
    made: Column
    wires: Column
    tally: Column
    table: Column
    operands: Column


# --- rows ----------------------------------------------------------------------------------------


@kernel
def put(s: Scene, wire: int) -> None:
    """Add an operand to the row that is written next."""
    s.operands[s.tally[VALUES]] = wire
    s.tally[VALUES] += 1


@kernel
def end_row(s: Scene, kind: int, own: int, bits: int) -> None:
    """Write a row with the operands that were put and some new bits."""
    row = s.tally[ROWS]
    s.table[row, WHAT], s.table[row, ROW], s.table[row, OWN] = kind, s.tally[SERVED], own
    s.table[row, BIT], s.table[row, END] = s.made[BITS], s.tally[VALUES]
    s.tally[ROWS] += 1
    s.made[BITS] += bits


@kernel
def new_wire(s: Scene, module: int, role: int, title: int) -> int:
    """Make a qubit; its number within its name is that of the latest pair or arrival."""
    made = s.made[WIRES]
    s.wires[made, IN], s.wires[made, ROLE] = module, role
    s.wires[made, TITLE], s.wires[made, NUMBER] = title, s.made[PAIRS]
    s.made[WIRES] += 1
    return int(len(s.qubit) + made)


@kernel
def pair(s: Scene, a: int, b: int) -> int:
    """Make a Bell pair; returns the half in a, the one in b has the next number."""
    near = new_wire(s, a, IS_COMM, -1)
    far = new_wire(s, b, IS_COMM, -1)
    s.made[PAIRS] += 1
    put(s, near)
    put(s, far)
    end_row(s, _EBIT, OURS, 0)
    return near


@kernel
def data_wire(s: Scene, q: int, module: int) -> int:
    """A data qubit that something of q arrives on: its own seat, or a new one."""
    if s.qubit[q, BASE] == module:
        return int(s.qubit[q, SEAT])
    wire = new_wire(s, module, IS_DATA, q)
    s.made[PAIRS] += 1
    return wire


# --- lists of who is in a module ------------------------------------------------------------------


@kernel
def enlist(s: Scene, lists: Column, size: int, module: int, q: int) -> None:
    """Add a qubit to a module's list; `size` is the column that counts it."""
    lists[module, s.module[module, size]] = q
    s.module[module, size] += 1


@kernel
def delist(s: Scene, lists: Column, size: int, module: int, q: int) -> None:
    """Take a qubit off a module's list."""
    last = s.module[module, size] - 1
    k = last
    while lists[module, k] != q:
        k -= 1
    lists[module, k] = lists[module, last]
    s.module[module, size] = last


# --- copies ---------------------------------------------------------------------------------------


@kernel
def wire_at(s: Scene, q: int, module: int) -> int:
    """The wire that holds a qubit in a module."""
    if s.qubit[q, HOME] == module:
        return int(s.qubit[q, WIRE])
    return int(s.copy[q, module, AT])


@kernel
def open_copy(s: Scene, q: int, source: int, module: int) -> None:
    """Make a copy from one that is live; there is room for the pair."""
    near = pair(s, source, module)
    put(s, wire_at(s, q, source))
    put(s, near)
    put(s, near + 1)
    end_row(s, _ENTANGLE, OURS, 1)
    s.copy[q, module, AT], s.copy[q, module, WANTED] = near + 1, NEVER
    s.qubit[q, LIVE] |= 1 << module
    s.module[module, COMM] -= 1
    enlist(s, s.copies, HELD, module, q)


@kernel
def stash(s: Scene, q: int, module: int) -> None:
    """Put a copy on a spare data qubit, so that its communication qubit is free."""
    wire = data_wire(s, q, module)
    put(s, s.copy[q, module, AT])
    put(s, wire)
    end_row(s, _MOVE, OURS, 0)
    s.copy[q, module, AT] = wire
    s.qubit[q, STASHED] |= 1 << module
    s.module[module, COMM] += 1
    s.module[module, DATA] -= 1


@kernel
def give_back(s: Scene, q: int, module: int) -> None:
    """End a copy."""
    put(s, s.copy[q, module, AT])
    put(s, s.qubit[q, WIRE])
    end_row(s, _DISENTANGLE, OURS, 1)
    delist(s, s.copies, HELD, module, q)
    s.qubit[q, LIVE] &= ~(1 << module)
    if s.qubit[q, STASHED] >> module & 1:
        s.qubit[q, STASHED] &= ~(1 << module)
        s.module[module, DATA] += 1
        settle(s, module)
    else:
        s.module[module, COMM] += 1


@kernel
def trim(s: Scene, q: int, keep: int) -> None:
    """Give back all copies of a qubit but those in some modules."""
    rest = s.qubit[q, LIVE] & ~keep & ~(1 << s.qubit[q, HOME])
    module = 0
    while rest >> module:
        if rest >> module & 1:
            give_back(s, q, module)
        module += 1


# --- states ---------------------------------------------------------------------------------------


@kernel
def settle(s: Scene, module: int) -> None:
    """Put states that wait in a module onto its free data qubits."""
    k = 0
    while s.module[module, WAITING] > 0 and s.module[module, DATA] > 0:
        q = s.states[module, k]
        if s.qubit[q, WAITS]:
            wire = data_wire(s, q, module)
            put(s, s.qubit[q, WIRE])
            put(s, wire)
            end_row(s, _MOVE, OURS, 0)
            s.qubit[q, WIRE], s.qubit[q, WAITS] = wire, 0
            s.module[module, COMM] += 1
            s.module[module, WAITING] -= 1
            s.module[module, DATA] -= 1
        k += 1


@kernel
def rehome(s: Scene, q: int, module: int, wire: int, waits: int) -> None:
    """Note that a state has left its home for a wire whose qubit is already counted as taken."""
    old = s.qubit[q, HOME]
    s.module[old, COMM if s.qubit[q, WAITS] else DATA] += 1
    s.module[old, WAITING] -= s.qubit[q, WAITS]
    delist(s, s.states, STATES, old, q)
    enlist(s, s.states, STATES, module, q)
    s.module[module, WAITING] += waits
    s.qubit[q, HOME], s.qubit[q, WIRE], s.qubit[q, WAITS] = module, wire, waits
    s.qubit[q, LIVE] = s.qubit[q, LIVE] & ~(1 << old) | 1 << module
    settle(s, module)
    settle(s, old)


@kernel
def teleport(s: Scene, q: int, module: int) -> None:
    """Move a state without copies; there is room for the pair."""
    near = pair(s, s.qubit[q, HOME], module)
    put(s, s.qubit[q, WIRE])
    put(s, near)
    put(s, near + 1)
    end_row(s, _TELEPORT, OURS, 2)
    s.module[module, COMM] -= 1
    rehome(s, q, module, near + 1, 1)


@kernel
def switch(s: Scene, q: int, module: int) -> None:
    """End the home of a qubit; its copy in a module stays as the new home."""
    wire = s.copy[q, module, AT]
    put(s, s.qubit[q, WIRE])
    put(s, wire)
    end_row(s, _DISENTANGLE, OURS, 1)
    delist(s, s.copies, HELD, module, q)
    stashed = s.qubit[q, STASHED] >> module & 1
    s.qubit[q, STASHED] &= ~(1 << module)
    rehome(s, q, module, wire, 1 - stashed)
