"""What a threshold study asks: a code, a layout over modules, one swept noise parameter."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bellwire.compiler.codes.memory import CODES, GRAPH_LIKE, check_memory
from bellwire.errors import NotSupported

NOISE = {"p": 0.75, "p_link": 15 / 16, "bell_infidelity": 0.75, "ghz_error": 0.75}  # the most
LAYOUTS = ("one", "seam", "quadrants", "metis", "qubits")
PAIRS = ("direct", "per_gate", "packet", "safe_packet", "ghz")
MATCHING = ("pymatching", "pymatching-correlated")
BELIEF = ("bposd", "bplsd")
DECODERS = (*MATCHING, *BELIEF)
MOST_DISTANCE, MOST_ROUNDS = 101, 10_000
_ROUNDS = re.compile(r"([1-9]\d{0,2})?\s*\*?\s*d")


@dataclass(frozen=True)
class Study:
    """A study; the order of fields is that of a study file.

    `rounds`: a number, or a multiple of the distance: "d", "3d". `noise`: the swept parameter with
    its values, and others with one value each; the parameters are those of
    docs/error_correction.md. `layout`: "one" module; "seam" and "quadrants": straight cuts through
    the middle; "metis" with `modules`; "qubits": a module for each; or cuts such as "x<=d" with d
    the distance. `max_shots`, `max_errors`: of each point. `output`: a CSV file that is
    continued. Raises NotSupported for what cannot be.
    """

    code: str
    distances: tuple[int, ...]
    noise: dict[str, float | tuple[float, ...]]
    bases: tuple[str, ...] = ()
    rounds: int | str = "d"
    layout: str | tuple[str, ...] = "seam"
    modules: int = 2
    pairs: str = "per_gate"
    decoders: tuple[str, ...] = ("pymatching",)
    max_shots: int = 10_000
    max_errors: int | None = None
    workers: int | None = None
    output: str | None = None
    seed: int = field(default=0)

    def __post_init__(self) -> None:
        if self.code in CODES and not self.bases:
            object.__setattr__(self, "bases", CODES[self.code])
        _check_words(self)
        _check_noise(self)
        for basis in self.bases or ("",):
            for distance in self.distances:
                check_memory(self.code, basis, distance, self.rounds_of(distance))
        _check_decoders(self)

    @property
    def swept(self) -> str:
        """The noise parameter that has several values."""
        return next(name for name, value in self.noise.items() if isinstance(value, tuple))

    @property
    def values(self) -> tuple[float, ...]:
        """Those values, smallest first."""
        found = self.noise[self.swept]
        return tuple(sorted(found)) if isinstance(found, tuple) else (found,)

    def rounds_of(self, distance: int) -> int:
        """How many rounds the memory experiment of a distance has."""
        if isinstance(self.rounds, int):
            return self.rounds
        match = _ROUNDS.fullmatch(self.rounds.strip())
        if match is None:
            raise NotSupported(f"rounds: found {self.rounds!r}; give a number, or 'd', '3d'")
        return int(match[1] or 1) * distance

    def noise_at(self, value: float) -> dict[str, float]:
        """All noise parameters at one value of the swept one."""
        fixed = {k: float(v) for k, v in self.noise.items() if not isinstance(v, tuple)}
        return fixed | {self.swept: value}

    def warnings(self) -> list[str]:
        """What makes thresholds of this study mislead."""
        cut = self.layout not in ("one", "qubits", "metis")
        classes = {d % 4 for d in self.distances}
        if self.code.startswith("rotated") and cut and len(classes) > 1:
            return [
                "distances: found both classes of d mod 4, whose crossings at a seam differ; "
                "give such as 5, 9, 13 or 7, 11, 15"
            ]
        return []


def _check_words(study: Study) -> None:
    for name, such in (("distances", "[5, 9]"), ("bases", "['z']"), ("decoders", "['pymatching']")):
        found = getattr(study, name)
        if len(set(found)) < len(found) or (not found and name != "bases"):
            raise NotSupported(f"{name}: found none, or one twice; give such as {such}")
    for distance in study.distances:
        if distance > MOST_DISTANCE:
            raise NotSupported(f"distances: found {distance}; give at most {MOST_DISTANCE}")
        if (rounds := study.rounds_of(distance)) > MOST_ROUNDS:
            raise NotSupported(f"rounds: found {rounds}; give at most {MOST_ROUNDS:,}")
    if isinstance(study.layout, str) and study.layout not in LAYOUTS:
        raise NotSupported(
            f"layout: found {study.layout!r}; give one of {', '.join(LAYOUTS)}, or a list of cuts"
        )
    if study.pairs not in PAIRS:
        raise NotSupported(f"pairs: found {study.pairs!r}; give one of {', '.join(PAIRS)}")
    for name in ("max_shots", "max_errors", "workers", "modules"):
        value = getattr(study, name)
        if value is not None and value < 1:
            raise NotSupported(f"{name}: found {value}; give 1 or more")


def _check_noise(study: Study) -> None:
    swept = [name for name, value in study.noise.items() if isinstance(value, tuple)]
    if len(swept) != 1:
        raise NotSupported(
            f"noise: found {len(swept)} swept parameters; give exactly one of "
            f"{', '.join(NOISE)} as a list of values"
        )
    for name, value in study.noise.items():
        values = value if isinstance(value, tuple) else (value,)
        if not values or len(set(values)) < len(values):
            raise NotSupported(f"noise: {name}: found no value, or one twice; give such as [0.01]")
        if wrong := [v for v in values if not 0 <= v <= NOISE[name]]:
            raise NotSupported(
                f"noise: {name}: found {wrong[0]:g}; it must be between 0 and {NOISE[name]:g}"
            )
    if study.noise.get("p_link") and study.pairs != "direct":
        raise NotSupported("noise: p_link is for pairs = 'direct'; give bell_infidelity")
    if study.noise.get("ghz_error") and study.pairs != "ghz":
        raise NotSupported("noise: ghz_error is for pairs = 'ghz' alone")


def _check_decoders(study: Study) -> None:
    for name in study.decoders:
        if name not in DECODERS:
            raise NotSupported(f"decoders: found {name!r}; give some of {', '.join(DECODERS)}")
        if name in MATCHING and study.code not in GRAPH_LIKE:
            raise NotSupported(
                f"decoders: found {name!r}, but errors of code {study.code} flip more than two "
                f"detectors; give {' or '.join(BELIEF)}"
            )
