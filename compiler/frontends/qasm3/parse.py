"""From OpenQASM 3 text to a syntax tree, and to a short sentence where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from bellwire.compiler.frontends.qasm3.words import FAST, ITEM, KEYWORDS, RUN
from bellwire.errors import NotSupported, ParseError

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

    Node = Tree[Token] | Token


class Located(NotSupported):
    """A NotSupported whose message begins with its place."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text being read, for messages."""

    path: str = ""

    def wrong(self, node: Node, message: str) -> ParseError:
        """The error for a bad input at a node."""
        line, column = place_of(node)
        return ParseError(message, self.path, line, column)

    def cannot(self, node: Node, message: str) -> Located:
        """The error for a correct input that we do not take."""
        line, column = place_of(node)
        place = f"{line}:{column}"
        return Located(f"{self.path}:{place}: {message}" if self.path else f"{place}: {message}")


def first_token(node: Node) -> Token | None:
    """The first token under a node, found without recursion."""
    from lark import Token, Tree

    waiting: list[object] = [node]
    while waiting:
        top = waiting.pop()
        if isinstance(top, Token):
            return top
        if isinstance(top, Tree):
            waiting.extend(reversed(top.children))
    return None


def place_of(node: Node) -> tuple[int, int]:
    """Line and column where a node starts, from 1; 0 where that is unknown."""
    token = first_token(node)
    return (0, 0) if token is None else (token.line or 0, token.column or 0)


def tokens_of(node: Node) -> list[Token]:
    """All tokens under a node, in no order, found without recursion."""
    from lark import Token, Tree

    waiting: list[object] = [node]
    found = []
    while waiting:
        top = waiting.pop()
        if isinstance(top, Token):
            found.append(top)
        elif isinstance(top, Tree):
            waiting.extend(top.children)
    return found


def parse_again(token: Token, source: Source) -> Tree[Token]:
    """Make the syntax tree of a statement that came as one token, with places in the whole text."""
    from lark import Tree

    line, column = (token.line or 1) - 1, (token.column or 1) - 1
    try:
        tree = parse(str(token), source, fast=False, start="statement")
    except ParseError as error:
        shift = column if error.line == 1 else 0
        at = (error.line + line, error.column + shift)
        raise ParseError(error.message, error.path, *at) from None
    assert isinstance(tree, Tree), "plain statements have parts"
    for part in tokens_of(tree):
        part.column = (part.column or 1) + (column if part.line == 1 else 0)
        part.line = (part.line or 1) + line
    return tree


def start_of_item(match: re.Match[str]) -> int:
    """Where a statement of a run starts, its start time left aside."""
    if match[1] is None:
        return match.start()
    after = match.end(1)
    return (
        after
        + len(match.string[after : match.end()])
        - len(match.string[after : match.end()].lstrip())
    )


def parts_of_item(run: Token, match: re.Match[str], line: int) -> Iterator[Token]:
    """What a match in a run holds, from this line on, as tokens of their own."""
    from lark import Token

    begin = start_of_item(match)
    ends = [match.end()]
    starts = [begin]
    if match.lastgroup == "bell":
        starts = [begin, run.index("reset", match.end("a")), match.start("bell")]
        ends = [run.index(";", at) + 1 for at in starts]
    for at, end in zip(starts, ends):
        newline = run.rfind("\n", 0, at)
        column = at - newline if newline >= 0 else (run.column or 1) + at
        text = run[at:end].rstrip()
        kind = "CLEARED" if text.startswith("reset") else "PLAIN"
        yield Token(kind, text, None, line + run.count("\n", begin, at), column)


def parts_of_run(run: Token) -> Iterator[Token]:
    """All statements of a run as tokens of their own."""
    for match in ITEM.finditer(run):
        line = (run.line or 1) + run.count("\n", 0, start_of_item(match))
        yield from parts_of_item(run, match, line)


class _Refused(Exception):
    def __init__(self, token: Token) -> None:
        self.token = token


def _refuse(token: Token) -> NoReturn:
    raise _Refused(token)


