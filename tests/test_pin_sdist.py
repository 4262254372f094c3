"""The source distribution: same sources, same bytes."""

from __future__ import annotations

import os
import runpy
import tarfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "installed" / "pin_sdist.py"


def archive(folder: Path, seconds: int, owner: str, names: list[str]) -> bytes:
    """What is left of an archive packed at that time by that owner."""
    folder.mkdir()
    for name in names:
        (folder / name).write_text(f"text of {name}")
        os.utime(folder / name, (seconds, seconds))

    def owned(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uname = owner
        return member

    with tarfile.open(folder / "it-1.tar.gz", "w:gz") as tar:
        for name in names:
            tar.add(folder / name, f"it-1/{name}", filter=owned)
    runpy.run_path(str(SCRIPT))["main"](folder)
    return (folder / "it-1.tar.gz").read_bytes()


def test_times_owners_and_order_leave_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    names = ["b.py", "a.py", "long" * 40 + ".py"]
    one = archive(tmp_path / "one", 1_500_000_000, "ann", names)
    assert one == archive(tmp_path / "two", 1_600_000_001, "bob", names[::-1])
    with tarfile.open(tmp_path / "one" / "it-1.tar.gz") as tar:
        assert [m.name for m in tar] == sorted(f"it-1/{name}" for name in names)
        assert {(m.mtime, m.uname) for m in tar} == {(1_700_000_000, "")}
        found = tar.extractfile("it-1/a.py")
        assert found is not None
        assert found.read() == b"text of a.py"
