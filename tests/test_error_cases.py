"""What the command says and leaves behind when something is wrong: transcripts, byte for byte.

`pytest --update-cases` rewrites what they expect, so that a review sees the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from transcript import files_here, lay_files, run_commands

CASES = sorted((Path(__file__).resolve().parent / "cases" / "errors").glob("*.txt"))


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_transcript(
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    given, _, expected = path.read_text().partition("\n$ ")
    lay_files(given)
    found = ""
    before = files_here()
    for ran in run_commands(f"\n$ {expected}"):
        found += str(ran)
        after = files_here()
        if ran.code == 2:
            assert after == before, f"{ran.command}: left something behind"
            assert ran.stderr.count("\n") == 1
            assert ran.stdout == ""
        before = after
    if request.config.getoption("--update-cases"):
        path.write_text(f"{given}\n{found}")
        return
    assert found == f"$ {expected}"