@lru_cache(maxsize=2)
def parser(fast: bool = True) -> Lark:
    """Make the parser; with `fast` plain statements come as one token each."""
    from importlib.resources import files

    from lark import Lark

    folder = files("bellwire.compiler.frontends")
    grammar = folder.joinpath("openqasm3.lark").read_text(encoding="utf-8")
    grammar = grammar.replace("RESERVED", "|".join(KEYWORDS), 1)
    if fast:
        grammar += f"%extend bare: {' | '.join(FAST)}\n%extend _item: RUN\n"
        grammar += "".join(_terminal(f"{name}.8", text) for name, text in FAST.items())
        grammar += _terminal("RUN.9", RUN)
    return Lark(
        grammar,
        parser="lalr",
        start=["program", "arguments", "statement"],
        maybe_placeholders=True,
        lexer_callbacks={"REFUSED": _refuse},
    )


def _terminal(name: str, pattern: str) -> str:
    return f"{name}: /{pattern.replace('/', chr(92) + '/')}/\n"


def parse(text: str, source: Source, *, fast: bool = True, start: str = "program") -> Tree[Token]:
    """Make the syntax tree of a text.

    Raises ParseError where the grammar does not hold, NotSupported for statements like `def`.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    try:
        return parser(fast).parse(text, start=start)
    except _Refused as error:
        raise source.cannot(error.token, _refusal(str(error.token))) from None
    except UnexpectedToken as error:
        raise _unexpected(error.token, error.accepts or error.expected, text, source) from None
    except UnexpectedCharacters as error:
        found = _shown(text[error.pos_in_stream :][:1])
        message = f"found {found}, which cannot stand here; take it out"
        raise ParseError(message, source.path, error.line, error.column) from None
    except UnexpectedInput as error:  # lark has no other kind; its sentence is better than none
        raise ParseError(f"{error}; correct it", source.path, error.line, error.column) from None


_INSTEAD = {
    "def": "write its gates out, or define a gate",
    "extern": "take the call out",
    "array": "keep values in classical registers",
    "complex": "keep values in classical registers",
    "stretch": "give the length of each delay in ns, us, ms or s",
    "end": "leave it out at the end; elsewhere put the rest under an if",
    "return": "it belongs to def, which is not supported either",
}


def _refusal(found: str) -> str:
    words = found.split()
    name = f"{words[0]} {words[1]}" if words[0] in ("def", "extern") and words[1:] else words[0]
    what = _INSTEAD.get(words[0], "pulse-level statements are not for a compiler of gates")
    return f"{name} is not supported; {what}"


def _unexpected(token: Token, expected: set[str], text: str, source: Source) -> ParseError:
    wanted = _wanted(expected)
    if token.type == "$END":
        lines = text.split("\n")
        line, column = len(lines), len(lines[-1]) + 1
        return ParseError(f"the text ends; expected {wanted}", source.path, line, column)
    found = "a reserved word, " if str(token) in KEYWORDS else ""
    message = f"found {found}{_shown(str(token))}; expected {wanted}"
    return ParseError(message, source.path, token.line or 0, token.column or 0)


def _shown(text: str) -> str:
    short = text.split("\n")[0]
    return repr(short if len(short) <= 24 else short[:21] + "...")


_PUNCTUATION = {
    "SEMICOLON": ";",
    "RPAR": ")",
    "RSQB": "]",
    "RBRACE": "}",
    "COMMA": ",",
    "ASSIGN": "=",
    "EQUAL": "=",
    "__ANON_0": "->",
    "AT": "@",
    "LPAR": "(",
    "LSQB": "[",
    "LBRACE": "{",
    "IN": "in",
    "STRING": "a file name",
}


def _wanted(expected: set[str]) -> str:
    """Say what could have stood there: the kinds of things, then a few signs."""
    if "GATE" in expected:
        return "a statement" + (" or '}'" if "RBRACE" in expected else "")
    kinds = []
    if "INT" in expected:
        kinds.append("a value")
    elif "NAME" in expected:
        kinds.append("a name")
    signs = [] if "INT" in expected else [s for n, s in _PUNCTUATION.items() if n in expected]
    kinds += [s if len(s) > 2 else repr(s) for s in signs[:3]]
    return " or ".join(kinds) or "something else"
