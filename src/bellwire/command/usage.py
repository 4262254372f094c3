"""Mistakes in options and arguments, said in one line like all our errors."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

import typer

# Click's UsageError, or that of the copy of click which newer releases of typer bring along.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]


def usage_line(error: Any) -> str:
    """The command, the place, what was found, what to do."""
    command = error.ctx.command_path if error.ctx is not None else "bellwire"
    what = _what(error)
    return f"{command}: {what}{'' if what.endswith('?') else ';'} see {command} --help"


def _what(error: Any) -> str:
    name = type(error).__name__
    if name == "NoSuchOption":
        options = [word for option in error.ctx.command.params for word in option.opts]
        word = error.option_name
        return f"found {word}, which is no option{_near(word, options)}"
    if name == "MissingParameter":
        return f"found no {_place(error)}; give it"
    if isinstance(error, typer.BadParameter):
        return f"{_place(error)}: {error.message}"
    message = str(error.message)
    if found := re.match(r"No such command '(.*?)'", message):
        return f"found {found[1]}, which is no verb{_near(found[1], error.ctx.command.commands)}"
    if found := re.search(r"extra argument.*\((.*)\)", message):
        return f"found more than it takes: {found[1]}; take it out"
    return message[:1].lower() + message[1:].rstrip(".")


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _place(error: Any) -> str:
    """The option as it is typed, or the argument as the help calls it."""
    if error.param is None:
        return str(error.param_hint)
    options = [word for word in error.param.opts if word.startswith("-")]
    return options[0] if options else str(error.param.metavar or error.param.name)
