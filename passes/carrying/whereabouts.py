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
HOME, WIRE, LIVE, STASHED, KEPT, WAITS, GOING = range(7)
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

    `qubit` (n, 7), `copy` (n, M, 2), `module` (M, 7). `copies` and `states` (M, most): the qubits
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
def put(scene: Scene, wire: int) -> None:
    """Add an operand to the row that is written next."""
    scene.operands[scene.tally[VALUES]] = wire
    scene.tally[VALUES] += 1


@kernel
def end_row(scene: Scene, kind: int, own: int, bits: int) -> None:
    """Write a row with the operands that were put and some new bits."""
    row = scene.tally[ROWS]
    scene.table[row, WHAT], scene.table[row, ROW], scene.table[row, OWN] = (
        kind,
        scene.tally[SERVED],
        own,
    )
    scene.table[row, BIT], scene.table[row, END] = scene.made[BITS], scene.tally[VALUES]
    scene.tally[ROWS] += 1
    scene.made[BITS] += bits


@kernel
def new_wire(scene: Scene, module: int, role: int, title: int) -> int:
    """Make a qubit; its number within its name is that of the latest pair or arrival."""
    made = scene.made[WIRES]
    scene.wires[made, IN], scene.wires[made, ROLE] = module, role
    scene.wires[made, TITLE], scene.wires[made, NUMBER] = title, scene.made[PAIRS]
    scene.made[WIRES] += 1
    return int(len(scene.qubit) + made)


@kernel
def pair(scene: Scene, a: int, b: int) -> int:
    """Make a Bell pair; returns the half in a, the one in b has the next number."""
    near = new_wire(scene, a, IS_COMM, -1)
    far = new_wire(scene, b, IS_COMM, -1)
    scene.made[PAIRS] += 1
    put(scene, near)
    put(scene, far)
    end_row(scene, _EBIT, OURS, 0)
    return near


@kernel
def data_wire(scene: Scene, q: int, module: int) -> int:
    """Make a data qubit that something of q arrives on."""
    wire = new_wire(scene, module, IS_DATA, q)
    scene.made[PAIRS] += 1
    return wire


# --- lists of who is in a module ------------------------------------------------------------------


@kernel
def enlist(scene: Scene, lists: Column, size: int, module: int, q: int) -> None:
    """Add a qubit to a module's list; `size` is the column that counts it."""
    lists[module, scene.module[module, size]] = q
    scene.module[module, size] += 1


@kernel
def delist(scene: Scene, lists: Column, size: int, module: int, q: int) -> None:
    """Take a qubit off a module's list."""
    last = scene.module[module, size] - 1
    k = last
    while lists[module, k] != q:
        k -= 1
    lists[module, k] = lists[module, last]
    scene.module[module, size] = last


# --- copies ---------------------------------------------------------------------------------------


@kernel
def wire_at(scene: Scene, q: int, module: int) -> int:
    """The wire that holds a qubit in a module."""
    if scene.qubit[q, HOME] == module:
        return int(scene.qubit[q, WIRE])
    return int(scene.copy[q, module, AT])


@kernel
def open_copy(scene: Scene, q: int, source: int, module: int) -> None:
    """Make a copy from one that is live; there is room for the pair."""
    near = pair(scene, source, module)
    put(scene, wire_at(scene, q, source))
    put(scene, near)
    put(scene, near + 1)
    end_row(scene, _ENTANGLE, OURS, 1)
    scene.copy[q, module, AT], scene.copy[q, module, WANTED] = near + 1, NEVER
    scene.qubit[q, LIVE] |= 1 << module
    scene.module[module, COMM] -= 1
    enlist(scene, scene.copies, HELD, module, q)


