"""The reference of the `bellwire` command, from the command itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from bellwire.cli import app
from site_pages.markdown import code, table

HEAD = """# The command

Made from the command's own help: `bellwire --help`, `bellwire VERB --help`. Exit codes: 0 done, 1
the check that was asked for failed, 2 bad input or usage (one line on stderr).
"""


def page() -> str:
    """The page as Markdown."""
    root = get_command(app)
    parts = [HEAD, *(section(name, command) for name, command in commands(root, "bellwire"))]
    return "\n".join(parts)


def commands(command: TyperCommand | TyperGroup, name: str) -> Iterator[tuple[str, TyperCommand]]:
    """All commands that do something, with their full names."""
    if isinstance(command, TyperGroup):
        for verb, inner in command.commands.items():
            yield from commands(inner, f"{name} {verb}")
    else:
        yield name, command


def section(name: str, command: TyperCommand) -> str:
    """Usage, help and options of one command."""
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [f"## {name}\n", f"```text\n{name} {usage}\n```\n", cleandoc(command.help or "") + "\n"]
    for kind, title in ((TyperArgument, "argument"), (TyperOption, "option")):
        told = (p.get_help_record(context) for p in command.params if isinstance(p, kind))
        rows = [(code(names), about) for names, about in filter(None, told)]
        if rows:
            parts.append(table((title, "what"), rows))
    if command.epilog:
        parts.append(re.sub(r"\n{3,}", "\n\n", command.epilog) + "\n")
    return "\n".join(parts)
