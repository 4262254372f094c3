"""Random compilations: circuits, machines, recipes and options from one seed, each one proved.

A million inputs come with 100,000 of these. Most optimise for less time than the recipe would, so
that more circuits and machines are met; one in twenty takes as long as the recipe says.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from random import Random
from typing import TypeVar
from unittest.mock import patch

import numpy as np
from driver import Format
from generators import random_machine, random_program

from bellwire.compiler.equivalence import prove
from bellwire.compiler.generation import Generation
from bellwire.compiler.kernels import Kernel
from bellwire.compiler.program import Program
from bellwire.passes import search, tight_search
from bellwire.passes.pipeline import Pass, pass_name, run_passes
from bellwire.passes.recipes import recipe
from bellwire.passes.route_locally import route_locally
from bellwire.targets.machine import Machine
from bellwire.targets.noise import werner_state
from bellwire.targets.shapes import make_machine

FEW_TRIES = 4  # of other places to route from
SHORT_S = (0.0, 0.001, 0.004)  # of optimising e-bits

T = TypeVar("T")


def circuit(rng: np.random.Generator, seed: int) -> Program:
    """Up to seven qubits and 29 gates; some Clifford, some dynamic, some with control flow."""
    return random_program(
        rng,
        int(rng.integers(2, 8)),
        int(rng.integers(3, 30)),
        clifford=seed % 5 == 0,
        dynamic=seed % 2 == 1,
        flow=seed % 3 == 0,
    )


def machine(rng: np.random.Generator, qubits: int) -> Machine:
    """Any shape and coupling, links of different quality, a switch with its fabric."""
    plain = random_machine(rng, qubits)
    links = tuple(
        replace(
            link,
            success=float(rng.choice([1.0, 0.5, 0.01])),
            capacity=int(rng.integers(1, 3)),
            state=werner_state(float(rng.choice([1.0, 0.98, 0.9]))),
        )
        for link in plain.links
    )
    shape = plain.name.rstrip("0123456789")
    fabrics = plain.fabrics
    if shape == "switch":
        fabrics = make_machine(shape, len(plain.modules), data_qubits=1).fabrics
    return replace(plain, links=links, fabrics=fabrics)


def passes(rng: np.random.Generator, seed: int, target: Machine) -> list[Pass]:
    """A recipe with options; what is usual is likely."""

    def one_of(*choices: T, usual: float = 0.7) -> T:
        first = rng.random() < usual
        return choices[0] if first else choices[int(rng.integers(len(choices)))]

    roomy = [
        "-".join(link.between)
        for link in target.links
        if min(target.module(end).comm_qubits for end in link.between) > 1
    ]
    plans: tuple[Callable[[], Generation | None], ...] = (
        lambda: None,
        lambda: Generation("on_demand", buffer=int(rng.integers(3))),
        lambda: Generation("window", window_ns=float(rng.choice([0, 5e3, 1e6]))),
        lambda: Generation("deadline", cutoff_ns=1e6),
        lambda: Generation(purify=tuple(roomy[:1])),  # refused where both qubits are in use,
    )
    seconds = None if seed % 20 == 0 else float(rng.choice(SHORT_S))
    steps = recipe(
        one_of("fast", "default"),
        seed=seed,
        seconds=seconds,
        link_price=one_of("pairs", "fidelity", "time"),
        optimise=one_of("ebits", "makespan", "fidelity", usual=0.9),
        generation=one_of(*plans)(),
    )
    few = partial(route_locally, seed=seed, tries=FEW_TRIES)
    thrifty = seconds is not None
    return [few if thrifty and pass_name(s) == "route_locally" else s for s in steps]


def compiled_kernels() -> AbstractContextManager[object]:
    """Let numba run every kernel, as it does on large circuits."""
    stack = ExitStack()
    for place in (search, tight_search):
        stack.enter_context(patch.object(place, "is_plain", lambda *_: False))
    stack.enter_context(patch.object(Kernel, "sized", lambda own, _, small: own.fast))
    return stack


def compile_and_prove(seed: int) -> None:
    """Compile one circuit for one machine, plain Python running all kernels.

    Raises AssertionError when it is not proved, DoesNotFit when purification finds no room.
    """
    rng = np.random.default_rng(seed)
    asked = circuit(rng, seed)
    target = machine(rng, len(asked.qubits))
    done = run_passes(asked, target, passes(rng, seed, target))
    proof = prove(done.program, asked, seed=seed)
    assert proof.equal, f"seed {seed} on {target.name}: {proof.method}: {proof.detail}"


def read(seed: int) -> None:
    """The same, fifteen times of sixteen with compiled kernels."""
    with compiled_kernels() if seed % 16 else nullcontext():
        compile_and_prove(seed)


def write(rng: Random) -> int:
    """The seed of a compilation."""
    return rng.randrange(1 << 40)


FORMAT = Format("proofs", write, read, 100_000, (1, 20), longest_s=60.0)
