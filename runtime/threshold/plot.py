"""Logical error rates of a study as a picture: PNG or SVG, by matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bellwire.errors import NotSupported
from bellwire.runtime.threshold.fit import Threshold
from bellwire.runtime.threshold.tasks import Point

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LABELS = {
    "p": "physical error rate p",
    "p_link": "error rate of spanning gates p_link",
    "bell_infidelity": "Bell infidelity 1 - F",
    "ghz_error": "error rate of each GHZ qubit",
}
SUFFIXES = (".png", ".svg")


def check_plot(path: str | Path) -> None:
    """Raise NotSupported for another kind of file, or without matplotlib."""
    if Path(path).suffix not in SUFFIXES:
        raise NotSupported(f"plot {str(path)!r}: give a name that ends in {' or '.join(SUFFIXES)}")
    check_matplotlib()


def check_matplotlib() -> None:
    """Raise NotSupported without matplotlib."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise NotSupported("plots need a package: pip install 'bellwire[plots]'") from None


def draw(points: Sequence[Point], found: Sequence[Threshold], swept: str) -> Figure:
    """A panel for each basis and decoder: a curve per distance, bars of one standard error."""
    from matplotlib.figure import Figure

    panels = [(key, list(g)) for key, g in groupby(sorted(points), lambda p: (p.basis, p.decoder))]
    figure = Figure(figsize=(5.2 * len(panels), 4.2), layout="constrained")
    axes: Any = figure.subplots(1, len(panels), squeeze=False)[0]
    marks = {(t.basis, t.decoder): t for t in found}
    for panel, (key, group) in zip(axes, panels):
        _curves(panel, group)
        threshold = marks.get(key)
        if threshold is not None and threshold.value is not None:
            error = threshold.error or 0.0
            panel.axvspan(
                threshold.value - error, threshold.value + error, alpha=0.25, color="grey"
            )
            panel.axvline(threshold.value, color="grey", linestyle="--")
        panel.set(xlabel=LABELS[swept], title=f"memory {key[0]}, {key[1]}", yscale="log")
        panel.set_ylabel("logical errors per shot")
        panel.legend()
    return figure


def _curves(panel: Any, points: list[Point]) -> None:
    for distance, group in groupby(points, lambda p: p.distance):
        curve = [p for p in group if p.errors]
        bars = [(p.rate * (1 - p.rate) / p.shots) ** 0.5 for p in curve]
        x, y = [p.value for p in curve], [p.rate for p in curve]
        panel.errorbar(x, y, bars, marker="o", markersize=4, capsize=2, label=f"d = {distance}")


def save_plot(figure: Figure, path: str | Path) -> None:
    """Write the picture. Raises NotSupported when it cannot be written."""
    try:
        figure.savefig(path, dpi=160)
    except OSError as error:
        raise NotSupported(f"plot {str(path)!r}: {error.strerror}; give another place") from None
