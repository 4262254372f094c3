"""The command line: any value for any option; exit code 0, 1 or 2, and what is wrong said."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from random import Random

import typer
from driver import Format

from bellwire import cli
from formats.circuits import STIM_SEEDS
from formats.samples import FLOW, GHZ, compiled_texts
from formats.tables import EXAMPLES, FOLDER, SMALL

FILES = {
    "ghz.qasm": GHZ,
    "flow.qasm": FLOW,
    "memory.stim": STIM_SEEDS[2],
    "plain.stim": STIM_SEEDS[1],
    "ghz.out.qasm": compiled_texts(".qasm")[0],
    "flow.out.txt": compiled_texts(".txt")[1],
    "machine.toml": SMALL[1],
    "objectives.toml": (EXAMPLES / "objectives.toml").read_text(),
    "faults.toml": '[[event]]\nkind = "dark_counts"\nshare = 0.1\n',
    "homes.toml": "0 = 0\n1 = 1\n2 = 0\n",
    "study.toml": 'code = "rotated_surface"\ndistances = [3]\nmax_shots = 9\nworkers = 1\n'
    "layout = 'one'\n[noise]\np = [0.01, 0.02]\n",
}
ANY_FILE = (*FILES, "missing.qasm", ".", "", "nul\0", "x" * 300, "/dev/null", "/dev/zero", "\udcff")
ODD_WHOLE = ("0", "-1", "1", "2", "3.5", "x", "", "9" * 30, "1e9", "\u0663")
ODD_REAL = ("0", "1", "-1", "0.5", "nan", "inf", "-inf", "1e300", "1e-300", "x", "")
ODD_TEXT = (
    "",
    "x",
    "all",
    "line",
    "grid 2x2",
    "grid 0x9",
    "grid 999999x999999",
    "\udcff",
    "a" * 300,
)
OUTPUTS = (
    "out.qasm",
    "out.txt",
    "out.stim",
    "out.pdf",
    "-",
    "",
    ".",
    "no/such/out.qasm",
    "/dev/full",
)
VALUES: dict[str, tuple[str, ...]] = {
    "source": ANY_FILE, "machine": ("ring4-demo", *ANY_FILE), "name": ("ring4-demo", *ANY_FILE),
    "study": ("study.toml", *ANY_FILE), "against": ANY_FILE, "circuit": ANY_FILE,
    "homes": ("homes.toml", *ANY_FILE), "faults": ("faults.toml", *ANY_FILE),
    "slo": ("objectives.toml", *ANY_FILE),
    "topology": ("ring", "complete", "switch", "grid", *ODD_TEXT), "coupling": ODD_TEXT,
    "modules": ODD_WHOLE, "data_qubits": ODD_WHOLE, "comm_qubits": ODD_WHOLE,
    "seed": ODD_WHOLE, "buffer": ODD_WHOLE, "timelines": ODD_WHOLE,
    "shots": ("0", "-1", "1", "20", "x", "3.5"), "workers": ("0", "1", "x"),
    "time_budget": ("0", "-1", "0.01", "nan", "x"),
    "window_ns": ODD_REAL, "cutoff_ns": ODD_REAL, "p": ODD_REAL, "p_link": ODD_REAL,
    "bell_infidelity": ODD_REAL, "min_success": ODD_REAL, "max_age_days": ODD_REAL,
    "today": ("2026-01-01", "2026-13-01", "x", ""),
    "recipe": ("fast", "fast", "default", *ODD_TEXT),
    "backend": ("auto", "timing", "stabilizer", "aer", "x"),
    "link_price": ("pairs", "fidelity", "time", *ODD_TEXT),
    "optimise": ("ebits", "makespan", "fidelity", *ODD_TEXT),
    "generation": ("asap", "on_demand", "window", "deadline", *ODD_TEXT),
    "purify": ("A-B", "A", "-", "B-A", "A-Z", ""), "pairs": ("packet", "ghz", "direct", *ODD_TEXT),
    "corrections": ("explicit", "frame", "x"), "cut": ("x<=1", "x<", "y", "9**9**9<x"),
    "output": OUTPUTS, "out": OUTPUTS, "per_module": ("parts", *OUTPUTS), "pareto": OUTPUTS,
    "metrics": OUTPUTS, "traces": OUTPUTS, "plot": ("a.png", "a.pdf", "no/a.svg", ""),
    "csv": OUTPUTS, "part": ("1/2", "2/1", "0/1", "x"), "scheduler": ("nonsense", "", "tcp:"),
    "max_points": ODD_WHOLE,
    "metrics_port": ("0", "-1", "70000", "x"),  # a port that is free would be served for ever
}  # fmt: skip
OFF_LIMITS = {"install_completion", "show_completion"}  # these write into the home folder
MOST_WORDS = 5

APP = typer.main.get_command(cli.app)


def commands() -> dict[tuple[str, ...], dict[str, object]]:
    """Each verb's words -> its parameters by name."""
    found = {}
    for name, verb in APP.commands.items():  # type: ignore[attr-defined]
        for inner, leaf in getattr(verb, "commands", {"": verb}).items():
            words = tuple(w for w in (name, inner) if w)
            found[words] = {p.name: p for p in leaf.params if p.name != "help"}
    return found


COMMANDS = commands()


def write(rng: Random) -> tuple[str, ...]:
    """The words behind `bellwire`."""
    verb = rng.choice(sorted(COMMANDS))
    words = list(verb)
    params = COMMANDS[verb]
    arguments = [p for p in params.values() if p.param_type_name == "argument"]
    options = [p for p in params.values() if p.param_type_name == "option"]
    for param in arguments:
        words.append(rng.choice(VALUES[param.name][: 8 if rng.random() < 0.8 else None]))
    for param in rng.sample(options, min(len(options), rng.randrange(MOST_WORDS))):
        words.append(rng.choice(param.opts))
        if not param.is_flag:
            words.append(rng.choice(VALUES[param.name]))
    if rng.random() < 0.5 and "topology" in params:
        words += ["--topology", "ring", "--modules", "2"]
    if "recipe" in params and rng.random() < 0.8:
        words += ["--recipe", "fast"]
    if rng.random() < 0.1:
        words.insert(rng.randrange(len(words) + 1), rng.choice(("--", "-x", "--no", "", "-", "-h")))
    return tuple(words)


def run(words: tuple[str, ...]) -> None:
    """Run the command in a folder of its own. Raises AssertionError for how it should not end."""
    for name, text in FILES.items():
        if not (FOLDER / name).exists():
            (FOLDER / name).write_text(text)
    said, argv, here = io.StringIO(), sys.argv, Path.cwd()
    sys.argv, code = ["bellwire", *words], 0
    os.chdir(FOLDER)
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(_Out()):
            cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 99
    finally:
        sys.argv = argv
        os.chdir(here)
    assert code in (0, 1, 2), f"exit code {code}"
    if code == 2:
        last = said.getvalue().strip().splitlines()[-1:]
        usage = "Usage:" in said.getvalue()
        assert usage or (last and last[0].startswith("bellwire")), said.getvalue()[:500]


class _Out(io.StringIO):
    """A stdout that keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


_READY = (
    ("compile", "ghz.qasm", "--topology", "ring", "--modules", "2", "--recipe", "fast"),
    ("run", "ghz.out.qasm", "--shots", "2"),
)

FORMAT = Format("command", write, run, 5_000, _READY)
