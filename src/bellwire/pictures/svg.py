"""A Picture, and how it is written as an SVG that is read in the light and in the dark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from os import PathLike, fspath
from pathlib import Path

from bellwire.errors import NotSupported
from bellwire.pictures.colours import THEME
from bellwire.pictures.shapes import Arc, Disc, Line, Rect, Shape, Text

FONT = "system-ui,'Segoe UI',Helvetica,Arial,sans-serif"
_ANCHORS = ("start", "middle", "end")


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes on a sheet of `width` x `height` pixels; `title` says what is to be seen."""

    title: str
    width: float
    height: float
    shapes: tuple[Shape, ...]

    @property
    def svg(self) -> str:
        """The picture as the text of an SVG file; the same picture gives the same bytes."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(self.width)}" '
            f'height="{_n(self.height)}" viewBox="0 0 {_n(self.width)} {_n(self.height)}" '
            f'role="img" aria-label="{escape(self.title)}" font-family="{FONT}">'
        )
        paper = Rect(0, 0, self.width, self.height, "paper")
        drawn = "\n".join(_written(shape) for shape in (paper, *self.shapes))
        return f"{head}\n<style>{_STYLE}</style>\n{drawn}\n</svg>\n"

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture to a file: .svg, or .pdf or .png, which need matplotlib. Raises
        NotSupported for other endings."""
        file = Path(fspath(path))
        if file.suffix == ".svg":
            file.write_text(self.svg, encoding="utf-8")
        elif file.suffix in (".pdf", ".png"):
            from bellwire.pictures.papers import save_figure

            save_figure(self, file)
        else:
            raise NotSupported(f"{file}: found the ending {file.suffix!r}; use .svg, .pdf or .png")
        return file

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"


def _style() -> str:
    def rules(dark: int) -> str:
        return "".join(
            f".bw-{name}{{fill:{pair[dark]}}}.bw-s-{name}{{stroke:{pair[dark]}}}"
            for name, pair in THEME.items()
        )

    return f"{rules(0)}@media(prefers-color-scheme:dark){{{rules(1)}}}"


_STYLE = _style()


def _written(shape: Shape) -> str:
    match shape:
        case Rect():
            box = {"x": shape.x, "y": shape.y, "width": shape.width, "height": shape.height}
            look = {"rx": shape.round or "", "opacity": _faint(shape.opacity)}
            return _tag("rect", {**box, **look}, shape.title, shape.fill, shape.stroke)
        case Line():
            ends = {"x1": shape.x1, "y1": shape.y1, "x2": shape.x2, "y2": shape.y2}
            dash = {"stroke-dasharray": "4 3" if shape.dashed else ""}
            look = {"stroke-width": shape.width, **dash}
            return _tag("line", {**ends, **look}, shape.title, "", shape.stroke)
        case Arc():
            points = (shape.x1, shape.y1, shape.pull_x, shape.pull_y, shape.x2, shape.y2)
            look = {"stroke-width": shape.width, "opacity": _faint(shape.opacity)}
            way = "M{} {}Q{} {} {} {}".format(*map(_n, points))
            return _tag("path", {"d": way, **look}, shape.title, "none", shape.stroke)
        case Disc():
            at = {"cx": shape.x, "cy": shape.y, "r": shape.radius}
            return _tag("circle", at, shape.title, shape.fill, shape.stroke)
        case Text():
            return _text(shape)


def _text(shape: Text) -> str:
    anchor = shape.anchor if shape.anchor in _ANCHORS[1:] else ""
    look = {"text-anchor": anchor, "font-weight": "600" if shape.bold else ""}
    values = {"x": shape.x, "y": shape.y, "font-size": shape.size, **look}
    return f"<text{_attributes(values, shape.fill, '')}>{escape(shape.text)}</text>"


def _tag(name: str, values: Mapping[str, object], title: str, fill: str, stroke: str) -> str:
    start = f"<{name}{_attributes(values, fill, stroke)}"
    return f"{start}><title>{escape(title)}</title></{name}>" if title else f"{start}/>"


def _attributes(values: Mapping[str, object], fill: str, stroke: str) -> str:
    """The colours of the theme are classes, and attributes for readers that know no style."""
    classes = [f"bw-{fill}"] if fill in THEME else []
    classes += [f"bw-s-{stroke}"] if stroke in THEME else []
    colours = {"class": " ".join(classes), "fill": _light(fill), "stroke": _light(stroke)}
    written = {**values, **colours}.items()
    return "".join(
        f' {k}="{_n(v) if isinstance(v, float | int) else v}"' for k, v in written if v != ""
    )


def _light(colour: str) -> str:
    return THEME[colour][0] if colour in THEME else colour


def _faint(opacity: float) -> object:
    return "" if opacity >= 1 else opacity


def _n(value: float) -> str:
    """A number with two digits after the point at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
