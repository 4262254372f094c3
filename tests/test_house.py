"""The house rules: who may import whom, what is packaged."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

import bellwire

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("compiler", "passes", "targets", "runtime")
ALLOWED = {
    "targets": {"targets", "errors"},
    "compiler": {"compiler", "targets", "errors"},
    "passes": {"passes", "compiler", "targets", "errors"},
    "runtime": {"runtime", "compiler", "targets", "errors"},
}


def _imports(path: Path) -> set[str]:
    """The parts of bellwire that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        found |= {n.split(".")[1] for n in names if n.startswith("bellwire.")}
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_imports_only_what_it_may(folder: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): bad
        for path in (ROOT / folder).rglob("*.py")
        if (bad := _imports(path) - ALLOWED[folder])
    }
    assert wrong == {}


def test_errors_imports_nothing() -> None:
    assert _imports(ROOT / "src/bellwire/errors.py") == set()


def test_every_place_names_the_same_oldest_python() -> None:
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = [
        c for c in about["project"]["classifiers"] if c.startswith("Programming Language :: P")
    ]
    versions = [c.split(" :: ")[2] for c in named if "." in c]
    assert versions == ["3.11", "3.12", "3.13"]
    assert about["project"]["requires-python"] == f">={versions[0]}"
    assert about["tool"]["mypy"]["python_version"] == versions[0]
    assert about["tool"]["ruff"]["target-version"] == f"py{versions[0].replace('.', '')}"


@pytest.mark.parametrize("folder", [*FOLDERS, "src"])
def test_no_syntax_is_newer_than_the_oldest_python(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        ast.parse(path.read_text(), str(path), feature_version=(3, 11))


def test_no_bare_import_of_a_top_level_folder() -> None:
    wrong = []
    for path in ROOT.rglob("*.py"):
        if re.match(r"\.(wheel-)?venv|\.typetree|build", path.relative_to(ROOT).parts[0]):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += (
                [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            )
            wrong += [(path.name, n) for n in names if n.split(".")[0] in FOLDERS]
    assert wrong == []


def test_every_folder_with_code_or_data_is_a_package() -> None:
    missing = [
        str(folder.relative_to(ROOT))
        for top in (*(ROOT / f for f in FOLDERS), ROOT / "src/bellwire")
        for folder in (top, *(p for p in top.rglob("*") if p.is_dir()))
        if folder.name != "__pycache__"
        and any(p.is_file() for p in folder.iterdir())
        and not (folder / "__init__.py").exists()
    ]
    assert missing == []


def test_public_names_exist_and_are_listed() -> None:
    assert set(bellwire.__all__) == set(bellwire._HOMES)
    assert all(getattr(bellwire, name) is not None for name in bellwire.__all__)
