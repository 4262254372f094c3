"""What a spread circuit costs: Bell pairs, communication qubits, the schedule of its layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from bellwire.passes.qec.pairs import Tally


def report_of(tally: Tally, homes: Mapping[int, int], comm: list[int]) -> dict[str, Any]:
    """The report of a circuit, as plain numbers.

    `spanning_gates` and `ebits` are those of the whole circuit, `..._per_round` of one round (a
    layer that measures checks). `layers`: for each layer that makes pairs, their number on each
    link "a-b", in how many batches one after the other they are made, and how often it comes.
    """
    rounds = max(1, tally.rounds)
    links: Counter[str] = Counter()
    layers = []
    for found, batches, times in tally.layers:
        named = {f"{a}-{b}": n for (a, b), n in sorted(found.items())}
        for name, n in named.items():
            links[name] += n * times
        layers.append({"pairs": named, "batches": batches, "times": times})
    ebits = sum(links.values())
    return {
        "modules": len(comm),
        "qubits": [Counter(homes.values())[m] for m in range(len(comm))],
        "comm_qubits": comm,
        "rounds": tally.rounds,
        "spanning_gates": tally.spanning,
        "spanning_gates_per_round": _each(tally.spanning, rounds),
        "ebits": ebits,
        "ebits_per_round": _each(ebits, rounds),
        "ebits_per_link": dict(sorted(links.items())),
        "layers": layers,
    }


def _each(total: int, rounds: int) -> float:
    return total // rounds if total % rounds == 0 else total / rounds
