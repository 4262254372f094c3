"""Protocols are drawn as the table says: the pictures in docs/ are those that the program draws
(`pytest --update-cases` redraws them), and what is composed of several rows is proved too."""

from __future__ import annotations

import re

import pytest
from docs.pages import DOCS
from site_pages.protocols import composed, rows
from written_out import without_bits, written_out

import bellwire
from bellwire.compiler.equivalence import EXACT, FLOWS, prove
from bellwire.compiler.operations import TABLE, Operation
from bellwire.errors import NotSupported
from bellwire.pictures.shapes import Arc, Line, Rect, Text

FOLDER = DOCS / "pictures" / "protocols"
DRAWN = {row.name: row for row in (*rows(), *composed())}
PROVED = [row for row in composed() if row.name != "purification"]


@pytest.mark.parametrize("name", DRAWN)
def test_picture_is_as_drawn(name: str, request: pytest.FixtureRequest) -> None:
    drawn = bellwire.draw(DRAWN[name]).svg
    if request.config.getoption("--update-cases"):
        (FOLDER / f"{name}.svg").write_text(drawn)
    assert (FOLDER / f"{name}.svg").read_text() == drawn


def test_every_protocol_has_its_picture_and_is_explained() -> None:
    pages = "".join(page.read_text() for page in (DOCS / "concepts").glob("*.md"))
    shown = set(re.findall(r"pictures/protocols/(\w+)\.svg", pages))
    assert shown == set(DRAWN) == {path.stem for path in FOLDER.iterdir()}


@pytest.mark.parametrize("method", [EXACT, FLOWS])
@pytest.mark.parametrize("row", PROVED, ids=lambda row: row.name)
def test_composed_protocols_do_what_they_mean(row: Operation, method) -> None:
    body = written_out(row, row.premise, row.body)
    meaning = without_bits(written_out(row, row.premise, row.meaning))
    proof = prove(body, meaning, method=method)
    assert proof.equal, proof.detail


@pytest.mark.parametrize("name", DRAWN)
def test_all_that_a_protocol_does_is_drawn(name: str) -> None:
    row, picture = DRAWN[name], bellwire.draw(DRAWN[name])
    steps = [*row.premise, *row.body, *(row.meaning if row.meaning != row.body else ())]
    pairs = [shape for shape in picture.shapes if isinstance(shape, Arc)]
    boxes = [
        s for s in picture.shapes if isinstance(s, Rect) and s.title in ("measure", "h", "x", "z")
    ]
    bits = [s for s in picture.shapes if isinstance(s, Line) and s.stroke == "measure"]
    names = [step.name for step in steps]
    assert len(pairs) == names.count("ebit")
    assert len(boxes) == sum(names.count(kind) for kind in ("measure", "h", "x", "z"))
    assert len(bits) == 4 * sum(step.condition is not None for step in steps)
    assert all(0 <= s.y <= picture.height for s in picture.shapes if isinstance(s, Text))


def test_modules_are_told_apart() -> None:
    def modules(name: str) -> set[str]:
        shapes = bellwire.draw(TABLE[name]).shapes
        return {s.title for s in shapes if isinstance(s, Rect) and s.title.startswith("module")}

    assert modules("teleport") == {"module A", "module B"}
    assert modules("swap_ebits") == {"module A", "module B", "module C"}
    assert modules("move") == {"module A"}


def test_operations_without_a_protocol_are_refused() -> None:
    with pytest.raises(NotSupported, match="cz: found no protocol"):
        bellwire.draw(TABLE["cz"])
    with pytest.raises(NotSupported, match="it must be one of protocol"):
        bellwire.draw(TABLE["teleport"], "timeline")
