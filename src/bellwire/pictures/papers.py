"""The same pictures through matplotlib, for papers: figures, PDF and PNG (extra `plots`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bellwire.errors import NotSupported
from bellwire.pictures.colours import THEME
from bellwire.pictures.shapes import Arc, Disc, Line, Rect, Shape, Text
from bellwire.pictures.svg import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 96  # pixels of a picture per inch of a figure
_POINT = 72 / DPI


def to_matplotlib(picture: Picture) -> Figure:
    """Draw a picture into a matplotlib Figure of the same size, in the colours of the light theme.

    Raises NotSupported, with the command that helps, when matplotlib is not installed.
    """
    figure_type = _figure_type()
    figure: Figure = figure_type(figsize=(picture.width / DPI, picture.height / DPI), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, picture.width)
    axes.set_ylim(picture.height, 0)
    axes.axis("off")
    for order, shape in enumerate(picture.shapes):
        _draw(axes, shape, order)
    return figure


def save_figure(picture: Picture, path: Path) -> None:
    """Write a picture as PDF or PNG; the same picture gives the same bytes."""
    figure = to_matplotlib(picture)
    dated = {"CreationDate": None} if path.suffix == ".pdf" else {}
    figure.savefig(path, metadata={"Title": picture.title, **dated}, dpi=2 * DPI)


def _figure_type() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise NotSupported(
            "figures for papers need matplotlib, which is not installed; "
            "pip install 'bellwire[plots]'"
        ) from error
    return Figure


def _draw(axes: Any, shape: Shape, order: int) -> None:
    from matplotlib import patches
    from matplotlib.path import Path as Way

    match shape:
        case Rect():
            axes.add_patch(
                patches.Rectangle(
                    (shape.x, shape.y),
                    shape.width,
                    shape.height,
                    facecolor=_light(shape.fill),
                    edgecolor=_light(shape.stroke),
                    alpha=shape.opacity,
                    linewidth=_POINT,
                    zorder=order,
                )
            )
        case Line():
            style = (0, (4, 3)) if shape.dashed else "solid"
            axes.plot(
                (shape.x1, shape.x2),
                (shape.y1, shape.y2),
                color=_light(shape.stroke),
                linewidth=shape.width * _POINT,
                linestyle=style,
                solid_capstyle="butt",
                zorder=order,
            )
        case Arc():
            points = ((shape.x1, shape.y1), (shape.pull_x, shape.pull_y), (shape.x2, shape.y2))
            way = Way(points, (Way.MOVETO, Way.CURVE3, Way.CURVE3))
            look = {"edgecolor": _light(shape.stroke), "linewidth": shape.width * _POINT}
            curve = patches.PathPatch(way, fill=False, alpha=shape.opacity, zorder=order, **look)
            axes.add_patch(curve)
        case Disc():
            look = {"facecolor": _light(shape.fill), "edgecolor": _light(shape.stroke)}
            disc = patches.Circle((shape.x, shape.y), shape.radius, zorder=order, **look)
            axes.add_patch(disc)
        case Text():
            _write(axes, shape, order)


def _write(axes: Any, shape: Text, order: int) -> None:
    axes.text(
        shape.x,
        shape.y,
        shape.text.replace("$", r"\$"),
        color=_light(shape.fill),
        fontsize=shape.size * _POINT,
        ha={"start": "left", "middle": "center", "end": "right"}[shape.anchor],
        va="baseline",
        weight="bold" if shape.bold else "normal",
        zorder=order,
    )


def _light(colour: str) -> str:
    return THEME[colour][0] if colour in THEME else colour or "none"
