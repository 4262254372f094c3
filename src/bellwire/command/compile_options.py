"""The options of `bellwire compile` that no other verb has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bellwire.command.completion import known
from bellwire.command.options import options_of
from bellwire.command.values import number, whole

_about_pairs = options_of("Bell pairs and time")

Out = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="OUT", help="Where to write: .qasm, .stim, .txt; - for stdout."
    ),
]
PerModule = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Also write one OpenQASM 3 file per module and a manifest."),
]
Recipe = Annotated[
    str,
    typer.Option(
        metavar="fast|default|thorough",
        autocompletion=known("passes.recipes.RECIPES"),
        help="How hard to look for fewer e-bits.",
    ),
]
TimeBudget = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        parser=number(0),
        help="About how long to optimise e-bits, counted in steps: same seed, same program.",
    ),
]
LinkPrice = Annotated[
    str,
    _about_pairs(
        metavar="pairs|fidelity|time",
        autocompletion=known("passes.link_prices.LINK_PRICES"),
        help="What links cost: 1 for each pair, the fidelity lost, or the time expected.",
    ),
]
Optimise = Annotated[
    str,
    _about_pairs(
        metavar="ebits|makespan|fidelity",
        autocompletion=known("passes.choose_schedule.OBJECTIVES"),
        help="What to keep small: e-bits or the makespan; or large: the fidelity.",
    ),
]
Policy = Annotated[
    str | None,
    _about_pairs(
        "--generation",
        metavar="POLICY",
        autocompletion=known("compiler.generation.POLICIES"),
        help="When pairs are asked for: asap (default), on_demand, window or deadline.",
    ),
]
Window = Annotated[
    float | None,
    _about_pairs(
        metavar="NS",
        parser=number(),
        help="Ask for pairs that long before their need (nanoseconds).",
    ),
]
Buffer = Annotated[
    int,
    _about_pairs(
        metavar="N", parser=whole(0), help="Most pairs of a link ahead of use; 0: any number."
    ),
]
Cutoff = Annotated[
    float | None,
    _about_pairs(
        metavar="NS", parser=number(), help="Pairs older than this are made again (nanoseconds)."
    ),
]
Purify = Annotated[
    list[str] | None,
    _about_pairs(metavar="LINK", help="Purify the pairs of this link (A-B) once; may be repeated."),
]
Pareto = Annotated[
    Path | None,
    _about_pairs(metavar="FILE.csv", help="Also write a front over recipes and policies."),
]
Verify = Annotated[bool, typer.Option("--verify", help="Prove that the program does what IN does.")]
