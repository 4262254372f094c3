"""Every reader and every option has a format, and some inputs of each do no harm."""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from driver import MOST_GROWTH, feed, feed_apart, format_of, table
from formats import PLACES, command

FEW = {"command": 8, "programs": 25, "qiskit": 40, "cirq": 60, "long": 4, "proofs": 0}
MANY = 150
READERS = {
    "read_qasm2", "read_program_qasm3", "from_stim", "read_text", "from_qiskit", "from_cirq",
    "read_text_of", "text_of", "file_text", "read_toml", "read_json", "load_machine",
    "read_machine_toml", "read_memq_network", "load_scenario", "load_objectives",
    "load_study", "read_rows", "by_file", "parse_cut", "mend",
}  # fmt: skip
INSIDE = {  # steps of those, and what takes no input from outside
    "read_qasm3", "read", "read_file", "read_table", "read_call", "read_gphase", "read_header",
    "read_together", "read_angle", "read_axes", "read_lines", "read_symbols", "read_cirq",
    "read_lowered", "read_input", "from_cirq_with_keys", "parse", "parse_again", "parser",
    "parse_with_lines", "from_text", "read_body", "read_scenario_toml", "read_table_file",
    "read_study",
}  # fmt: skip


def public_readers() -> set[str]:
    """The functions in the code whose names say that they read."""
    root = Path(__file__).resolve().parents[2]
    text = "\n".join(
        path.read_text()
        for top in ("compiler", "passes", "runtime", "targets", "src/bellwire")
        for path in (root / top).rglob("*.py")
    )
    return set(re.findall(r"^def ((?:read|load|parse|from)_\w+|read|parse)\(", text, re.MULTILINE))


def test_every_reader_is_known() -> None:
    """A new one goes into READERS, with a format that reaches it, or into INSIDE."""
    assert public_readers() - READERS - INSIDE == set()


@pytest.mark.filterwarnings("ignore")
def test_every_reader_is_reached_by_a_format() -> None:
    called: set[str] = set()

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            called.add(frame.f_code.co_name)

    for name in set(PLACES) - {"proofs", "command", "programs", "long"}:
        form = format_of(PLACES[name])
        sys.setprofile(note)
        try:
            for ready in form.warm[:4]:
                form.read(ready)
        finally:
            sys.setprofile(None)
    assert READERS - called == set()


def test_every_option_of_every_command_has_values() -> None:
    missing = {
        (*words, name)
        for words, params in command.COMMANDS.items()
        for name, param in params.items()
        if name not in command.VALUES and not getattr(param, "is_flag", False)
    }
    assert missing == set()


@pytest.mark.parametrize("name", PLACES)
def test_inputs_do_no_harm(name: str) -> None:
    with warnings.catch_warnings(action="ignore"):
        tally = feed(format_of(PLACES[name]), range(FEW.get(name, MANY)))
    assert tally.failures == {}
    assert tally.growth < MOST_GROWTH


def test_the_driver_finds_what_it_looks_for() -> None:
    """Tracebacks, hangs, growth and the death of the process are failures of their inputs."""
    tally = feed_apart("driver_samples:FORMAT", 0, 8)
    words = {number: text.strip().splitlines()[-1] for number, text in tally.failures.items()}
    assert words.keys() == {1, 2, 3, 4, 5}
    assert "KeyError" in words[1]
    assert "TooLong" in words[2]
    assert "MemoryError" in words[3]
    assert "the process ended with -9" in words[4]
    assert "says next to nothing" in words[5]
    assert (tally.inputs, tally.accepted, tally.refused) == (8, 2, 1)
    assert table({"numbers": tally}).splitlines()[-1].split()[:5] == ["all", "8", "2", "1", "5"]
