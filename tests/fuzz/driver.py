"""Feed many random inputs to every reader, each within 5 s of work and 1 GB; say what came of it.

`python tests/fuzz/driver.py N` shares N inputs out over the formats, in processes of their own, and
prints a table. An input depends on its format, the seed and its number alone: what failed is kept
in fuzz-failures/ and comes again with `--replay FORMAT NUMBER`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

STUCK_S = 120.0  # a process that waits that long, or does not hear its alarm, is killed
READY_S = 1200.0  # for numba to compile all kernels
MOST_GROWTH = 1 << 30
SLICE = 25_000  # inputs that one process takes
FAILURES = Path("fuzz-failures")
MOST_FAILURES = 20  # kept of one slice


@dataclass(frozen=True)
class Format:
    """`write` makes the input of a random source, `read` takes it or raises one of `refusals`.

    `share`: how many of a million inputs it gets. `warm`: inputs that load what reading needs,
    each one accepted. No input may take more than `longest_s`.
    """

    name: str
    write: Callable[[Random], Any]
    read: Callable[[Any], object]
    share: int
    warm: tuple[Any, ...] = ()
    longest_s: float = 5.0

    def input(self, seed: int, number: int) -> Any:
        """The input of that number."""
        return self.write(Random(f"{seed}/{self.name}/{number}"))


class TooLong(BaseException):
    """An input took too much of the processor's time; no `except Exception` may swallow it."""


@dataclass
class Tally:
    """What came of some inputs; `failures`: number -> traceback."""

    accepted: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    slowest: int = -1
    growth: int = 0
    failures: dict[int, str] = field(default_factory=dict)

    @property
    def inputs(self) -> int:
        """How many there were."""
        return self.accepted + self.refused + len(self.failures)

    def add(self, other: Tally) -> None:
        """Count what came of other inputs too."""
        self.accepted += other.accepted
        self.refused += other.refused
        if other.slowest_s >= self.slowest_s:
            self.slowest_s, self.slowest = other.slowest_s, other.slowest
        self.growth = max(self.growth, other.growth)
        self.failures |= other.failures


