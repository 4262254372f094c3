"""The words of OpenQASM 3: what is reserved, and what a plain statement looks like."""

from __future__ import annotations

import re

KEYWORDS = (
    *("OPENQASM", "include", "defcalgrammar", "def", "cal", "defcal", "gate", "extern", "box"),
    *("let", "break", "continue", "if", "else", "end", "return", "for", "while", "in", "switch"),
    *("case", "default", "pragma", "input", "output", "const", "readonly", "mutable", "qreg"),
    *("qubit", "creg", "bool", "bit", "int", "uint", "float", "angle", "complex", "array", "void"),
    *("duration", "stretch", "gphase", "inv", "pow", "ctrl", "negctrl", "durationof", "delay"),
    *("reset", "measure", "barrier", "true", "false"),
)

# Plain statements end at the first semicolon and hold no comment, string or further parenthesis.
_NAME = rf"(?!(?:{'|'.join(KEYWORDS)})\b)[^\W\d]\w*"
_PLACE = rf"{_NAME}(?:\[[0-9]+\])?"
_ANGLES = r"(?:[^(){};/@\"]|/(?![/*]))*"
_PLAIN = rf"{_NAME}(?:\s*\({_ANGLES}\)\s*|\s+){_PLACE}(?:\s*,\s*{_PLACE})*\s*;"

_CHECKED = rf"if\s*\(\s*!?\s*{_PLACE}\s*\)\s*\{{\s*{_PLAIN}\s*\}}(?!\s*(?:else\b|/[/*]))"
_MEASURED = rf"(?:measure\s+{_PLACE}\s*->\s*{_PLACE}|{_PLACE}\s*=\s*measure\s+{_PLACE})\s*;"
_CLEARED = rf"reset\s+{_PLACE}\s*;"

FAST = {"PLAIN": _PLAIN, "CHECKED": _CHECKED, "MEASURED": _MEASURED, "CLEARED": _CLEARED}

# A run of such statements, where statements are listed; a Bell pair of our own files is one of
# them. A reset alone is not: it may begin a Bell pair that has comments in it.
_START = r"@bellwire\.start\ -?[0-9]{1,18}\s*\n\s*"
_LINK = r"@bellwire\.link\b[^\n]*\n"
_BELL = rf"{_CLEARED}\s*{_CLEARED}\s*{_LINK}\s*bell_pair\s+{_PLACE}\s*,\s*{_PLACE}\s*;"
_ITEM = rf"(?:{_BELL}|(?!bell_pair\b){_PLAIN}|{_MEASURED}|{_CHECKED})"
RUN = rf"(?:(?:{_START})?{_ITEM}\s*+)++"

# One statement of a run, once it is known to be one; `lastgroup` tells which sort it is.
ITEM = re.compile(
    r"(?:@bellwire\.start (?P<start>-?\d+)\s+)?(?:"
    r"reset\s+(?P<a>[^\s;]+)\s*;\s*reset\s+(?P<b>[^\s;]+)\s*;\s*@[^\n]*\s*"
    r"(?P<bell>bell_pair\s+(?P<c>[^\s,]+)\s*,\s*(?P<d>[^\s;]+)\s*;)"
    r"|if\s*\(\s*(?P<flip>!?)\s*(?P<bit>[^\s)]+)\s*\)\s*\{\s*(?P<inner>[^}]*)\}"
    r"|measure\s+(?P<from>\S+?)\s*->\s*(?P<into>[^\s;]+)\s*;"
    r"|(?P<target>[^\s=(]+)\s*=\s*measure\s+(?P<qubit>[^\s;]+)\s*;"
    r"|(?P<name>\w+)\s*(?:\((?P<angles>[^()]*)\))?\s*(?P<qubits>[^;]*);)\s*"
)
GATE = re.compile(r"(\w+)\s*(?:\(([^()]*)\))?\s*([^;]*);")
NUMBER = re.compile(r"\s*-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?\s*\Z", re.ASCII)
FIXED = re.compile(r"(?:[\s0-9.+\-*/]|pi|(?<=[0-9.])[eE])*\Z", re.ASCII)  # no names but pi
