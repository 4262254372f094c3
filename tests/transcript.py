"""Transcripts: files, then commands with all that they print and their exit codes.

    == ghz.qasm          a file, up to the next line of this kind; `== name/` is a folder
    $ bellwire run nope.qasm < ghz.qasm
    what came out on stdout
    ! what came out on stderr
    [2]

`name (bytes)` is a file with Python's escapes for bytes that are no text.
"""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from bellwire.cli import main


@dataclass(frozen=True)
class Ran:
    """A command as it is typed, and what came of it."""

    command: str
    code: int
    stdout: str
    stderr: str

    def __str__(self) -> str:
        out = self.stdout + ("" if self.stdout.endswith("\n") or not self.stdout else "\n")
        err = "".join(f"! {line}\n" for line in self.stderr.splitlines())
        return f"$ {self.command}\n{out}{err}[{self.code}]\n"


def lay_files(text: str) -> None:
    """Write the files of a transcript into the current folder."""
    for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        name, _, content = part.partition("\n")
        if name.endswith("/"):
            Path(name).mkdir(parents=True)
        elif name.endswith(" (bytes)"):
            data = content.strip().encode().decode("unicode_escape").encode("latin-1")
            Path(name.removesuffix(" (bytes)")).write_bytes(data)
        else:
            Path(name).write_text(content)


def run_commands(text: str) -> Iterator[Ran]:
    """Run each command of a transcript in the current folder, in this process."""
    for command in re.findall(r"^\$ (.+)$", text, flags=re.MULTILINE):
        yield run_command(command)


def run_command(command: str) -> Ran:
    """Run one command as `main` does, with its streams and arguments replaced."""
    words, _, source = command.partition(" < ")
    stdin = io.TextIOWrapper(io.BytesIO(Path(source).read_bytes() if source else b""))
    out, err = io.StringIO(), io.StringIO()
    given = patch.object(sys, "stdin", stdin), patch.object(sys, "argv", shlex.split(words))
    with redirect_stdout(out), redirect_stderr(err), given[0], given[1]:
        try:
            main()
        except SystemExit as end:
            code = end.code
    return Ran(command, int(code or 0), out.getvalue(), err.getvalue())


def files_here() -> dict[str, bytes]:
    """All files under the current folder with their bytes."""
    return {str(p): p.read_bytes() for p in sorted(Path().rglob("*")) if p.is_file()}