def feed(
    form: Format,
    numbers: Iterable[int],
    seed: int = 0,
    started: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Feed the inputs of these numbers, in this process."""
    from bellwire.errors import BellwireError

    tally = Tally()
    start_bytes = _peak_bytes()
    for number in numbers:
        started(number)
        begun = time.process_time()
        try:
            with _alarm(form.longest_s):
                form.read(form.input(seed, number))
            tally.accepted += 1
        except BellwireError as error:
            tally.refused += 1
            if complaint := _unclear(error):
                tally.refused -= 1
                tally.failures[number] = complaint
        except (Exception, TooLong):
            tally.failures[number] = traceback.format_exc()
        spent = time.process_time() - begun
        if spent > tally.slowest_s:
            tally.slowest_s, tally.slowest = spent, number
        if len(tally.failures) >= MOST_FAILURES:
            break
    tally.growth = _peak_bytes() - start_bytes
    return tally


def _unclear(error: Exception) -> str:
    """What is wrong with the words of an error, if anything."""
    text = str(error)
    if len(text) > 2000:
        return f"an error of {len(text)} letters: {text[:500]}"
    return "" if len(text) > 10 else f"an error that says next to nothing: {text!r}"


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TooLong(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def format_of(place: str) -> Format:
    """The format of a place such as formats.qasm2:FORMAT."""
    module, _, name = place.partition(":")
    found: Format = getattr(import_module(module), name)
    return found


def feed_apart(place: str, first: int, end: int, seed: int = 0) -> Tally:
    """Feed inputs first..end-1 in a process of its own that may not grow by more than 1 GB.

    A process that dies or gets stuck is one failure: inputs before it are fed again, for what came
    of them went with it, and the next process goes on behind it.
    """
    total = Tally()
    while first < end and len(total.failures) < MOST_FAILURES:
        context = multiprocessing.get_context("spawn")
        at = context.Value("q", -1, lock=False)
        got, given = context.Pipe(duplex=False)
        child = context.Process(target=_apart, args=(place, first, end, seed, at, given))
        child.start()
        given.close()
        tally = _answer(child, got, at)
        if tally is None and at.value < 0:
            raise RuntimeError(f"{place}: the process ended before the first input")
        if tally is None:
            text = f"the process ended with {child.exitcode} (a negative one is a signal)"
            total.add(feed_apart(place, first, at.value, seed))
            tally = Tally(failures={at.value: text})
            first = at.value + 1
        else:
            first = end
        total.add(tally)
    return total


def _answer(child: Any, got: Any, at: Any) -> Tally | None:
    """What the process found; None when it died, or was killed because nothing moved."""
    seen, since = at.value, time.monotonic()
    while not got.poll(0.2):
        if at.value != seen:
            seen, since = at.value, time.monotonic()
        if time.monotonic() - since > (STUCK_S if seen >= 0 else READY_S):
            child.kill()
            break
    try:
        tally: Tally | None = got.recv()
    except EOFError:
        tally = None
    child.join()
    return tally


def _apart(place: str, first: int, end: int, seed: int, at: Any, given: Any) -> None:
    warnings.simplefilter("ignore")
    form = format_of(place)
    for ready in form.warm:
        form.read(ready)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MOST_GROWTH, now + MOST_GROWTH))
    given.send(feed(form, range(first, end), seed, lambda number: setattr(at, "value", number)))


def feed_all(places: Iterable[str], inputs: int, jobs: int, seed: int = 0) -> dict[str, Tally]:
    """Share inputs out over formats, in `jobs` processes at a time; what came of each."""
    found: dict[str, Tally] = {}
    slices = []
    for place in places:
        form = format_of(place)
        count = max(1, inputs * form.share // 1_000_000)
        found[form.name] = Tally()
        slices += [(form.name, place, a, min(a + SLICE, count)) for a in range(0, count, SLICE)]
    with ThreadPoolExecutor(jobs) as pool:
        done = pool.map(lambda s: feed_apart(s[1], s[2], s[3], seed), slices)
        for (name, place, *_), tally in zip(slices, done):
            found[name].add(tally)
            print(f"{name}: {found[name].inputs:,}", file=sys.stderr, flush=True)
            _keep(format_of(place), tally, seed)
    return found


def _keep(form: Format, tally: Tally, seed: int) -> None:
    for number, text in tally.failures.items():
        FAILURES.mkdir(exist_ok=True)
        given = repr(form.input(seed, number))
        path = FAILURES / f"{form.name}-{seed}-{number}.txt"
        path.write_text(f"{given}\n\n{text}\n", encoding="utf-8", errors="backslashreplace")


def table(found: dict[str, Tally]) -> str:
    """The tallies as a table."""
    head = f"{'format':<12}{'inputs':>10}{'accepted':>10}{'refused':>10}{'failed':>8}"
    lines = [f"{head}{'slowest s':>11}{'growth MB':>11}"]
    total = Tally()
    for name, t in found.items():
        total.add(t)
        lines.append(_line(name, t))
    return "\n".join([*lines, _line("all", total)])


def _line(name: str, t: Tally) -> str:
    counts = f"{t.inputs:>10,}{t.accepted:>10,}{t.refused:>10,}{len(t.failures):>8,}"
    return f"{name:<12}{counts}{t.slowest_s:>11.2f}{t.growth / (1 << 20):>11.0f}"


def main() -> int:
    """Read the words of the command line; 1 when an input failed."""
    from formats import PLACES

    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("inputs", type=int, nargs="?", default=100_000)
    words.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--only", nargs="*", help="names of formats")
    words.add_argument("--replay", nargs=2, metavar=("FORMAT", "NUMBER"))
    said = words.parse_args()
    if said.replay:
        form = format_of(PLACES[said.replay[0]])
        given = form.input(said.seed, int(said.replay[1]))
        print(given if isinstance(given, str) else repr(given))
        form.read(given)
        return 0
    places = [place for name, place in PLACES.items() if name in (said.only or PLACES)]
    begun = time.perf_counter()
    found = feed_all(places, said.inputs, said.jobs, said.seed)
    print(table(found))
    print(f"{time.perf_counter() - begun:.0f} s, seed {said.seed}")
    for name, tally in found.items():
        for number, text in sorted(tally.failures.items())[:5]:
            print(f"\n{name} {number}: {text.strip().splitlines()[-1][:300]}")
    return int(any(t.failures for t in found.values()))


if __name__ == "__main__":
    sys.exit(main())
