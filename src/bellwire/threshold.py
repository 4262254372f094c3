"""Threshold studies of error-corrected memories over modules.

>>> from bellwire.threshold import Study, circuit_of
>>> study = Study(
...     code="rotated_surface", distances=(3, 5), pairs="direct",
...     noise={"p": 0.001, "p_link": (0.08, 0.12)},
... )
>>> circuit_of(study, "z", 3, 0.08).num_detectors
24
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bellwire.compiler.codes.memory import memory
from bellwire.passes.qec.assign import by_cut, by_metis
from bellwire.passes.qec.distribute import distribute
from bellwire.passes.qec.noise import Noise
from bellwire.passes.qec.stim_text import acted_on, read_lines
from bellwire.runtime.threshold.collect import collect
from bellwire.runtime.threshold.fit import Threshold, thresholds
from bellwire.runtime.threshold.study import Study
from bellwire.runtime.threshold.study_file import load_study
from bellwire.runtime.threshold.tasks import Point

if TYPE_CHECKING:
    import stim
    from matplotlib.figure import Figure

__all__ = [
    "Point",
    "Study",
    "StudyResult",
    "Threshold",
    "circuit_of",
    "homes_of",
    "load_study",
    "memory",
    "run_study",
    "thresholds",
]


@dataclass(frozen=True)
class StudyResult:
    """What a study counted, and the thresholds that follow, one for each basis and decoder."""

    study: Study
    points: tuple[Point, ...]
    thresholds: tuple[Threshold, ...]

    def plot(self) -> Figure:
        """Curves of all points, with thresholds. Raises NotSupported without matplotlib."""
        from bellwire.runtime.threshold.plot import check_matplotlib, draw

        check_matplotlib()
        return draw(self.points, self.thresholds, self.study.swept)

    def _repr_html_(self) -> str:
        """The thresholds as a table, for notebooks."""
        words = ("basis", "decoder", self.study.swept, "error", "nu")
        rows = [(t.basis, t.decoder, t.value, t.error, t.nu) for t in self.thresholds]
        lines = ["".join(f"<th>{word}</th>" for word in words)]
        lines += ["".join(f"<td>{_short(value)}</td>" for value in row) for row in rows]
        return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "code": self.study.code,
            "swept": self.study.swept,
            "thresholds": [t.to_dict() for t in self.thresholds],
            "points": [
                {
                    "basis": p.basis,
                    "decoder": p.decoder,
                    "distance": p.distance,
                    self.study.swept: p.value,
                    "shots": p.shots,
                    "errors": p.errors,
                }
                for p in self.points
            ],
            "warnings": self.study.warnings(),
            "output": self.study.output,
        }


def _short(value: object) -> str:
    return "none" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def run_study(study: Study, *, tell: Callable[[str], None] | None = None) -> StudyResult:
    """Sample all points of a study (or take up where it stopped), and fit thresholds.

    On systems that start workers afresh (all, since sinter does) a script must call this under
    `if __name__ == "__main__":`.
    """
    points = tuple(collect(study, circuit_of, tell=tell))
    return StudyResult(study, points, tuple(thresholds(points, seed=study.seed)))


def circuit_of(study: Study, basis: str, distance: int, value: float) -> stim.Circuit:
    """The circuit of one point of a study, over modules and with noise."""
    source = _source(study.code, basis, distance, study.rounds_of(distance))
    homes = homes_of(study, source, distance)
    noise = Noise(**study.noise_at(value))
    return distribute(source, homes, pairs=study.pairs, noise=noise).circuit


def homes_of(study: Study, source: stim.Circuit, distance: int) -> dict[int, int]:
    """The module of each qubit, by the layout of a study."""
    if study.layout in ("one", "qubits"):
        used = acted_on(read_lines(source))
        return {q: number if study.layout == "qubits" else 0 for number, q in enumerate(used)}
    if study.layout == "metis":
        return by_metis(source, study.modules, seed=study.seed)
    if isinstance(study.layout, str):
        return by_cut(source, *_middle(source)[: 1 if study.layout == "seam" else 2])
    return by_cut(source, *(re.sub(r"\bd\b", str(distance), cut) for cut in study.layout))


@lru_cache(maxsize=64)
def _source(code: str, basis: str, distance: int, rounds: int) -> stim.Circuit:
    return memory(code, basis, distance, rounds)


def _middle(source: stim.Circuit) -> list[str]:
    """Cuts through the middle of all qubits, across x and across y."""
    found = source.get_final_qubit_coordinates()
    places = [found[q] for q in acted_on(read_lines(source))]
    sides = [[place[axis] for place in places] for axis in (0, 1)]
    return [f"{name}<={(min(s) + max(s)) / 2!r}" for name, s in zip("xy", sides)]
