"""The text form, plausible and mutilated: nothing but a ParseError may come out."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bellwire.compiler.emitters.text import to_text
from bellwire.compiler.frontends.text import read_text
from bellwire.errors import ParseError

CASES = int(os.environ.get("BELLWIRE_FUZZ", "1200"))
fuzz = settings(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

HEAD = 'qubits q[3] "a b"\nbits c[3] flag "odd name"[2]\n'
WORDS = st.sampled_from(
    [
        *("bellwire", "1", "logical", "scheduled", "machine", "{}", '{"name":1}', "qubits", "bits"),
        *("if", "else", "{", "}", "while", "repeat", "break", "continue", "on", "writes", "in"),
        *("comm", "->", "@5", "@", "#", '"', '"a b"', '"odd name"[1]', r'"\q"', "$0", "$", "!"),
        *("(", ")", "&", "|", "^", "h", "cx", "rz", "u", "measure", "reset", "ebit", "barrier"),
        *("delay", "for_loop", "q[0]", "q[1]", "q[9]", "q", "c[0]", "flag", "pi/2", "(0.1)"),
        *("(pi)", "(1e999)", "(nan)", "q[2..1]", "r[99999999]", "r[5]", "9" * 20, "é", "\0", "\t"),
        *("\r", "\n", "\n", "\n"),
    ]
)
QUBITS = st.sampled_from(["q[0]", "q[1]", "q[2]", '"a b"', "q[7]"])
BITS = st.sampled_from(["c[0]", "c[1]", "flag", '"odd name"[1]', "x", "0", "1"])
CONDITIONS = st.recursive(
    BITS,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("&|^"), inner),
        st.builds("!{}".format, inner),
    ),
    max_leaves=6,
)
ANGLES = st.one_of(
    st.floats().map(repr), st.builds("{}*pi/{}".format, st.integers(-9, 9), st.integers(0, 9))
)
LINES = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["h", "x", "reset", "cx", "break"]), QUBITS),
    st.builds(
        "{} {} {}".format, st.sampled_from(["cx", "swap", "ebit", "barrier"]), QUBITS, QUBITS
    ),
    st.builds("{}({}) {}".format, st.sampled_from(["rz", "p", "delay", "cp"]), ANGLES, QUBITS),
    st.builds("measure {} -> {}".format, QUBITS, BITS),
    st.builds("x {} if {}".format, QUBITS, CONDITIONS),
    st.builds("{} {} {{".format, st.sampled_from(["if", "while"]), CONDITIONS),
    st.builds("repeat {} {{".format, st.integers(-1, 10**12)),
    st.sampled_from(["}", "}", "} else {", "# note", "", "@3 h q[0]", "continue if c[0]"]),
)


def check(text: str) -> None:
    """Read it; what can be read is written and read again as the same Program."""
    found = None
    try:
        found = read_text(text, "fuzz.txt")
    except ParseError as error:
        line = error.line
    if found is None:
        assert 1 <= line <= text.count("\n") + 1
    else:
        assert read_text(to_text(*found)) == found


@fuzz
@given(st.lists(LINES, max_size=12), st.booleans())
def test_plausible_lines(lines: list[str], close: bool) -> None:
    opened = sum(line.endswith("{") for line in lines if line != "} else {")
    ends = ["}"] * (opened - lines.count("}")) if close else []
    check(HEAD + "\n".join([*lines, *ends]))


@fuzz
@given(st.lists(WORDS, max_size=25), st.booleans())
def test_words_in_any_order(words: list[str], head: bool) -> None:
    check(HEAD * head + " ".join(words))


@fuzz
@given(st.text(max_size=80), st.integers(0, 200), st.integers(0, 5))
def test_any_characters(insert: str, place: int, cut: int) -> None:
    text = (
        HEAD + "h q[0]\nif c[0] & !flag {\n  rz(pi/4) q[1]\n} else {\n  measure q[2] -> c[1]\n}\n"
    )
    check(text[:place] + insert + text[place + cut :])
