"""Help, manual page and completion: what a newcomer sees of the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transcript import run_command
from typer.main import get_command

from bellwire.cli import app
from bellwire.command.epilogs import VERBS
from bellwire.command.man import man_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "man" / "bellwire.1"
FRONT: Any = get_command(app)


def verb(name: str) -> Any:
    """The command object of a verb such as "machines list"."""
    found = FRONT
    for word in name.split():
        found = found.commands[word]
    return found


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


def test_every_verb_has_examples_and_exit_codes() -> None:
    groups = {name: c for name, c in FRONT.commands.items() if hasattr(c, "commands")}
    names = {n for n in FRONT.commands if n not in groups}
    names |= {f"{group} {name}" for group, c in groups.items() for name in c.commands}
    assert set(VERBS) == names


@pytest.mark.parametrize("name", sorted(VERBS))
@pytest.mark.usefixtures("narrow")
def test_help_shows_everything_in_80_columns(name: str) -> None:
    ran = run_command(f"bellwire {name} --help")
    assert ran.code == 0
    assert max(map(len, ran.stdout.splitlines())) <= 80
    said = " ".join(ran.stdout.split())
    for option in verb(name).params:
        assert option.help
        assert all(word in said for word in option.opts if word.startswith("--"))
        assert option.metavar is None or option.metavar in said
        assert option.metavar or option.is_flag  # the unit of the value, or what it is
    for line in (VERBS[name].exit_codes, VERBS[name].files):
        assert line in said
    assert all(example in said for example in VERBS[name].examples)


@pytest.mark.parametrize("name", sorted(VERBS))
def test_examples_name_options_that_there_are(name: str) -> None:
    known = {word for option in verb(name).params for word in option.opts}
    for example in VERBS[name].examples:
        assert example.startswith(f"bellwire {name}")
        assert {word for word in example.split() if word.startswith("-")} <= known


def test_manual_page_is_what_the_help_says(request: pytest.FixtureRequest) -> None:
    """`make man` writes it, so that a review sees what changed in the options."""
    if request.config.getoption("--update-cases"):
        PAGE.write_text(man_page())
    assert PAGE.read_text() == man_page()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("bellwire ver", ["verify"]),
        ("bellwire compile a.qasm --topology t", ["tree"]),
        ("bellwire compile a.qasm -m ring", ["ring4-demo"]),
        ("bellwire compile a.qasm --recipe th", ["thorough"]),
        ("bellwire compile a.qasm --generation d", ["deadline"]),
        ("bellwire compile a.qasm --optimise m", ["makespan"]),
        ("bellwire compile a.qasm --link-price f", ["fidelity"]),
        ("bellwire compile a.stim --pairs safe", ["safe_packet"]),
        ("bellwire compile a.stim --corrections f", ["frame"]),
        ("bellwire run a.qasm --backend a", ["auto", "aer"]),
        ("bellwire machines show nv", ["nv-delft-2021"]),
        ("bellwire run a.q", []),  # nothing of ours: the shell offers files
    ],
)
def test_completion(monkeypatch: pytest.MonkeyPatch, typed: str, offered: list[str]) -> None:
    monkeypatch.setenv("_BELLWIRE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split()) - 1))
    assert run_command("bellwire").stdout.split() == offered
