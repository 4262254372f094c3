"""The rows of a sweep in a file of JSON lines: appended whole, and mended after a kill.

A title line says which sweep the rows below it are from; there may be several, so that files of
parts of a sweep may be put together with `cat`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import IO, Any

from bellwire.errors import ParseError

try:
    import fcntl
except ImportError:  # Windows has none: nobody else is kept away there
    fcntl = None  # type: ignore[assignment]

Row = dict[str, Any]

FORMAT = 1
_BEGINNING = b'{"bellwire_sweep": '


class RowFile:
    """An open file of rows; `rows` are those that were in it, by key, the last of each."""

    def __init__(self, file: IO[bytes], path: str, title: Mapping[str, Any]) -> None:
        self._file, self._path = file, path
        titles, self.rows = _mended(file, path)
        line = {"bellwire_sweep": FORMAT, **title}
        if line not in titles[-1:]:
            self._write(line)

    def append(self, row: Row) -> None:
        """Keep a row: when this returns it is on the disk. Raises ParseError when it cannot be."""
        self._write(row)

    def _write(self, line: Mapping[str, Any]) -> None:
        try:
            left = memoryview(_encoded(line))
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise ParseError(
                f"cannot write: {error.strerror}; the rows so far are kept", self._path
            ) from None


@contextmanager
def open_rows(path: str | PathLike[str], title: Mapping[str, Any]) -> Iterator[RowFile]:
    """Open a file of rows to add to, or begin one, under a title that says what follows.

    A last line that was cut off is taken away. Raises ParseError for a file of something else,
    for one that cannot be written, and for one that another process has open.
    """
    place, name = Path(path), str(path)
    if place.exists() and not place.is_file():  # a device or pipe may have no end
        raise ParseError("this is no file; give another output", name)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        file = place.open("a+b", buffering=0)  # nothing is left to write on closing
    except OSError as error:
        raise ParseError(f"{error.strerror}; give another output", name) from None
    with file:
        _lock(file, name)
        yield RowFile(file, name, title)


def read_rows(path: str | PathLike[str]) -> list[Row]:
    """The rows in a file, also while a sweep is writing it: the last of each key, in the order in
    which keys came. Raises ParseError for a file of something else."""
    place = Path(path)
    if place.exists() and not place.is_file():  # a device or pipe may have no end
        raise ParseError("this is no file; give a file of rows", str(path))
    try:
        data = place.read_bytes()
    except OSError as error:
        raise ParseError(f"{error.strerror}; give a file of rows", str(path)) from None
    return list(_parsed(data[: data.rfind(b"\n") + 1], str(path))[1].values())


def _encoded(line: Mapping[str, Any]) -> bytes:
    return json.dumps(line, allow_nan=False).encode() + b"\n"


def _lock(file: IO[bytes], path: str) -> None:
    """Keep other processes away until the file is closed, by whatever end of this process."""
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ParseError(
            "found another sweep writing it; wait for its end, or give another output", path
        ) from None
    except OSError as error:  # such as a network disk without locks
        raise ParseError(f"cannot lock: {error.strerror}; give another output", path) from None


def _mended(file: IO[bytes], path: str) -> tuple[list[Row], dict[str, Row]]:
    """Titles and rows of a file, after its unfinished last line was taken away."""
    file.seek(0)
    data = file.read()
    whole = data[: data.rfind(b"\n") + 1]
    if not whole and not (data.startswith(_BEGINNING) or _BEGINNING.startswith(data)):
        raise ParseError("found no rows of a sweep; give another output", path)
    found = _parsed(whole, path)
    if len(whole) < len(data):
        file.truncate(len(whole))
    return found


def _parsed(data: bytes, path: str) -> tuple[list[Row], dict[str, Row]]:
    """Titles and rows of whole lines."""
    if data and not data.startswith(_BEGINNING):
        raise ParseError("found no rows of a sweep; give another output", path)
    titles, rows = [], {}
    for number, text in enumerate(data.splitlines(), 1):
        line = _line(text)
        if line.get("bellwire_sweep") == FORMAT:
            titles.append(line)
        elif isinstance(line.get("key"), str):
            rows[line["key"]] = line
        else:
            raise ParseError("found no row of a sweep; take this line out", path, number)
    return titles, rows


def _line(text: bytes) -> Row:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
