"""The manual page, written from what the help says: `python -m bellwire.command.man`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from typer.main import get_command

from bellwire.cli import app
from bellwire.command.epilogs import FRONT, VERBS, Epilog


def man_page() -> str:
    """The page for section 1, as roff."""
    front: Any = get_command(app)
    lines = ['.TH BELLWIRE 1 "" bellwire "User Commands"', ".SH NAME"]
    lines += [r"bellwire \- " + _text(front.help.partition(".")[0])]
    lines += [".SH SYNOPSIS", r".B bellwire", r"\fIVERB\fR [\fIOPTIONS\fR]"]
    lines += [".SH DESCRIPTION", *_paragraphs(front.help)]
    for name, verb in _verbs(front):
        lines += [f'.SH "BELLWIRE {name.upper()}"', *_verb(name, verb)]
    files, _, environment = FRONT.files.partition("Environment: ")
    lines += [".SH ENVIRONMENT", _text(environment + files)]
    lines += [".SH EXIT STATUS", _text(FRONT.exit_codes.removeprefix("Exit codes: "))]
    return "\n".join(lines) + "\n"


def _verbs(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _verbs(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _verb(name: str, verb: Any) -> Iterator[str]:
    arguments = [p for p in verb.params if p.param_type_name == "argument"]
    words = " ".join(rf"\fI{_text(p.metavar)}\fR" for p in arguments)
    yield rf"\fBbellwire {name}\fR {words} [\fIOPTIONS\fR]"
    yield from _paragraphs(verb.help)
    for argument in arguments:
        yield from (".TP", rf"\fI{_text(argument.metavar)}\fR", _text(argument.help))
    options = sorted((p for p in verb.params if p not in arguments), key=_panel)
    for panel, members in groupby(options, _panel):
        yield from (f".SS {_text(panel)}" for _ in range(bool(panel)))
        for option in members:
            yield from _option(option)
    yield from _epilog(VERBS[name])


def _panel(option: Any) -> str:
    return option.rich_help_panel or ""


def _option(option: Any) -> Iterator[str]:
    words = ", ".join(rf"\fB{_text(word)}\fR" for word in sorted(option.opts, key=len))
    value = "" if option.is_flag else rf" \fI{_text(option.metavar)}\fR"
    has_default = not option.is_flag and option.default is not None and not option.required
    default = f" (default: {option.default})" if has_default else ""
    needed = " Needed." if option.required else ""
    yield from (".TP", words + value, _text(option.help + needed + default))


def _epilog(epilog: Epilog) -> Iterator[str]:
    yield from (".SS Examples", ".nf", *map(_text, epilog.examples), ".fi")
    for text in filter(None, (epilog.files, epilog.exit_codes)):
        yield from (".PP", _text(text))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        yield from (".PP", _text(re.sub(r"\s+", " ", paragraph.strip())))


def _text(text: str) -> str:
    """Plain text as roff: hyphens that can be copied, no control at the start of a line."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("`", "")
    return rf"\&{escaped}" if escaped[:1] in "'." else escaped


if __name__ == "__main__":
    print(man_page(), end="")
