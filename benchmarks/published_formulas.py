"""Closed forms of waiting, memories, purification and remote gates beside checked numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from published_rows import COMPUTED, Row

from bellwire.targets.noise import average_fidelity, combine, stored_fidelity, werner_state
from bellwire.targets.purification import bbpssw, purify, purify_best
from bellwire.targets.remote_gates import move_and_return, swap_pairs, telegate_fidelity
from bellwire.targets.waiting import (
    multiplexing_gain,
    parallel_attempts,
    repeater_decay,
    repeater_slots,
)

OXFORD = (0.9695, 0.0185, 0.0060, 0.0060)  # target, Z-, X-, Y-type error
DIGITS = 1e-4  # relative: the numbers are given to four or five digits


def formulas() -> Iterator[Row]:
    """All rows, formula by formula."""
    for target, quantity, predicted, published, how in (
        *_waiting(),
        *_pairs(),
        *_purification(),
        *_gates(),
    ):
        row = partial(Row, target, quantity, "", how=f"formula; number {how}", relative=DIGITS)
        yield row(predicted, published, COMPUTED)


Line = tuple[str, str, float, float, str]


def _waiting() -> Iterator[Line]:
    sampled = "sampled independently"
    for pairs, slots in ((2, 149.75), (4, 207.79), (8, 270.93)):
        name = f"slots for {pairs} pairs in parallel, p = 0.01"
        yield "F2", name, parallel_attempts(0.01, pairs), slots, sampled
    gain = multiplexing_gain(2.18e-4, 100)
    yield "F3", "gain of 100 modes, p = 2.18e-4", gain, 98.93, "computed"
    kept = repeater_decay(0.02, 0.005)
    yield "F5", "what two segments keep, p = 0.02, x = 0.005", kept, 0.80162, sampled
    for cutoff, slots in ((5, 285.2), (20, 122.97), (100, 78.49)):
        name = f"slots of two segments, cut-off {cutoff}"
        yield "F6", name, repeater_slots(0.02, cutoff), slots, sampled


def _pairs() -> Iterator[Line]:
    by_hand = "by density matrices"
    for parity, fidelity in (("even", 0.660744), ("odd", 0.659554)):
        found = stored_fidelity(0.5, 10, 1, parity=parity)
        yield (
            "F8",
            f"stored pair, {parity} parity, t = 0.5, T1 = 10, T2 = 1",
            found,
            fidelity,
            by_hand,
        )
    nine = werner_state(0.9)
    swapped = swap_pairs(nine, nine)[0]
    yield "F9", "swap of two Werner pairs, F = 0.9", swapped, 0.81333, "computed"
    for links, fidelity in ((2, 0.9412), (4, 0.8870), (8, 0.7910)):
        joined = combine(*[werner_state(0.97)] * links)[0]
        yield "F9", f"{links} Werner pairs in a row, F = 0.97", joined, fidelity, "computed"


def _purification() -> Iterator[Line]:
    for fidelity, once, chance, twice in (
        (0.7, 0.73529, 0.68, 0.84595),
        (0.8, 0.83815, 0.76889, 0.94364),
        (0.9, 0.92640, 0.87556, 0.98876),
        (0.9689, 0.97861, 0.95939, 0.99908),
    ):
        found, success = bbpssw(fidelity)
        state, _ = purify(werner_state(fidelity), werner_state(fidelity))
        again = purify(state, state)[0][0]
        yield "F10", f"BBPSSW of F = {fidelity}", found, once, "computed"
        yield "F10", f"its chance, F = {fidelity}", success, chance, "computed"
        yield "F10", f"second round of DEJMPS, F = {fidelity}", again, twice, "computed"
    caught, missed = purify_best(OXFORD, OXFORD)[0][0], purify(OXFORD, OXFORD, missed="z")[0][0]
    yield "F10", "Oxford pair, its Z error caught", caught, 0.9871, "computed"
    yield "F10", "Oxford pair, its Z error missed", missed, 0.9631, "computed"


def _gates() -> Iterator[Line]:
    by_hand = "by density matrices"
    for fidelity, average in ((0.9, 0.92), (0.9689, 0.97512)):
        found = average_fidelity(telegate_fidelity(werner_state(fidelity)), 4)
        yield "F11", f"telegate, pair of F = {fidelity}", found, average, by_hand
    for fidelity, p1, p2, e1, e2, process in (
        (0.9, 0.02, 0.03, 0.01, 0.02, 0.8371267),
        (0.97, 0.01, 0.01, 0.005, 0.005, 0.9437928),
    ):
        found = telegate_fidelity(
            werner_state(fidelity),
            source_2q=1 - 3 * p1 / 4,
            target_2q=1 - 3 * p2 / 4,
            source_readout=1 - e1,
            target_readout=1 - e2,
        )
        yield "F12", f"telegate with local errors, F = {fidelity}", found, process, by_hand
    for flips, average in ((0.0, 0.9365), (0.005, 0.9293), (0.01, 0.9221), (0.02, 0.9079)):
        found = telegate_fidelity(
            OXFORD,
            source_2q=0.976,
            target_2q=0.980,
            source_readout=1 - flips,
            target_readout=1 - flips,
        )
        name = f"Oxford pair, local CZ of 0.976 and 0.980, readouts flipped {flips:.1%}"
        yield "F12", name, average_fidelity(found, 4), average, "computed"
    pair = werner_state(0.9689)
    moved = move_and_return(pair, pair)
    yield "F13", "moved and brought back, F = 0.9689", moved, 0.93909, "computed"
