"""One walk over all rows that finds what each of them waits for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.program import Ints

SMALL = 50_000  # rows; plain Python takes about 0.1 s for them


class Uses(NamedTuple):
    """What each row uses: its qubits, the bits that it reads, the bits that it writes (each with
    the module that measures it), as starts and values; whether it may leave the bits alone.

    `module`: of each qubit; `delay`: of a message from module to module in ns, negative: no way.
    """

    qubit_starts: Ints
    qubits: Ints
    read_starts: Ints
    reads: Ints
    write_starts: Ints
    writes: Ints
    write_modules: Ints
    perhaps: NDArray[np.bool_]
    module: Ints
    delay: Ints


class Found(NamedTuple):
    """Row i waits for the rows `before[first[i]:first[i + 1]]`, each until its end plus `lag`."""

    first: Ints
    before: Ints
    lag: Ints


class Latest(NamedTuple):
    """While walking: the latest row on each qubit; where a row was last noted in `Found.before`;
    for each bit its writers and its readers since, as chains of places in `Uses.writes` and
    `Uses.reads`. `lost`: the row, module and other module that no message can join."""

    row: Ints
    noted: Ints
    writer: Ints
    next_writer: Ints
    writer_row: Ints
    reader: Ints
    last_reader: Ints
    next_reader: Ints
    reader_row: Ints
    lost: Ints


def find_waits(uses: Uses, bits: int) -> tuple[Found, list[int]]:
    """What each row waits for; and, where a message has no way, [the row that waits for it, the
    module that it comes from, the module that it goes to]."""
    rows, qubits = len(uses.perhaps), len(uses.module)
    reads, writes = len(uses.reads), len(uses.writes)
    writers = len(uses.delay) if uses.perhaps.any() else 1  # of one bit, one in each module
    most = len(uses.qubits) + (reads + writes) * writers + reads
    found = Found(
        np.zeros(rows + 1, dtype=np.int64),
        np.empty(most, dtype=np.int64),
        np.empty(most, dtype=np.int64),
    )
    sizes = (qubits, rows, bits, writes, writes, bits, bits, reads, reads, 3)
    latest = Latest(*(np.full(size, -1, dtype=np.int64) for size in sizes))
    if not _walk.sized(rows, small=SMALL)(uses, found, latest):
        return found, latest.lost.tolist()
    count = found.first[-1]
    return Found(found.first, found.before[:count].copy(), found.lag[:count].copy()), []


@kernel
def _walk(uses: Uses, found: Found, latest: Latest) -> bool:
    starts, qubits, row = uses.qubit_starts, uses.qubits, latest.row
    reads, writes, first = uses.read_starts, uses.write_starts, found.first
    count = 0
    for i in range(len(uses.perhaps)):
        for k in range(starts[i], starts[i + 1]):
            earlier = row[qubits[k]]
            if earlier >= 0:
                count = _note(found, latest.noted, first[i], count, earlier, 0)
            row[qubits[k]] = i
        if reads[i] < reads[i + 1]:
            count = _read(uses, found, latest, i, count)
            if count < 0:
                return False
        if writes[i] < writes[i + 1]:
            count = _write(uses, found, latest, i, count)
        first[i + 1] = count
    return True


@kernel
def _note(found: Found, noted: Ints, first: int, count: int, earlier: int, lag: int) -> int:
    """Note that the present row waits for an earlier one; returns how many are noted."""
    k = noted[earlier]
    if k >= first:
        found.lag[k] = max(lag, found.lag[k])
        return count
    noted[earlier] = count
    found.before[count] = earlier
    found.lag[count] = lag
    return count + 1


@kernel
def _read(uses: Uses, found: Found, latest: Latest, i: int, count: int) -> int:
    """Wait for the messages with the bits that row i reads; -1 where one has no way."""
    for k in range(uses.read_starts[i], uses.read_starts[i + 1]):
        b = uses.reads[k]
        latest.reader_row[k] = i
        if latest.reader[b] < 0:
            latest.reader[b] = k
        else:
            latest.next_reader[latest.last_reader[b]] = k
        latest.last_reader[b] = k
        w = latest.writer[b]
        while w >= 0:
            lag = 0
            for j in range(uses.qubit_starts[i], uses.qubit_starts[i + 1]):
                home, module = uses.write_modules[w], uses.module[uses.qubits[j]]
                delay = uses.delay[home, module]
                if delay < 0:
                    latest.lost[0], latest.lost[1], latest.lost[2] = i, home, module
                    return -1
                lag = max(lag, delay)
            count = _note(found, latest.noted, found.first[i], count, latest.writer_row[w], lag)
            w = latest.next_writer[w]
    return count


@kernel
def _write(uses: Uses, found: Found, latest: Latest, i: int, count: int) -> int:
    """Wait for the writers and readers of the bits that row i writes; it is their writer now."""
    for k in range(uses.write_starts[i], uses.write_starts[i + 1]):
        b = uses.writes[k]
        if k == uses.write_starts[i] or uses.writes[k - 1] != b:
            w, r = latest.writer[b], latest.reader[b]
            while w >= 0:
                if latest.writer_row[w] != i:
                    row = latest.writer_row[w]
                    count = _note(found, latest.noted, found.first[i], count, row, 0)
                w = latest.next_writer[w]
            while r >= 0:
                if latest.reader_row[r] != i:
                    row = latest.reader_row[r]
                    count = _note(found, latest.noted, found.first[i], count, row, 0)
                r = latest.next_reader[r]
            latest.reader[b] = -1
            if not uses.perhaps[i]:
                latest.writer[b] = -1
        _become_writer(uses, latest, i, k)
    return count


@kernel
def _become_writer(uses: Uses, latest: Latest, i: int, k: int) -> None:
    """Make row i the writer of a bit in its module, whoever wrote it there before."""
    b, module = uses.writes[k], uses.write_modules[k]
    latest.writer_row[k] = i
    w = latest.writer[b]
    if w < 0:
        latest.writer[b] = k
        return
    while uses.write_modules[w] != module and latest.next_writer[w] >= 0:
        w = latest.next_writer[w]
    if uses.write_modules[w] == module:
        latest.writer_row[w] = i
    else:
        latest.next_writer[w] = k
