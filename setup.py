"""Map the top-level folders to sub-packages of `bellwire`; everything else is in pyproject.toml."""

import sys
from pathlib import Path

from setuptools import find_packages, setup

FOLDERS = ("compiler", "passes", "targets", "runtime")
ROOT = Path(__file__).resolve().parent


def link_tree() -> None:
    """Lay `.typetree/bellwire`: type checkers cannot follow the hook of an editable install."""
    tree = ROOT / ".typetree" / "bellwire"
    tree.mkdir(parents=True, exist_ok=True)
    for real in (*(ROOT / folder for folder in FOLDERS), *(ROOT / "src" / "bellwire").iterdir()):
        link = tree / real.name
        if real.name != "__pycache__" and not link.is_symlink():
            try:
                link.symlink_to(real, target_is_directory=real.is_dir())
            except OSError:  # a file system without links: type checks are not for it
                return


packages = ["bellwire", *(f"bellwire.{p}" for p in find_packages("src/bellwire"))]
package_dir = {"bellwire": "src/bellwire"}
for folder in FOLDERS:
    package_dir[f"bellwire.{folder}"] = folder
    packages += [f"bellwire.{folder}", *(f"bellwire.{folder}.{p}" for p in find_packages(folder))]

if "editable_wheel" in sys.argv:
    link_tree()
manual = [("share/man/man1", ["docs/man/bellwire.1"])]
setup(packages=packages, package_dir=package_dir, data_files=manual)
