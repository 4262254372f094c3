"""Files from outside: what is read, what is refused, and that nothing waits or fills the memory."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from bellwire.errors import ParseError
from bellwire.targets.files import MIB, MOST_KEY_PARTS, file_text, read_json, read_toml, text_of


def complaint(path: Path, most_bytes: int = MIB) -> str:
    with pytest.raises(ParseError) as info:
        file_text(path, most_bytes)
    assert info.value.path == str(path)
    return info.value.message


def test_text_is_read_without_its_marks(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfone\r\ntwo\n")
    assert file_text(tmp_path / "a") == "one\ntwo\n"


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zeros").write_bytes(b"a\0b")
    (tmp_path / "latin").write_bytes(b"a\ncaf\xe9")
    assert complaint(tmp_path) == "this is a folder; give a file"
    assert complaint(tmp_path / "no") == "there is no such file; check the path"
    assert complaint(Path("/dev/zero")) == "this is a device or a socket; give a file"
    assert complaint(tmp_path / "zeros") == "this is a binary file; give a text file"
    assert complaint(tmp_path / "latin") == "this is not UTF-8; save it as UTF-8"
    assert complaint(tmp_path / ("x" * 300)).startswith("it cannot be read (File name too long)")


def test_large_files_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    said = "this is 1,048,576.0 MB or more; at most 1 MB are read: split it"
    assert complaint(tmp_path / "sparse") == said
    with pytest.raises(ParseError, match="at most 1 MB"):
        text_of(b"a" * (MIB + 1), "<stdin>", MIB)
    assert len(text_of(b"a" * MIB, "<stdin>", MIB)) == MIB


def test_pipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for text, wanted in ((b"h 0\n", "h 0\n"), (b"ab" * MIB, None)):
        writer = threading.Thread(target=_write, args=(pipe, text))
        writer.start()
        if wanted is None:
            assert "at most 1 MB are read" in complaint(pipe)
        else:
            assert file_text(pipe) == wanted
        writer.join()
    monkeypatch.setattr("bellwire.targets.files.PIPE_S", 0.1)
    assert complaint(pipe) == "nobody writes to this pipe; give a file"


def _write(pipe: Path, text: bytes) -> None:
    try:
        with pipe.open("wb") as file:
            file.write(text)
    except BrokenPipeError:  # the reader has had enough
        pass


def test_toml_is_bounded_in_depth() -> None:
    assert read_toml("a.b.c = 1") == {"a": {"b": {"c": 1}}}
    key = "a" + ".a" * MOST_KEY_PARTS
    for text in (f"{key} = 1", f"[{key}]", f"x = {{ {key} = 1 }}", f'"b".{key} = 1'):
        with pytest.raises(ParseError, match=r"m:2: found a key of more than 50 parts; nest less"):
            read_toml("\n" + text, "m")
    cases = {
        "a = " + "[" * 100_000: "m: found lists or tables nested too deeply; write valid TOML",
        "a = " + "9" * 5_000: "m: found a number of more than 4,300 digits; write valid TOML",
        "a = [1": "m: Unclosed array; write valid TOML",
        "\nb = \n": "m:2:5: Invalid value; write valid TOML",
    }
    for text, said in cases.items():
        with pytest.raises(ParseError) as info:
            read_toml(text, "m")
        assert str(info.value) == said


def test_json_is_bounded_in_depth() -> None:
    cases = {
        "[" * 1_000_000: "m: found lists or tables nested too deeply; write valid JSON",
        "9" * 5_000: "m: found a number of more than 4,300 digits; write valid JSON",
        "{": "m:1:2: Expecting property name enclosed in double quotes; write valid JSON",
    }
    for text, said in cases.items():
        with pytest.raises(ParseError) as info:
            read_json(text, "m")
        assert str(info.value) == said
