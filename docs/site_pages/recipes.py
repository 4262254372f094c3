"""Recipes and their passes, from the recipes themselves."""

from __future__ import annotations

from functools import partial
from inspect import getdoc

from bellwire.passes.pipeline import Pass
from bellwire.passes.recipes import RECIPES, recipe
from site_pages.markdown import code, table

HEAD = """# Recipes

A recipe is a list of passes. All recipes have the same passes in the same order and differ in how
hard they look for fewer e-bits.
"""
NUMBERS = ("starts", "work_us", "least_us", "most_us")
AFTER = """
`starts`: partitions to begin with. The others are the work of `optimise_ebits`, in microseconds
of one core: per two-qubit gate, at least, at most. Work is counted in steps, so that the same
seed gives the same program. `--time-budget` takes the place of the last two.
"""


def page() -> str:
    """The page as Markdown."""
    work = ((code(name), *_numbers(recipe(name))) for name in RECIPES)
    passes = [_function(step) for step in recipe("default")]
    steps = (
        (i, f"[`{f.__name__}`](api/{f.__module__}.md)", _first_sentence(f))
        for i, f in enumerate(passes, 1)
    )
    return "\n".join(
        [
            HEAD,
            table(("recipe", *NUMBERS), work),
            AFTER,
            "## Passes, in this order\n",
            table(("", "pass", "what it does"), steps),
        ]
    )


def pass_modules() -> list[str]:
    """The modules of the passes of the recipes."""
    return list(dict.fromkeys(_function(step).__module__ for step in recipe("default")))


def _numbers(steps: list[Pass]) -> list[str]:
    """What the recipe tells `optimise_ebits`."""
    told = next(
        step.keywords
        for step in steps
        if isinstance(step, partial) and step.func.__name__ == "optimise_ebits"
    )
    return [f"{told[name]:,.0f}" for name in NUMBERS]


def _function(step: Pass):
    return step.func if isinstance(step, partial) else step


def _first_sentence(function: Pass) -> str:
    return (getdoc(function) or "").split("\n\n")[0]
