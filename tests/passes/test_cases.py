"""Text cases: an input, the passes it goes through, and the exact program that must come out.

A case opens with `# machine: <shape> <modules> data=<n> comm=<n> coupling=<c>` and
`# passes: <names>`; the input and the expected program, both in the text form, are parted by a line
`---`. `pytest --update-cases` rewrites what is expected, so that a review sees the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bellwire.compiler.emitters.text import to_text
from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.program import Program
from bellwire.passes.pipeline import pass_name, run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

CASES = sorted((Path(__file__).resolve().parent.parent / "cases" / "passes").glob("*.txt"))


def head(text: str, key: str) -> str:
    """What the case's line `# key: ...` says."""
    return next(line for line in text.splitlines() if line.startswith(f"# {key}:")).split(":", 1)[1]


def case_machine(text: str) -> Machine:
    """The machine of a case."""
    shape, modules, *options = head(text, "machine").split()
    said = dict(option.split("=") for option in options)
    return make_machine(
        shape,
        int(modules),
        data_qubits=int(said["data"]),
        comm_qubits=int(said["comm"]),
        coupling=said.get("coupling", "all"),
    )


def run_case(text: str) -> tuple[Program, Program]:
    """The case's input and what the passes make of it."""
    circuit, _ = read_text(text)
    wanted = head(text, "passes").split()
    steps = [step for step in recipe("default") if pass_name(step) in wanted]
    assert [pass_name(step) for step in steps] == wanted
    return circuit, run_passes(circuit, case_machine(text), steps).program


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    given, _, expected = path.read_text().partition("---\n")
    circuit, done = run_case(given)
    assert prove(done, circuit).equal
    if request.config.getoption("--update-cases"):
        path.write_text(f"{given}---\n{to_text(done)}")
        return
    assert to_text(done) == expected
