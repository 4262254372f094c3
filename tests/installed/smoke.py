"""Try an installed bellwire without extras, away from its source: `python smoke.py EXAMPLES`.

Every module imports with the hard dependencies alone, the commands of the README work, and what
needs an extra says which.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages

import bellwire

EXTRAS = ("prometheus_client", "opentelemetry", "sinter", "pymatching", "ldpc")
COMMANDS = (
    "--version",
    "compile examples/circuits/qft_adder_n8.qasm -m ring4-demo --verify -o adder.qasm",
    "run adder.qasm --shots 100",
    "verify adder.qasm --against examples/circuits/qft_adder_n8.qasm",
    "preflight adder.qasm",
    "run adder.qasm --shots 20 --faults examples/faults/link_lost.toml",
    "show adder.qasm --ebits --against examples/circuits/qft_adder_n8.qasm",
    "report adder.qasm -o report.html --circuit examples/circuits/qft_adder_n8.qasm",
    "machines list",
)
NEEDS = {
    "run adder.qasm --metrics out.prom": "bellwire[metrics]",
    "run adder.qasm --traces out.json": "bellwire[traces]",
    "threshold examples/seam.toml": "bellwire[qec]",
    "threshold examples/studies/bicycle.toml": "bellwire[qec]",
}


def run(words: str, folder: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder."""
    command = shutil.which("bellwire", path=str(Path(sys.executable).parent))
    assert command is not None
    return subprocess.run([command, *words.split()], cwd=folder, capture_output=True, text=True)


def main(examples: Path) -> None:
    """Raise AssertionError for what does not work."""
    assert [name for name in EXTRAS if find_spec(name)] == []
    assert "site-packages" in str(bellwire.__file__)
    names = [m.name for m in walk_packages(bellwire.__path__, "bellwire.")]
    for name in names:
        if not name.endswith("__main__"):
            import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(examples, Path(folder) / "examples")
        for words in COMMANDS:
            done = run(words, folder)
            assert done.returncode == 0, (words, done.stderr)
        for words, extra in NEEDS.items():
            done = run(words, folder)
            assert done.returncode == 2, words
            assert extra in done.stderr, (words, done.stderr)
    print(f"{len(names)} modules, {len(COMMANDS)} commands, {len(NEEDS)} missing extras named")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
