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
def may_give_way(s: Scene, q: int, module: int) -> bool:
    """Whether a copy holds a communication qubit that somebody else may get now."""
    return not (s.qubit[q, STASHED] | s.qubit[q, KEPT]) >> module & 1


@kernel
def shortage(s: Scene, module: int, need: int) -> int:
    """How many copies must give way for so many free communication qubits, or NO_WAY."""
    missing = need - s.module[module, COMM]
    if missing <= 0:
        return 0
    found = 0
    for k in range(s.module[module, HELD]):
        if may_give_way(s, s.copies[module, k], module):
            found += 1
    return missing if found >= missing else NO_WAY


@kernel
def pair_cost(s: Scene, q: int, source: int, module: int) -> int:
    """The price of a Bell pair between a holder of q and a module, or NO_WAY."""
    price = s.price[source, module]
    if price < 0:
        return NO_WAY
    kept = s.qubit[q, KEPT]
    s.qubit[q, KEPT] |= 1 << source
    short = shortage(s, source, 1) + shortage(s, module, 1)
    at = source * len(s.module) + module
    for k in range(s.way_start[at], s.way_start[at + 1]):
        short += shortage(s, s.way[k], 2)
    s.qubit[q, KEPT] = kept
    return int(NO_WAY if short >= NO_WAY else price * PAIR + short * EVICTION)


@kernel
def nearest(s: Scene, q: int, module: int) -> tuple[int, int]:
    """The cheapest source of a copy and its cost; (-1, NO_WAY) where there is none."""
    best, source = NO_WAY, -1
    for m in range(len(s.module)):
        if s.qubit[q, LIVE] >> m & 1:
            cost = pair_cost(s, q, m, module)
            if cost < best:
                best, source = cost, m
    return source, best


@kernel
def clear(s: Scene, module: int, need: int) -> None:
    """Let copies give way until so many communication qubits are free; `shortage` said it can."""
    while s.module[module, COMM] < need:
        latest, victim = -1, -1
        for k in range(s.module[module, HELD]):
            q = s.copies[module, k]
            if may_give_way(s, q, module) and s.copy[q, module, WANTED] > latest:
                latest, victim = s.copy[q, module, WANTED], q
        if s.module[module, DATA] > 0 and latest < NEVER:
            stash(s, victim, module)
        else:
            give_back(s, victim, module)


@kernel
def reserve(s: Scene, q: int, source: int, module: int) -> None:
    """Make room for a Bell pair for which `pair_cost` knows a price."""
    kept = s.qubit[q, KEPT]
    s.qubit[q, KEPT] |= 1 << source
    clear(s, source, 1)
    clear(s, module, 1)
    at = source * len(s.module) + module
    for k in range(s.way_start[at], s.way_start[at + 1]):
        clear(s, s.way[k], 2)
    s.qubit[q, KEPT] = kept


@kernel
def fetch(s: Scene, q: int, module: int) -> bool:
    """Make a copy from the cheapest holder; says whether there was a way."""
    source, cost = nearest(s, q, module)
    if cost >= NO_WAY:
        return False
    reserve(s, q, source, module)
    open_copy(s, q, source, module)
    return True


@kernel
def fetch_along(s: Scene, q: int, module: int, along: int, later: int) -> None:
    """Make copies on the way to a module, the nearest first: those that are wanted later, and those
    that cost nothing more. Nobody gives way for them."""
    _, last = nearest(s, q, module)
    rest = along & ~s.qubit[q, LIVE]
    while rest:
        best, pick, start = NO_WAY, -1, -1
        for m in range(len(s.module)):
            if rest >> m & 1:
                source, cost = nearest(s, q, m)
                if cost < best:
                    best, pick, start = cost, m, source
        if pick < 0 or best % PAIR:
            return
        rest &= ~(1 << pick)
        onward = s.price[pick, module] * PAIR
        if later >> pick & 1 or (onward >= 0 and best + onward <= last):
            reserve(s, q, start, pick)
            open_copy(s, q, start, pick)
            last = min(last, onward) if onward >= 0 else last


# --- states ---------------------------------------------------------------------------------------


@kernel
def may_wait(s: Scene, module: int) -> bool:
    """Whether one more state may wait on a communication qubit."""
    return bool(s.module[module, ALL] - s.module[module, WAITING] > s.module[module, SPARE])


@kernel
def relocate(s: Scene, q: int, module: int) -> bool:
    """Move a state to a module that takes it, by a copy or by a teleport; says whether it could.

    Copies in other modules stay where that is possible.
    """
    room = 1 if s.module[module, DATA] > 0 else 0
    s.module[module, DATA] -= room  # no copy may be put there meanwhile
    copied = _has_copy(s, q, module)
    if not copied:
        trim(s, q, 0)
    possible = copied or pair_cost(s, q, s.qubit[q, HOME], module) < NO_WAY
    if possible and not copied:
        reserve(s, q, s.qubit[q, HOME], module)
    s.module[module, DATA] += room
    if copied:
        switch(s, q, module)
    elif possible:
        teleport(s, q, module)
    return possible


@kernel
def _has_copy(s: Scene, q: int, module: int) -> bool:
    """Whether a qubit that has copies has one in a module, made now if need be."""
    live = s.qubit[q, LIVE]
    if live == 1 << s.qubit[q, HOME]:
        return False
    return bool(live >> module & 1) or fetch(s, q, module)


@kernel
def takes_state(s: Scene, module: int) -> bool:
    """Whether a state may come to a module, now or after one has left that is going elsewhere."""
    if s.module[module, DATA] == 0:
        drop_stashed(s, module)
    if s.module[module, DATA] == 0:
        _let_one_leave(s, module)
    return bool(s.module[module, DATA] > 0 or may_wait(s, module))


@kernel
def drop_stashed(s: Scene, module: int) -> None:
    """Give back the copy on a data qubit that is needed last."""
    latest, victim = -1, -1
    for k in range(s.module[module, HELD]):
        q = s.copies[module, k]
        may_go = (s.qubit[q, STASHED] & ~s.qubit[q, KEPT]) >> module & 1
        if may_go and s.copy[q, module, WANTED] > latest:
            latest, victim = s.copy[q, module, WANTED], q
    if victim >= 0:
        give_back(s, victim, module)


@kernel
def _let_one_leave(s: Scene, module: int) -> None:
    """Move a state to the home of its next gate, if there is room for it."""
    for k in range(s.module[module, STATES]):
        q = s.states[module, k]
        going = s.qubit[q, GOING]
        away = going >= 0 and going != module
        if away and s.module[going, DATA] > 0 and relocate(s, q, going):
            return


@kernel
def bring(s: Scene, q: int, module: int) -> None:
    """Bring a state to a module, if that takes it."""
    if s.qubit[q, HOME] == module:
        return
    at_hand = (s.qubit[q, STASHED] & s.qubit[q, LIVE]) >> module & 1
    if at_hand or takes_state(s, module):
        relocate(s, q, module)
