"""How quick it is to spread a memory experiment over modules, and to sample the result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median

import stim
from qec_rows import Row

from bellwire.compiler.codes.memory import memory
from bellwire.qec import Noise, by_cut, distribute

NOISE = Noise(p=0.001, bell_infidelity=0.02)


def rewriting(*, repeats: int = 5) -> Iterator[Row]:
    """CPU time of `distribute`, distance 15, median."""
    d = 15
    looped = memory("rotated_surface", "z", d, d)
    long = memory("rotated_surface", "z", d, 1_000_000)
    for pairs in ("per_gate", "packet"):
        for what, circuit, most in (
            ("15 rounds flattened", looped.flattened(), 0.15),
            ("15 rounds, REPEAT kept", looped, 0.02),
            ("1,000,000 rounds, REPEAT kept", long, 0.02),
        ):
            homes = by_cut(circuit, f"x<={d}")
            took = median(
                _cpu(lambda c=circuit, h=homes, p=pairs: distribute(c, h, pairs=p, noise=NOISE))
                for _ in range(repeats)
            )
            name = f"rewriting d=15, {what}, {pairs}"
            yield Row("speed", name, f"<= {most} s", f"{took:.4f} s", "-", took <= most)


def sampling(*, repeats: int = 9, shots: int = 8_192) -> Iterator[Row]:
    """Shots per CPU second of the spread circuit over those of the circuit Stim generates."""
    for d in (7, 11, 15):
        words = {
            "after_clifford_depolarization": 0.001,
            "before_round_data_depolarization": 0.001,
            "before_measure_flip_probability": 0.001,
            "after_reset_flip_probability": 0.001,
        }
        task = "surface_code:rotated_memory_z"
        plain = stim.Circuit.generated(task, distance=d, rounds=d, **words)
        source = memory("rotated_surface", "z", d, d)
        spread = distribute(source, by_cut(source, f"x<={d}"), noise=NOISE).circuit
        samplers = [c.compile_detector_sampler(seed=1) for c in (plain, spread)]
        pairs = [
            [_cpu(lambda s=s: s.sample(shots, bit_packed=True)) for s in samplers]
            for _ in range(repeats)
        ]
        ratio = median(a for a, _ in pairs) / median(b for _, b in pairs)
        name = f"sampling rate over one module's, d={d}"
        yield Row("speed", name, ">= 0.85", f"{ratio:.2f}", "-", ratio >= 0.85)


def _cpu(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start
