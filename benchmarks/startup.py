"""How long the command takes to start: CPU time of whole processes, medians.

python benchmarks/startup.py [--repeats N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

CIRCUIT = Path(__file__).resolve().parent.parent / "examples" / "circuits" / "ghz_n6.qasm"
BELLWIRE = [sys.executable, "-m", "bellwire"]
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import bellwire": [sys.executable, "-c", "import bellwire"],
    "bellwire --version": [*BELLWIRE, "--version"],
    "bellwire --help": [*BELLWIRE, "--help"],
    "bellwire compile --help": [*BELLWIRE, "compile", "--help"],
    "bellwire machines list": [*BELLWIRE, "machines", "list"],
    "bellwire compile (6 qubits)": [
        *BELLWIRE, "compile", str(CIRCUIT), "-m", "ring4-demo", "-o", "program.qasm"
    ],
    "bellwire show": [*BELLWIRE, "show", "program.qasm"],
    "bellwire run (10 shots)": [*BELLWIRE, "run", "program.qasm", "--shots", "10"],
    "import cirq": [sys.executable, "-c", "import cirq"],
    "import qiskit": [sys.executable, "-c", "import qiskit"],
}  # fmt: skip


def cpu_ms(command: list[str], folder: str) -> float:
    """User and system time of one process with its children, in milliseconds."""
    before = os.times()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user - before.children_user + after.children_system
    return 1e3 * (used - before.children_system)


def measure(repeats: int) -> dict[str, float]:
    """The median for each command, after one run that fills caches."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            name: statistics.median([cpu_ms(command, folder) for _ in range(repeats + 1)][1:])
            for name, command in COMMANDS.items()
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.repeats)
    if given.json:
        print(json.dumps({name: round(ms) for name, ms in found.items()}, indent=2))
        return
    print("| what | CPU time, ms |\n|---|---:|")
    for name, ms in found.items():
        print(f"| `{name}` | {ms:.0f} |")


if __name__ == "__main__":
    main()
