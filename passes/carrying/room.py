"""Make room for Bell pairs and for states, and what that costs.

When communication qubits are short the copy that is needed last gives way (to a spare data qubit
if there is one) and is made anew when its turn comes, so one per module is enough. A state that
finds no free data qubit lets one leave that is going elsewhere, or waits on a communication qubit.
"""

from __future__ import annotations

from bellwire.compiler.kernels import kernel
from bellwire.passes.carrying.whereabouts import (
    ALL,
    COMM,
    DATA,
    GOING,
    HELD,
    HOME,
    KEPT,
    LIVE,
    NEVER,
    SPARE,
    STASHED,
    STATES,
    WAITING,
    WANTED,
    Scene,
    give_back,
    open_copy,
    stash,
    switch,
    teleport,
    trim,
)

PAIR, EVICTION = 16, 17  # prices: that of a free way is a multiple of PAIR
NO_WAY = 1 << 30


@kernel
def may_give_way(scene: Scene, q: int, module: int) -> bool:
    """Whether a copy holds a communication qubit that somebody else may get now."""
    return not (scene.qubit[q, STASHED] | scene.qubit[q, KEPT]) >> module & 1


@kernel
def shortage(scene: Scene, module: int, need: int) -> int:
    """How many copies must give way for so many free communication qubits, or NO_WAY."""
    missing = need - scene.module[module, COMM]
    if missing <= 0:
        return 0
    found = 0
    for k in range(scene.module[module, HELD]):
        if may_give_way(scene, scene.copies[module, k], module):
            found += 1
    return missing if found >= missing else NO_WAY


@kernel
def pair_cost(scene: Scene, q: int, source: int, module: int) -> int:
    """The price of a Bell pair between a holder of q and a module, or NO_WAY."""
    price = scene.price[source, module]
    if price < 0:
        return NO_WAY
    kept = scene.qubit[q, KEPT]
    scene.qubit[q, KEPT] |= 1 << source
    short = shortage(scene, source, 1) + shortage(scene, module, 1)
    at = source * len(scene.module) + module
    for k in range(scene.way_start[at], scene.way_start[at + 1]):
        short += shortage(scene, scene.way[k], 2)
    scene.qubit[q, KEPT] = kept
    return int(NO_WAY if short >= NO_WAY else price * PAIR + short * EVICTION)


@kernel
def nearest(scene: Scene, q: int, module: int) -> tuple[int, int]:
    """The cheapest source of a copy and its cost; (-1, NO_WAY) where there is none."""
    best, source = NO_WAY, -1
    for m in range(len(scene.module)):
        if scene.qubit[q, LIVE] >> m & 1:
            cost = pair_cost(scene, q, m, module)
            if cost < best:
                best, source = cost, m
    return source, best


@kernel
def clear(scene: Scene, module: int, need: int) -> None:
    """Let copies give way until so many communication qubits are free; `shortage` said it can."""
    while scene.module[module, COMM] < need:
        latest, victim = -1, -1
        for k in range(scene.module[module, HELD]):
            q = scene.copies[module, k]
            if may_give_way(scene, q, module) and scene.copy[q, module, WANTED] > latest:
                latest, victim = scene.copy[q, module, WANTED], q
        if scene.module[module, DATA] > 0 and latest < NEVER:
            stash(scene, victim, module)
        else:
            give_back(scene, victim, module)


@kernel
def reserve(scene: Scene, q: int, source: int, module: int) -> None:
    """Make room for a Bell pair for which `pair_cost` knows a price."""
    kept = scene.qubit[q, KEPT]
    scene.qubit[q, KEPT] |= 1 << source
    clear(scene, source, 1)
    clear(scene, module, 1)
    at = source * len(scene.module) + module
    for k in range(scene.way_start[at], scene.way_start[at + 1]):
        clear(scene, scene.way[k], 2)
    scene.qubit[q, KEPT] = kept


@kernel
def fetch(scene: Scene, q: int, module: int) -> bool:
    """Make a copy from the cheapest holder; says whether there was a way."""
    source, cost = nearest(scene, q, module)
    if cost >= NO_WAY:
        return False
    reserve(scene, q, source, module)
    open_copy(scene, q, source, module)
    return True


# --- states ---------------------------------------------------------------------------------------


@kernel
def may_wait(scene: Scene, module: int) -> bool:
    """Whether one more state may wait on a communication qubit."""
    return bool(
        scene.module[module, ALL] - scene.module[module, WAITING] > scene.module[module, SPARE]
    )


@kernel
def relocate(scene: Scene, q: int, module: int) -> bool:
    """Move a state to a module that takes it, by a copy or by a teleport; says whether it could.

    Copies in other modules stay where that is possible.
    """
    room = 1 if scene.module[module, DATA] > 0 else 0
    scene.module[module, DATA] -= room  # no copy may be put there meanwhile
    copied = _has_copy(scene, q, module)
    if not copied:
        trim(scene, q, 0)
    possible = copied or pair_cost(scene, q, scene.qubit[q, HOME], module) < NO_WAY
    if possible and not copied:
        reserve(scene, q, scene.qubit[q, HOME], module)
    scene.module[module, DATA] += room
    if copied:
        switch(scene, q, module)
    elif possible:
        teleport(scene, q, module)
    return possible


@kernel
def _has_copy(scene: Scene, q: int, module: int) -> bool:
    """Whether a qubit that has copies has one in a module, made now if need be."""
    live = scene.qubit[q, LIVE]
    if live == 1 << scene.qubit[q, HOME]:
        return False
    return bool(live >> module & 1) or fetch(scene, q, module)


@kernel
def takes_state(scene: Scene, module: int) -> bool:
    """Whether a state may come to a module, now or after one has left that is going elsewhere."""
    if scene.module[module, DATA] == 0:
        drop_stashed(scene, module)
    if scene.module[module, DATA] == 0:
        _let_one_leave(scene, module)
    return bool(scene.module[module, DATA] > 0 or may_wait(scene, module))


@kernel
def drop_stashed(scene: Scene, module: int) -> None:
    """Give back the copy on a data qubit that is needed last."""
    latest, victim = -1, -1
    for k in range(scene.module[module, HELD]):
        q = scene.copies[module, k]
        may_go = (scene.qubit[q, STASHED] & ~scene.qubit[q, KEPT]) >> module & 1
        if may_go and scene.copy[q, module, WANTED] > latest:
            latest, victim = scene.copy[q, module, WANTED], q
    if victim >= 0:
        give_back(scene, victim, module)


@kernel
def _let_one_leave(scene: Scene, module: int) -> None:
    """Move a state to the home of its next gate, if there is room for it."""
    for k in range(scene.module[module, STATES]):
        q = scene.states[module, k]
        going = scene.qubit[q, GOING]
        away = going >= 0 and going != module
        if away and scene.module[going, DATA] > 0 and relocate(scene, q, going):
            return


@kernel
def bring(scene: Scene, q: int, module: int) -> None:
    """Bring a state to a module, if that takes it."""
    if scene.qubit[q, HOME] == module:
        return
    at_hand = (scene.qubit[q, STASHED] & scene.qubit[q, LIVE]) >> module & 1
    if at_hand or takes_state(scene, module):
        relocate(scene, q, module)
