"""Every block of code in docs/ runs and prints what the page says, and saves the pictures that are
in docs/pictures/PAGE; `pytest --update-cases` rewrites both."""

from __future__ import annotations

import io
import re
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path

import pytest
from docs.pages import DOCS, PAGES, ROOT, Block, blocks, name_of

from bellwire.cli import main
from bellwire.passes.candidates import has_metis

RUN = [
    p
    for p in PAGES
    if p.is_relative_to(DOCS)
    and any(b.kind in ("python", "console") for b in blocks(p.read_text()))
]
KINDS = {"python", "console", "output", "toml", "qasm", "sh", "text", "json", "{toctree}"}
SHELL = re.compile(r"(make|pip install|python benchmarks/\S+\.py)\b")


def run_python(code: str, names: dict[str, object]) -> str:
    """What the code prints."""
    said = io.StringIO()
    with redirect_stdout(said):
        exec(compile(code, "<page>", "exec"), names)
    return said.getvalue()


def run_command(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `bellwire ...` prints; it must end with 0."""
    said, wrong = io.StringIO(), io.StringIO()
    words = shlex.split(line)
    assert words[0] == "bellwire", f"{line}: only bellwire is run here; use a sh block"
    monkeypatch.setattr(sys, "argv", words)
    with redirect_stdout(said), redirect_stderr(wrong):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    assert code == 0, f"{line}\n{wrong.getvalue()}"
    return said.getvalue()


def same(expected: str, found: str) -> bool:
    """Whether a page says what was printed; "..." stands for anything."""
    return OutputChecker().check_output(expected.strip(), found.strip(), ELLIPSIS)


def commands(code: str) -> list[tuple[str, str]]:
    """The commands of a console block with what the page says that they print."""
    parts = re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]
    return [(line, said) for line, _, said in (part.partition("\n") for part in parts)]


@pytest.mark.skipif(not has_metis(), reason="another partitioner, other programs")
@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_blocks_of_a_page(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    names: dict[str, object] = {"__name__": "__main__"}
    text = page.read_text()
    printed, changes = "", []
    for block in blocks(text):
        where = f"{name_of(page)}:{block.line}"
        if block.file:
            (tmp_path / block.file).write_text(block.code)
        elif block.not_run:
            continue
        elif block.kind == "python":
            printed = run_python(block.code, names)
        elif block.kind == "console":
            for line, said in commands(block.code):
                found = run_command(line, monkeypatch)
                assert not said or same(said, found), f"{where}\n{line}\n{found}"
        elif block.kind == "output" and not same(block.code, printed):
            changes.append((block, printed))
    kept = sorted((DOCS / "pictures" / page.stem).glob("*.svg"))
    if request.config.getoption("--update-cases"):
        page.write_text(rewritten(text, changes))
        for path in kept:
            path.write_text((tmp_path / path.name).read_text())
        return
    assert [(name_of(page), b.line, found) for b, found in changes] == []
    assert [p.name for p in kept if p.read_text() != (tmp_path / p.name).read_text()] == []


def rewritten(text: str, changes: list[tuple[Block, str]]) -> str:
    """The page with what was really printed."""
    for block, found in reversed(changes):
        text = f"{text[: block.start]}{found.rstrip()}\n{text[block.end :]}"
    return text


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_what_it_is(page: Path) -> None:
    """A language that is run or shown; `sh` is for what tests do not run: make, pip, benchmarks."""
    for block in blocks(page.read_text()):
        where = f"{name_of(page)}:{block.line}"
        assert block.kind in KINDS or page.parent == ROOT, f"{where}: ```{block.kind}"
        if block.kind == "sh":
            lines = block.code.replace("\\\n", " ").splitlines()
            assert all(SHELL.match(line) for line in lines if line), where


def test_blocks_that_are_not_run_say_why() -> None:
    texts = [page.read_text() for page in PAGES]
    told = [block.not_run for text in texts for block in blocks(text) if block.not_run is not None]
    assert all(len(reason.split()) >= 3 for reason in told)
    remarks = [
        remark for text in texts for remark in re.findall("^<!-- not run", text, re.MULTILINE)
    ]
    assert len(told) == len(remarks)  # each before a block


def test_wrong_output_is_seen() -> None:
    assert same("a ... c\n", "a b c\n")
    assert not same("a b\n", "a c\n")
    assert commands("$ bellwire a\nsaid\n$ bellwire b\n") == [
        ("bellwire a", "said\n"),
        ("bellwire b", ""),
    ]


def test_the_comparison_repeats_what_was_measured() -> None:
    """Means that docs/comparison.md quotes are those of docs/ebits.md, Q = 64, 4, 2 at K = 4."""
    measured = (DOCS / "ebits.md").read_text()
    means = [
        re.search(rf"## K = 4, Q = {q}\n.*?geomean_vs_best_above_4: ([\d.]+)", measured, re.DOTALL)
        for q in (64, 4, 2)
    ]
    quoted = re.findall(r"\b0\.\d{3}\b", (DOCS / "comparison.md").read_text())
    assert [mean[1] for mean in means if mean] == quoted
