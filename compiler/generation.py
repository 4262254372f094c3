"""When Bell pairs are asked for, and how long they may wait: the policy of a SCHEDULED program."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bellwire.errors import ProgramError
from bellwire.targets.fields import LONGEST_NS, shown
from bellwire.targets.machine import Machine

if TYPE_CHECKING:
    from bellwire.compiler.program import Program

__all__ = ["ASAP", "Generation"]

POLICIES = ("asap", "on_demand", "window", "deadline")


@dataclass(frozen=True, slots=True)
class Generation:
    """When the pair of each `ebit` is asked for, and when it is too old.

    `asap`: as soon as its communication qubits are free. `on_demand`: not before everything else
    that its first use waits for is ready. `window`: from `window_ns` before that on. `deadline`: as
    long before that as 90 % of the pairs of its link need. `buffer`: the most pairs of one link
    that are asked for and not yet used, 0 for any number. `cutoff_ns`: a pair that is older at its
    first use is thrown away and made again. `purify`: links ("A-B") whose pairs are purified once
    before they are handed over (compiler/purified.py). Raises ProgramError for values that make no
    sense.
    """

    policy: str = "asap"
    window_ns: float = 0.0
    buffer: int = 0
    cutoff_ns: float = math.inf
    purify: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _need(self.policy in POLICIES, "policy", self.policy, f"one of {', '.join(POLICIES)}")
        number = isinstance(self.window_ns, (int, float)) and 0 <= self.window_ns <= LONGEST_NS
        _need(number, "window_ns", self.window_ns, f"0 to {LONGEST_NS:g}")
        other = self.policy == "window" or self.window_ns == 0
        _need(other, "window_ns", self.window_ns, f"left out with the policy {self.policy}")
        whole = type(self.buffer) is int and self.buffer >= 0
        _need(whole, "buffer", self.buffer, "a whole number, 0 for no limit")
        positive = isinstance(self.cutoff_ns, (int, float)) and self.cutoff_ns > 0
        _need(positive, "cutoff_ns", self.cutoff_ns, "above 0")
        names = isinstance(self.purify, (tuple, list)) and all(type(n) is str for n in self.purify)
        _need(names, "purify", self.purify, "the names of links")
        object.__setattr__(self, "purify", tuple(self.purify))

    @property
    def waits(self) -> bool:
        """Whether any pair may be asked for later than its communication qubits allow."""
        return self.policy != "asap" or self.buffer > 0

    def __str__(self) -> str:
        words = [self.policy.replace("_", " ")]
        words[0] += f" {self.window_ns:g} ns" if self.policy == "window" else ""
        words += [f"at most {self.buffer} ahead"] if self.buffer else []
        words += [f"cut-off {self.cutoff_ns:g} ns"] if math.isfinite(self.cutoff_ns) else []
        words += [f"purified on {' '.join(self.purify)}"] if self.purify else []
        return ", ".join(words)

    def said(self) -> dict[str, Any]:
        """What differs from the plain way, to be written into a file."""
        return {k: v for k, v in asdict(self).items() if v != getattr(ASAP, k)}


def _need(fits: bool, name: str, found: object, wanted: str) -> None:
    if not fits:
        raise ProgramError(f"generation: {name}: found {shown(found)}; it must be {wanted}")


ASAP = Generation()


def generation_of(said: object) -> Generation:
    """Read what `Generation.said` wrote. Raises ProgramError where it makes no sense."""
    known = {field.name for field in fields(Generation)}
    if not isinstance(said, dict) or not said.keys() <= known:
        raise ProgramError(
            f"generation: found {shown(said)}; it must have some of {', '.join(sorted(known))}"
        )
    return Generation(**said)


def with_generation(program: Program, generation: Generation) -> Program:
    """The same program whose pairs are asked for in this way, in nested blocks too."""
    blocks = {
        i: tuple(with_generation(b, generation) for b in bs) for i, bs in program.blocks.items()
    }
    return replace(program, generation=generation, blocks=blocks)


def cutoffs_ns(program: Program, machine: Machine) -> NDArray[np.float64]:
    """The age at which a pair of each link is too old: what the link says or, where it is less,
    what the program says."""
    ages = [link.cutoff_ns for link in machine.links]
    return np.minimum(np.array(ages, dtype=np.float64), program.generation.cutoff_ns)
