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

_START = r"(?:@bellwire\.start\ -?[0-9]{1,18}\s*\n\s*)?"

# A run of plain gates, where statements are listed; elsewhere one statement.
RUN = rf"(?:{_START}(?!bell_pair\b){_PLAIN}\s*+)++"
FAST = {
    "PLAIN": _PLAIN,
    "CHECKED": rf"if\s*\(\s*!?\s*{_PLACE}\s*\)\s*\{{\s*{_PLAIN}\s*\}}(?!\s*(?:else\b|/[/*]))",
    "MEASURED": rf"(?:measure\s+{_PLACE}\s*->\s*{_PLACE}|{_PLACE}\s*=\s*measure\s+{_PLACE})\s*;",
    "CLEARED": rf"reset\s+{_PLACE}\s*;",
}

# One gate of a run: start time, name, angles, qubits.
GATE = re.compile(r"(?:@bellwire\.start (-?\d+)\s+)?(\w+)\s*(?:\(([^()]*)\))?\s*([^;]*);\s*")
CHECKED = re.compile(r"if\s*\(\s*(!?)\s*([^)\s]+)\s*\)\s*\{\s*([^}]*)\}\Z")
MEASURED = re.compile(r"measure\s+(\S+?)\s*->\s*(\S+?)\s*;|(\S+?)\s*=\s*measure\s+(\S+?)\s*;")
NUMBER = re.compile(r"\s*-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?\s*\Z", re.ASCII)
FIXED = re.compile(r"(?:[\s0-9.+\-*/]|pi|(?<=[0-9.])[eE])*\Z", re.ASCII)  # no names but pi
