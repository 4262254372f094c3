"""Check what is in a source distribution and a wheel: `python check_dists.py FOLDER`.

Every file of the package is there and nothing else: no tests, links, caches or build leftovers.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from packaging.metadata import Metadata

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("compiler", "passes", "targets", "runtime")
MANUAL = "docs/man/bellwire.1"
BESIDE = {"LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.py", MANUAL}
MADE = {"PKG-INFO", "setup.cfg"}  # by setuptools


def main(folder: Path) -> None:
    """Raise AssertionError, with the files, for what is too much or missing."""
    [sdist], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    sources = package_files()
    with tarfile.open(sdist) as tar:
        inside = {m.name.partition("/")[2] for m in tar.getmembers() if m.isfile()}
    inside = {name for name in inside if not name.startswith("bellwire.egg-info/")}
    same(inside, sources | BESIDE | MADE, sdist)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        about = {name for name in names if not name.startswith("bellwire/")}
        info = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"
        same(names - about, {installed(name) for name in sources}, wheel)
        made = {"METADATA", "WHEEL", "entry_points.txt", "top_level.txt", "RECORD"}
        expected = {f"{info}/{name}" for name in made | {"licenses/LICENSE"}}
        expected.add(f"{info.replace('.dist-info', '.data')}/data/share/man/man1/bellwire.1")
        same(about, expected, wheel)
        metadata = Metadata.from_email(archive.read(f"{info}/METADATA"), validate=True)
        licence = archive.read(f"{info}/licenses/LICENSE")
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert metadata.license_expression == "Apache-2.0"
    assert metadata.description == (ROOT / "README.md").read_text()
    print(f"{sdist.name}, {wheel.name}: {len(sources)} files of the package, nothing else")


def package_files() -> set[str]:
    """The files of the package that are kept by git, by their places in the source tree."""
    command = ["git", "ls-files", "src/bellwire", *FOLDERS]
    return set(subprocess.check_output(command, cwd=ROOT, text=True).splitlines())


def installed(name: str) -> str:
    """The place of a source file in the wheel."""
    return name.removeprefix("src/") if name.startswith("src/") else f"bellwire/{name}"


def same(found: set[str], expected: set[str], where: Path) -> None:
    """Compare two sets of names."""
    assert found == expected, (
        f"{where.name}: too much {sorted(found - expected)}, missing {sorted(expected - found)}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
