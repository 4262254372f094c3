"""What the help of each verb ends with: examples, files, exit codes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Epilog:
    """Commands to begin with, what exit code 1 says (if it can be), and a word about files."""

    examples: tuple[str, ...]
    fails: str = ""
    files: str = ""

    @property
    def exit_codes(self) -> str:
        """The exit codes in one sentence."""
        one = f"1 {self.fails}; " if self.fails else ""
        return f"Exit codes: 0 done; {one}2 bad input or usage, one line on stderr."

    def __str__(self) -> str:
        """Markdown as typer wants it."""
        examples = "\n\n".join(f"- `{line}`" for line in self.examples)
        rest = "\n\n\n\n".join(text for text in (self.files, self.exit_codes) if text)
        return f"Examples:\n\n\n\n{examples}\n\n\n\n{rest}"


FRONT = Epilog(
    (
        "bellwire compile circuit.qasm -m ring4-demo --verify -o program.qasm",
        "bellwire run program.qasm --shots 1000",
        "bellwire --install-completion",
    ),
    "the check that was asked for failed",
    "Environment: NO_COLOR (no colours), COLUMNS (the width of tables and help). Progress is shown "
    "on stderr, on a terminal only. Nothing is kept between commands but the files you name.",
)
VERBS = {
    "compile": Epilog(
        (
            "bellwire compile circuit.qasm -m ring4-demo --verify -o program.qasm",
            "bellwire compile circuit.qasm --topology line --modules 3 --coupling line --json",
            "bellwire compile circuit.qasm -m machine.toml --optimise fidelity --pareto front.csv",
            "bellwire compile surface.stim --cut 'x<=5' --pairs safe_packet -o out.stim",
        ),
        "--verify found a difference",
        "Files: the program (.qasm: OpenQASM 3 that carries its machine) is written whole or not "
        "at all, and replaced if it is there.",
    ),
    "run": Epilog(
        (
            "bellwire run program.qasm --shots 1000",
            "bellwire run circuit.qasm -m ring4-demo --backend timing --json",
            "bellwire run program.qasm --metrics run.prom --slo objectives.toml",
            "bellwire run program.qasm --faults link_lost.toml --circuit circuit.qasm",
        ),
        "an objective of --slo was missed",
    ),
    "verify": Epilog(
        (
            "bellwire verify program.qasm",
            "bellwire verify program.qasm --against circuit.qasm",
        ),
        "a rule is broken, or the program does something else",
    ),
    "preflight": Epilog(
        (
            "bellwire preflight program.qasm",
            "bellwire preflight program.qasm -m today.toml --min-success 0.8 --max-age-days 7",
        ),
        "it should not run",
    ),
    "show": Epilog(
        (
            "bellwire show program.qasm",
            "bellwire show program.qasm --ebits --against circuit.qasm",
            "bellwire show circuit.qasm --ops",
        )
    ),
    "report": Epilog(("bellwire report program.qasm -o report.html --circuit circuit.qasm",)),
    "sweep": Epilog(
        (
            "bellwire sweep link_study.toml",
            "bellwire sweep study.toml --workers 4 --csv rows.csv",
            "bellwire sweep study.toml --scheduler tcp://10.0.0.1:8786 -o rows.jsonl",
        ),
        files="Files: each row is a line of JSON in ROWS, on the disk before the next is written; "
        "the same command goes on after the last whole one.",
    ),
    "threshold": Epilog(
        (
            "bellwire threshold seam.toml --output counts.csv --plot seam.png",
            "bellwire threshold seam.toml --workers 4 --json",
        ),
        files="Files: the CSV file is added to while it samples; the same command goes on with it.",
    ),
    "machines list": Epilog(("bellwire machines list",)),
    "machines show": Epilog(
        ("bellwire machines show ring4-demo", "bellwire machines show machine.toml --json")
    ),
    "machines check": Epilog(("bellwire machines check machine.toml",)),
}
