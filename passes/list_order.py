"""List scheduling: the order in which a machine takes up operations, critical path first.

Events go by in time. Operations start when what they wait for has ended. Bell pairs that ask for
the same link or switch are served by the longest path to the end of the program; pairs of modules
that are connected already go before others, and a switch leaves a connection alone until it has
been idle for as long as it may `hold`.
"""

from __future__ import annotations

import numpy as np

from bellwire.compiler.fabrics import switched_links
from bellwire.compiler.program import Ints, Program, Ragged
from bellwire.compiler.ragged import with_rows
from bellwire.compiler.requests import Extra, needs
from bellwire.compiler.states_kernel import move_rows
from bellwire.compiler.timing import durations_ns
from bellwire.compiler.waits import Waits
from bellwire.passes.list_order_kernel import NONE, Graph, Net, State, simulate, tails
from bellwire.targets.machine import Machine

SMALL = 20_000  # rows; plain Python takes about 0.3 s for them


def list_order(
    program: Program,
    machine: Machine,
    wait: Waits,
    extra: Extra,
    *,
    buffer: int = 0,
    hold: bool = False,
) -> Ints:
    """The rows in the order in which they start. `wait`: by qubits, bits and links alone; `extra`:
    requests by policy, given up where nothing else can go on, like `buffer` (0: none); `hold`: keep
    idle connections for a while."""
    n, modules = len(program), len(machine.modules)
    net = _net(wait, machine, needs(program, wait).use, buffer, hold)
    graph = _graph(program, wait, extra, durations_ns(program, machine))
    sizes = (n, len(net.most), modules)
    state = _state(wait, extra, sizes, int(net.of[-1]))
    simulate.sized(n, small=SMALL)(graph, net, state)
    return state.order


def _state(wait: Waits, extra: Extra, sizes: tuple[int, int, int], slots: int) -> State:
    n, places, modules = sizes
    zeros = [np.zeros(k, dtype=np.int64) for k in (n, slots, modules, modules, modules, places)]
    ready, until, making, idle, connected, asked = zeros
    return State(
        np.diff(wait.first),
        np.bincount(extra.row, minlength=n).astype(np.int64),
        ready,
        until,
        np.full(modules, NONE),
        making,
        idle,
        connected,
        asked,
        np.full(places, NONE),
        np.full(n, NONE),
        np.zeros(n, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )


def _graph(program: Program, wait: Waits, extra: Extra, durations: Ints) -> Graph:
    n = len(durations)
    row = np.concatenate([np.repeat(np.arange(n), np.diff(wait.first)), extra.row])
    before = np.concatenate([wait.before, extra.before])
    lag = np.concatenate([wait.lag_ns, extra.lag])
    held = np.arange(len(row)) >= len(wait.before)
    tail = durations.copy()
    tails.sized(n, small=SMALL)(wait.first, wait.before, wait.lag_ns, durations, tail)
    by = np.argsort(before, kind="stable")
    first = np.searchsorted(before[by], np.arange(n + 1))
    tied = np.zeros(n, dtype=np.bool_)
    moves = move_rows(program)
    tied[moves[program.condition[moves + 1] < 0]] = True
    return Graph(first, row[by], lag[by], held[by].astype(np.int64), durations, tail, tied)


def _net(wait: Waits, machine: Machine, use: Ints, buffer: int, hold: bool) -> Net:
    links = len(machine.links)
    place = np.arange(links)
    many = [links, *(fabric.ports // 2 for fabric in machine.fabrics)]
    connect = [0, *(int(np.ceil(fabric.reconfigure_ns)) for fabric in machine.fabrics)]
    for k, fabric in enumerate(machine.fabrics):
        place[list(switched_links(machine, fabric))] = links + k
    each = np.array([0] * links + list(range(1, len(many))), dtype=np.int64)
    reconnect = np.array(connect, dtype=np.int64)[each]
    nothing = Ragged(np.zeros(len(wait.link) + 1, dtype=np.int64), np.zeros(0, dtype=np.int64))
    kept = with_rows(nothing, wait.links)
    pairs = np.flatnonzero(wait.link >= 0)
    pairs = pairs[np.argsort(use[pairs], kind="stable")]
    ends = [machine.index[end] for link in machine.links for end in link.between]
    capacity = [link.capacity for link in machine.links]
    return Net(
        wait.link,
        kept.starts,
        kept.values.astype(np.int64),
        np.array(ends, dtype=np.int64),
        place,
        np.concatenate([[0], np.cumsum(capacity)]).astype(np.int64),
        np.array(many, dtype=np.int64)[each],
        reconnect,
        reconnect * hold,
        buffer,
        np.searchsorted(use[pairs], np.arange(len(wait.link) + 1)),
        pairs,
    )
