"""Files from outside, read within limits: text of so many bytes, TOML and JSON of some depth."""

from __future__ import annotations

import json
import os
import re
import stat
import time
import tomllib
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from bellwire.errors import ParseError

MIB = 1 << 20
MOST_CIRCUIT_BYTES = 256 * MIB
MOST_TABLE_BYTES = 16 * MIB
MOST_KEY_PARTS = 50  # of one dotted key; tomllib takes their number cubed
PIPE_S = 2.0  # how long a pipe may be without anybody at its other end

_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_KEY_PARTS}}}")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


def file_text(path: str | PathLike[str], most_bytes: int = MOST_TABLE_BYTES) -> str:
    """The text of a file or pipe, without byte order mark, lines ended by newlines alone.

    Raises ParseError for what is no file, cannot be read, has more than `most_bytes` or is not
    UTF-8 text.
    """
    name = str(path)
    try:
        with _opened(Path(path), name) as file:
            size = os.fstat(file.fileno()).st_size
            if size > most_bytes:
                raise ParseError(_too_large(size, most_bytes), name)
            start = _first_bytes(file, name)
            data = start + file.read(most_bytes + 1 - len(start))
    except FileNotFoundError:
        raise ParseError("there is no such file; check the path", name) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ParseError(f"it cannot be read ({why}); check the path", name) from None
    return text_of(data, name, most_bytes)


def text_of(data: bytes, name: str, most_bytes: int = MOST_CIRCUIT_BYTES) -> str:
    """The same of bytes that were read, one more than `most_bytes` at most. Raises ParseError."""
    if len(data) > most_bytes:
        raise ParseError(_too_large(len(data), most_bytes), name)
    if b"\0" in data:
        raise ParseError("this is a binary file; give a text file", name)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ParseError("this is not UTF-8; save it as UTF-8", name, line) from None


def read_toml(text: str, path: str = "") -> dict[str, Any]:
    """Parse TOML. Raises ParseError with line and column."""
    if (found := _LONG_KEY.search(text)) is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise ParseError(f"found a key of more than {MOST_KEY_PARTS} parts; nest less", path, line)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (0, 0)
        message = _said(error, "" if place is None else place[0])
        raise ParseError(f"{message}; write valid TOML", path, line, column) from None


def read_json(text: str, path: str = "") -> Any:
    """Parse JSON. Raises ParseError with line and column."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{error.msg}; write valid JSON"
        raise ParseError(message, path, error.lineno, error.colno) from None
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{_said(error)}; write valid JSON", path) from None


def _said(error: Exception, place: str = "") -> str:
    if isinstance(error, RecursionError):
        return "found lists or tables nested too deeply"
    if "limit" in str(error) and "digits" in str(error):  # Python's own, of numbers in text
        return "found a number of more than 4,300 digits"
    return str(error).replace(place, "")


def _opened(path: Path, name: str) -> BinaryIO:
    """Open a file or pipe, without waiting for the other end of a pipe."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise ParseError("this is a folder; give a file", name)
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise ParseError("this is a device or a socket; give a file", name)
    return open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb")


def _first_bytes(file: BinaryIO, name: str) -> bytes:
    """What a pipe gives first, as soon as somebody writes to it; nothing of a file."""
    number = file.fileno()
    if not stat.S_ISFIFO(os.fstat(number).st_mode):
        return b""
    until = time.monotonic() + PIPE_S
    start = b""
    try:
        while not (start := os.read(number, MIB)):
            if time.monotonic() > until:
                raise ParseError("nobody writes to this pipe; give a file", name)
            time.sleep(0.02)
    except BlockingIOError:  # somebody is there and has not written yet
        pass
    os.set_blocking(number, True)
    return start


def _too_large(size: int, most: int) -> str:
    return f"this is {size / MIB:,.1f} MB or more; at most {most // MIB} MB are read: split it"
