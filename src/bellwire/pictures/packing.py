"""Columns of numbers as short text: what a page reads back with DecompressionStream."""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

_WORDS = {"f": "<f8", "i": "<i4"}  # 64-bit numbers for times, 32-bit integers for the rest


def packed(columns: Mapping[str, tuple[str, ArrayLike]]) -> dict[str, object]:
    """Pack columns, each of them ("f" or "i", values), into one JSON object.

    Values become differences from the one before, little-endian, all columns in a row, zlib,
    base64; `columns` says name, kind and length of each.
    """
    parts, heads = [], []
    for name, (kind, values) in columns.items():
        column = np.asarray(values)
        heads.append([name, kind, len(column)])
        steps = np.diff(column.astype(np.int64), prepend=0)
        parts.append(steps.astype(_WORDS[kind]).tobytes())
    data = b64encode(zlib.compress(b"".join(parts), 9)).decode()
    return {"columns": heads, "data": data}