@kernel
def stash(scene: Scene, q: int, module: int) -> None:
    """Put a copy on a spare data qubit, so that its communication qubit is free."""
    wire = data_wire(scene, q, module)
    put(scene, scene.copy[q, module, AT])
    put(scene, wire)
    end_row(scene, _MOVE, OURS, 0)
    scene.copy[q, module, AT] = wire
    scene.qubit[q, STASHED] |= 1 << module
    scene.module[module, COMM] += 1
    scene.module[module, DATA] -= 1


@kernel
def give_back(scene: Scene, q: int, module: int) -> None:
    """End a copy."""
    put(scene, scene.copy[q, module, AT])
    put(scene, scene.qubit[q, WIRE])
    end_row(scene, _DISENTANGLE, OURS, 1)
    delist(scene, scene.copies, HELD, module, q)
    scene.qubit[q, LIVE] &= ~(1 << module)
    if scene.qubit[q, STASHED] >> module & 1:
        scene.qubit[q, STASHED] &= ~(1 << module)
        scene.module[module, DATA] += 1
        settle(scene, module)
    else:
        scene.module[module, COMM] += 1


@kernel
def trim(scene: Scene, q: int, keep: int) -> None:
    """Give back all copies of a qubit but those in some modules."""
    rest = scene.qubit[q, LIVE] & ~keep & ~(1 << scene.qubit[q, HOME])
    module = 0
    while rest >> module:
        if rest >> module & 1:
            give_back(scene, q, module)
        module += 1


# --- states ---------------------------------------------------------------------------------------


@kernel
def settle(scene: Scene, module: int) -> None:
    """Put states that wait in a module onto its free data qubits."""
    k = 0
    while scene.module[module, WAITING] > 0 and scene.module[module, DATA] > 0:
        q = scene.states[module, k]
        if scene.qubit[q, WAITS]:
            wire = data_wire(scene, q, module)
            put(scene, scene.qubit[q, WIRE])
            put(scene, wire)
            end_row(scene, _MOVE, OURS, 0)
            scene.qubit[q, WIRE], scene.qubit[q, WAITS] = wire, 0
            scene.module[module, COMM] += 1
            scene.module[module, WAITING] -= 1
            scene.module[module, DATA] -= 1
        k += 1


@kernel
def rehome(scene: Scene, q: int, module: int, wire: int, waits: int) -> None:
    """Note that a state has left its home for a wire whose qubit is already counted as taken."""
    old = scene.qubit[q, HOME]
    scene.module[old, COMM if scene.qubit[q, WAITS] else DATA] += 1
    scene.module[old, WAITING] -= scene.qubit[q, WAITS]
    delist(scene, scene.states, STATES, old, q)
    enlist(scene, scene.states, STATES, module, q)
    scene.module[module, WAITING] += waits
    scene.qubit[q, HOME], scene.qubit[q, WIRE], scene.qubit[q, WAITS] = module, wire, waits
    scene.qubit[q, LIVE] = scene.qubit[q, LIVE] & ~(1 << old) | 1 << module
    settle(scene, module)
    settle(scene, old)


@kernel
def teleport(scene: Scene, q: int, module: int) -> None:
    """Move a state without copies; there is room for the pair."""
    near = pair(scene, scene.qubit[q, HOME], module)
    put(scene, scene.qubit[q, WIRE])
    put(scene, near)
    put(scene, near + 1)
    end_row(scene, _TELEPORT, OURS, 2)
    scene.module[module, COMM] -= 1
    rehome(scene, q, module, near + 1, 1)


@kernel
def switch(scene: Scene, q: int, module: int) -> None:
    """End the home of a qubit; its copy in a module stays as the new home."""
    wire = scene.copy[q, module, AT]
    put(scene, scene.qubit[q, WIRE])
    put(scene, wire)
    end_row(scene, _DISENTANGLE, OURS, 1)
    delist(scene, scene.copies, HELD, module, q)
    stashed = scene.qubit[q, STASHED] >> module & 1
    scene.qubit[q, STASHED] &= ~(1 << module)
    rehome(scene, q, module, wire, 1 - stashed)
