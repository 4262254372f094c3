"""The pictures in docs/ are those that the program draws: `pytest --update-cases` redraws them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import bellwire
from bellwire.passes.candidates import has_metis

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "pictures.md").read_text()
SHOWN = re.findall(r"\]\(pictures/(\w+)\.svg\)", PAGE)


@cache
def _compiled() -> bellwire.Compiled:
    return bellwire.compile(ROOT / "examples" / "circuits" / "qft_adder_n8.qasm", "ring4-demo")


@pytest.mark.skipif(not has_metis(), reason="another partitioner, other pictures")
@pytest.mark.parametrize("kind", SHOWN)
def test_picture_is_as_drawn(kind: str, request: pytest.FixtureRequest) -> None:
    path = ROOT / "docs" / "pictures" / f"{kind}.svg"
    drawn = _compiled().draw(kind).svg
    if request.config.getoption("--update-cases"):
        path.write_text(drawn)
    assert path.read_text() == drawn
    assert len(drawn) < 50_000


def test_the_page_shows_all_of_them() -> None:
    assert {path.stem for path in (ROOT / "docs" / "pictures").glob("*.svg")} == set(SHOWN)
