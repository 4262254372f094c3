"""Pictures of machines, programs and results: small SVGs, figures for papers, an HTML report."""

from bellwire.pictures.drawing import draw
from bellwire.pictures.papers import to_matplotlib
from bellwire.pictures.svg import Picture

__all__ = ["Picture", "draw", "to_matplotlib"]
