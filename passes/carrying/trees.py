"""From where each copy of a plan is opened: trees that grow from the home, nearest modules first.

Where a copy in a module on the way is wanted too, it is opened first and the next one from it, so
that a Bell pair is paid once for both (a Steiner tree over the links).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.compiler.ragged import Column


class Trees(NamedTuple):
    """Per operand of each two-qubit gate, masks of modules, shape (T, 2): `along`, those between
    the home and the meeting module from which it is opened; `new`, the copies that begin here;
    `land`, those between the home and the next one, where a copy is opened to move to it."""

    along: Column
    new: Column
    land: Column


def is_even(price: Column) -> bool:
    """Whether all pairs of modules cost the same, so that no module is on the way of another."""
    return len(np.unique(price[~np.eye(len(price), dtype=bool)])) <= 1


@kernel
def grow_trees(
    operands: Column,
    segment: Column,
    home: Column,
    label: Column,
    hold: Column,
    meet: Column,
    price: Column,
    scene: Column,
    trees: Trees,
) -> None:
    """Fill in `trees`. `scene` (qubits, 4 + modules) begins with -1: the segment and the home of
    the latest gate, the mask of what is held, the gate and operand as one number, and from where
    each copy there was opened."""
    for t in range(len(meet)):
        for i in range(2):
            q, here = operands[t, i], 1 << home[t, i]
            held, last = scene[q, 2], scene[q, 3]
            if scene[q, 0] != segment[t, i]:
                held = 0
                if last >= 0 and label[last // 2, last % 2] & here:
                    mask = label[last // 2, last % 2]
                    land = _ancestors(mask, scene[q, 1], home[t, i], scene[q, 4:])
                    trees.land[last // 2, last % 2] = land
            elif scene[q, 1] != home[t, i]:  # a copy becomes the home, or all are given back
                held = held & ~(1 << scene[q, 1]) if held & here else 0
            new = label[t, i] & ~(held | here)
            _grow(held | here, new, home[t, i], price, scene[q, 4:])
            held |= here | new
            trees.new[t, i] = new
            trees.along[t, i] = _ancestors(held, home[t, i], meet[t], scene[q, 4:])
            scene[q, 0], scene[q, 1] = segment[t, i], home[t, i]
            scene[q, 2], scene[q, 3] = held & (hold[t, i] | here), 2 * t + i


@kernel
def _grow(held: int, new: int, home: int, price: Column, above: Column) -> None:
    """Note from where new copies are opened: each time the nearest one, at best from home."""
    while new:
        best, pick, source = 1 << 40, -1, home
        for m in range(len(price)):
            if new >> m & 1:
                for k in range(len(price) + 1):
                    h = home if k == 0 else k - 1
                    if held >> h & 1 and 0 <= price[h, m] < best:
                        best, pick, source = price[h, m], m, h
        if pick < 0:
            return
        above[pick] = source
        held |= 1 << pick
        new &= ~(1 << pick)


@kernel
def _ancestors(held: int, home: int, meet: int, above: Column) -> int:
    """The modules between home and a meeting module in the tree."""
    mask, m = 0, meet
    while m >= 0 and m != home:
        m = above[m]
        if m < 0 or m in (home, meet) or not held >> m & 1 or mask >> m & 1:
            break  # at home, or at notes that are out of date since the home moved
        mask |= 1 << m
    return mask
