"""The README's blocks run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
PYTHON = [code for kind, code in BLOCKS if kind == "python"]
CONSOLE = [
    line[2:] for kind, code in BLOCKS if kind == "console" for line in code.splitlines() if line
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("circuits", "faults"):
        shutil.copytree(ROOT / "examples" / folder, tmp_path / "examples" / folder)
    return tmp_path


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_python_block(number: int, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PYTHON[number]],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_console_block(home: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in CONSOLE:
        done = subprocess.run(
            line.split(),
            cwd=home,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PATH": path},
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_files_that_the_readme_names_exist() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
