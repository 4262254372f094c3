"""Parse Stim text so that every instruction knows its line, and every error too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from bellwire.errors import ParseError

if TYPE_CHECKING:
    import stim

MAX_DEPTH = 50  # of REPEAT blocks in each other

_NAME = re.compile(r"(\s*[A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]]*\])?", re.ASCII)
_REPEAT = re.compile(r"\s*REPEAT\b[^{#]*\{\s*(#.*)?\Z", re.ASCII | re.IGNORECASE)
_CLOSE = re.compile(r"\s*\}\s*(#.*)?\Z")


def parse_with_lines(text: str, path: str = "") -> stim.Circuit:
    """Parse Stim text; the tag of each instruction is its line.

    Tags mean nothing to Stim and it fuses only instructions of one tag. Raises ParseError.
    """
    import stim

    lines = text.split("\n")
    _check_depth(lines, path)
    try:
        return stim.Circuit("".join([_tagged(line, i) for i, line in enumerate(lines, 1)]))
    except (ValueError, IndexError, OverflowError, RuntimeError) as error:
        _explain(lines, path, error)


def _tagged(line: str, number: int) -> str:
    """The line with its number as the tag. Its end matters: Stim 1.16 never returns from a tag
    that is still open at the end of the text."""
    match = _NAME.match(line)
    return f"{line}\n" if match is None else f"{match[1]}[{number}]{line[match.end() :]}\n"


def _check_depth(lines: list[str], path: str) -> None:
    opened: list[int] = []
    for number, line in enumerate(lines, 1):
        if "{" in line and _REPEAT.match(line):
            opened.append(number)
            if len(opened) > MAX_DEPTH:
                raise ParseError(f"REPEAT more than {MAX_DEPTH} deep; flatten it", path, number, 1)
        elif "}" in line and _CLOSE.match(line):
            if not opened:
                raise ParseError("there is no open block; take this } out", path, number, 1)
            opened.pop()
    if opened:
        raise ParseError("this REPEAT is never closed; close it with }", path, opened[-1], 1)


def _explain(lines: list[str], path: str, error: Exception) -> NoReturn:
    """Find the first line that is wrong by itself."""
    import stim

    for number, line in enumerate(lines, 1):
        if not _CLOSE.match(line):
            try:
                stim.Circuit(line + ("\n}\n" if _REPEAT.match(line) else "\n"))
            except (ValueError, IndexError, OverflowError, RuntimeError) as wrong:
                column = len(line) - len(line.lstrip()) + 1
                raise ParseError(_first_line(wrong), path, number, column) from None
    raise ParseError(_first_line(error), path)


def _first_line(error: Exception) -> str:
    return f"{str(error).splitlines()[0].rstrip('.')}; see `stim help` for what Stim reads"
