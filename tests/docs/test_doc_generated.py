"""What the site makes from the code has all of it."""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest
from site_pages import commands, machines, modules, operations, recipes
from test_public_api import MODULES
from typer.testing import CliRunner

import bellwire
from bellwire.cli import app
from bellwire.compiler.operations import ROWS
from bellwire.passes.recipes import RECIPES, recipe
from bellwire.targets.presets import preset_names


def test_every_verb_and_option_is_in_the_reference_of_the_command() -> None:
    page = commands.page()
    told = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    verbs = re.findall(r"^│ (\w+) ", told, re.MULTILINE)
    assert {"compile", "run", "machines"} <= set(verbs)
    for verb in verbs:
        section = page[page.index(f"## bellwire {verb}") :]
        section = section[: section.find("\n## ", 1)]
        help_text = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "200"}).output
        options = set(re.findall(r"^│[ *]+(--[\w-]+)", help_text, re.MULTILINE)) - {"--help"}
        assert {option for option in options if option not in section} == set(), verb
    assert page.count("Exit codes: 0 done;") == page.count("\n## ")


def test_every_row_of_the_table_is_on_its_page() -> None:
    page = operations.page(lambda name: f"{name}.svg")
    assert [row.name for row in ROWS if f"| `{row.name}` |" not in page] == []
    assert page.count("](") == sum(bool(row.body) for row in ROWS)


def test_every_machine_and_recipe_is_on_its_page() -> None:
    page = machines.page()
    assert [name for name in preset_names() if f"## {name}\n" not in page] == []
    assert "| [ring4-demo](#ring4-demo) | 4 | 12 | 8 | `10 us` | `0.99` |" in page
    page = recipes.page()
    assert [name for name in RECIPES if f"| `{name}` |" not in page] == []
    numbers = re.findall(r"^\| (\d+) \| \[", page, re.MULTILINE)
    assert numbers == [str(i + 1) for i in range(len(recipe("default")))]


def test_every_public_name_has_its_page() -> None:
    pages = modules.pages()
    homes = {f"bellwire.{home}" for home in (*bellwire._HOMES.values(), *bellwire._MODULES)}
    assert homes | set(MODULES) <= set(pages)
    assert [name for name in bellwire.__all__ if f"`{name} <" not in pages["bellwire"]] == []


@pytest.mark.parametrize("name", modules.pages())
def test_pages_are_about_modules_that_exist(name: str) -> None:
    assert find_spec(name) is not None
