"""The file of rows: cut at any byte it keeps all whole rows; nothing else is taken for one."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from bellwire.errors import ParseError
from bellwire.runtime.sweep.row_file import open_rows, read_rows

TITLE = {"name": "a", "study": "s1"}
ROWS = [{"key": f"k{i}", "ebits": i, "said": "é" * i} for i in range(3)]


def written(path: Path, rows: list[dict[str, object]] = ROWS) -> bytes:
    with open_rows(path, TITLE) as file:
        for row in rows:
            file.append(row)
    return path.read_bytes()


def test_cut_anywhere_it_keeps_all_whole_rows_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    whole = written(path)
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        kept = max(0, whole[:size].count(b"\n") - 1)
        with open_rows(path, TITLE) as file:
            assert list(file.rows.values()) == ROWS[:kept]
            for row in ROWS[kept:]:
                file.append(row)
        assert path.read_bytes() == whole


def test_rows_are_on_the_disk_when_they_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with open_rows(path, TITLE) as file:
        file.append(ROWS[0])
        assert read_rows(path) == ROWS[:1]
        with path.open("ab") as torn:  # as a reader may find it while a row is being written
            torn.write(b'{"key": "k')
        assert read_rows(path) == ROWS[:1]


def test_files_of_parts_may_be_put_together(tmp_path: Path) -> None:
    parts = [written(tmp_path / name, rows) for name, rows in (("a", ROWS[:2]), ("b", ROWS[2:]))]
    together = tmp_path / "all"
    together.write_bytes(b"".join(parts))
    assert read_rows(together) == ROWS


def test_the_last_row_of_a_key_counts_and_titles_are_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    written(path)
    written(path, [{"key": "k1", "ebits": 9}])
    assert [row["ebits"] for row in read_rows(path)] == [0, 9, 2]
    assert path.read_text().count("bellwire_sweep") == 1
    with open_rows(path, {**TITLE, "study": "s2"}) as file:
        assert len(file.rows) == 3
    assert path.read_text().count("bellwire_sweep") == 2


HEAD = '{"bellwire_sweep": 1}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seeds = 3", "rows: found no rows of a sweep; give another output"),
        ("seeds = 3\n", "rows: found no rows of a sweep; give another output"),
        ('{"bellwire"', "rows: found no rows of a sweep; give another output"),
        (HEAD + "[1]\n", "rows:2: found no row of a sweep; take this line out"),
        (HEAD + '{"key": 1}\n', "rows:2: found no row of a sweep; take this line out"),
        (HEAD + '{"key"\n{}\n', "rows:2: found no row of a sweep; take this line out"),
        ('{"bellwire_sweep": 2}\n', "rows:1: found no row of a sweep; take this line out"),
        (HEAD + "[" * 100_000 + "\n", "rows:2: found no row of a sweep; take this line out"),
    ],
)
def test_other_files_are_refused_and_left_alone(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rows"
    path.write_text(text)
    with pytest.raises(ParseError) as error, open_rows(path, TITLE):
        pass
    assert str(error.value).endswith(said)
    assert path.read_text() == text


def test_what_is_no_file_or_has_no_room_is_one_error(tmp_path: Path) -> None:
    for place in (tmp_path, Path("/dev/zero")):
        with pytest.raises(ParseError, match="this is no file; give another output"):
            written(place)
        with pytest.raises(ParseError, match="this is no file; give a file of rows"):
            read_rows(place)
    with pytest.raises(ParseError, match="give another output"):
        written(Path("/proc/nowhere/rows"))
    path = tmp_path / "rows.jsonl"
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))
    try:
        with pytest.raises(ParseError, match="cannot write: File too large; the rows so far"):
            written(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert path.stat().st_size == 100
    assert read_rows(path) == ROWS[:1]


def test_only_one_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    code = (
        "import sys\nfrom bellwire.runtime.sweep.row_file import open_rows\n"
        f"with open_rows({str(path)!r}, {json.dumps(TITLE)}): pass"
    )
    run = [sys.executable, "-c", code]
    with open_rows(path, TITLE) as file:
        other = subprocess.run(run, capture_output=True, text=True)
        assert "found another sweep writing it; wait for its end" in other.stderr
        file.append(ROWS[0])
    assert subprocess.run(run).returncode == 0
    assert read_rows(path) == ROWS[:1]
