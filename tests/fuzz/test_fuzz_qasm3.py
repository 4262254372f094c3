"""OpenQASM 3 texts, plausible and mutilated: nothing but a BellwireError may come out."""

import os
from pathlib import Path

import numpy as np
from generators import random_program
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bellwire.compiler.emitters.openqasm import to_openqasm3
from bellwire.compiler.frontends.openqasm import _read, read_qasm3
from bellwire.compiler.frontends.qasm3.parse import Source, parse
from bellwire.compiler.program import Program, Stage
from bellwire.errors import BellwireError

CASES = int(os.environ.get("BELLWIRE_FUZZ", "400"))
fuzz = settings(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

SEEDS = [p.read_text() for p in sorted(Path(__file__).parents[1].glob("cases/qasm3/*.qasm"))]
SEEDS += [
    to_openqasm3(random_program(np.random.default_rng(s), 3, 8, dynamic=True, flow=True))
    for s in range(4)
]
HEAD = (
    'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q; qubit lone; bit[3] c; bit flag;\n'
    "const int n = 2; const float a = 0.5; let part = q[0:1];\n"
    "gate g(t) x1, x2 { rx(t / n) x1; cx x1, x2; gphase(t); }\n"
)
WORDS = st.sampled_from(
    [
        *("OPENQASM 3;", 'include "stdgates.inc";', "qubit", "bit", "qreg", "creg", "gate", "let"),
        *("const", "int", "float", "uint[4]", "bool", "duration", "input", "output", "if", "else"),
        *("for", "in", "while", "switch", "case", "default", "break;", "continue;", "end;", "box"),
        *("measure", "reset", "barrier", "delay", "gphase", "ctrl", "negctrl", "inv", "pow", "@"),
        *(
            "def",
            "cal",
            "extern",
            "array",
            "stretch",
            "#pragma x\n",
            "@note\n",
            "@bellwire.row x\n",
        ),
        *("@bellwire.condition c[0] ^ c[1]\n", "@bellwire.start 3\n", "@bellwire.body move\n"),
        *('@bellwire.spans {"qubits": [], "bits": []}\n', '@bellwire.program {"stage": 3}\n'),
        *('@bellwire.program {"stage": "LOWERED"}\n', "bell_pair", "@bellwire.program {}\n"),
        *("{", "}", "(", ")", "[", "]", ",", ";", ":", "->", "=", "==", "!=", "<", "++", "**"),
        *("+", "-", "*", "/", "%", "!", "~", "&", "|", "^", "&&", "||", "<<", "//", "/*", "*/"),
        *("q", "c", "flag", "n", "a", "x", "h", "cx", "rx", "U", "g", "pi", "sin", "$0", "q[0]"),
        *("0", "1", "7", "3.5", "1e400", "9" * 30, "10ns", "4dt", '"01"', "true", "0x1f", "1_0"),
        *("é", "π", "\0", '"', "'", ".", "\\", "\n", "\t", "\u0663", "\ud800"),
    ]
)


def listed(items: st.SearchStrategy[str], least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(items, min_size=least, max_size=most).map(", ".join)


SMALL = st.integers(0, 3).map(str)
WILD = st.one_of(
    st.integers(-9, 9).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["pi", "a", "n", "i", "tau", "1e999", "10**400", "c", "q", "10ns", "true"]),
)
NUMBERS = st.one_of(SMALL, SMALL, SMALL, st.sampled_from(["pi", "a", "n", "0.25"]), WILD)
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.builds(
            "{} {} {}".format,
            inner,
            st.sampled_from(["+", "-", "*", "/", "%", "**", "<<", ">>", "&", "|", "^", "<", "=="]),
            inner,
        ),
        st.builds(
            "{}({})".format, st.sampled_from(["", "-", "sin", "sqrt", "ln", "int", "!"]), inner
        ),
    ),
    max_leaves=5,
)
INDICES = st.one_of(
    st.integers(-4, 4).map("[{}]".format),
    st.builds("[{}:{}]".format, st.integers(-3, 3), st.integers(-3, 3)),
    st.builds("[{}:{}:{}]".format, st.integers(0, 2), st.integers(-2, 2), st.integers(0, 3)),
    st.builds("[{{{}}}]".format, listed(st.integers(-1, 3).map(str), 1, 3)),
    st.builds("[{}]".format, EXPRESSIONS),
    st.just(""),
)
GOOD_QUBITS = st.sampled_from(["q[0]", "q[1]", "q[2]", "lone", "part[0]", "part", "q[-1]", "q[i]"])
GOOD_BITS = st.sampled_from(["c[0]", "c[1]", "c[2]", "flag", "c[{2, 0}]"])
QUBITS = st.one_of(
    *([GOOD_QUBITS] * 7), st.builds("{}{}".format, st.sampled_from(["q", "part", "lone"]), INDICES)
)
BITS = st.one_of(
    *([GOOD_BITS] * 7), st.builds("{}{}".format, st.sampled_from(["c", "flag", "q"]), INDICES)
)
TESTS = st.recursive(
    st.one_of(
        BITS,
        st.builds("{} {} {}".format, BITS, st.sampled_from(["==", "!=", "<", ">="]), NUMBERS),
    ),
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["&", "|", "^", "&&", "||"]), inner),
        st.builds("{}({})".format, st.sampled_from(["", "!", "~", "bool", "uint[2]"]), inner),
    ),
    max_leaves=4,
)
MODIFIERS = st.lists(
    st.sampled_from(["ctrl", "negctrl", "inv", "pow(2)", "pow(-1)", "pow(0.5)", "ctrl(2)"]),
    max_size=2,
).map(lambda ms: "".join(f"{m} @ " for m in ms))
GATES = st.sampled_from(["h", "x", "rx", "U", "cx", "cp", "ccx", "cu", "swap", "g", "rzz", "id"])
ACTS = st.one_of(
    st.builds("{} {};".format, st.sampled_from(["h", "x", "id", "inv @ s"]), QUBITS),
    st.builds("{}({}) {};".format, st.sampled_from(["rx", "p", "pow(0.5) @ rz"]), NUMBERS, QUBITS),
    st.builds("{} q[{}], lone;".format, st.sampled_from(["cx", "g(a)", "ctrl @ h"]), SMALL),
    st.builds("{}{} {};".format, MODIFIERS, GATES, listed(QUBITS, 1, 3)),
    st.builds(
        "{}{}({}) {};".format, MODIFIERS, GATES, listed(EXPRESSIONS, 0, 3), listed(QUBITS, 1, 3)
    ),
    st.builds(
        "{} {}[{}], {}[{}];".format,
        GATES,
        st.just("q"),
        st.integers(0, 2),
        st.just("q"),
        st.integers(0, 2),
    ),
    st.builds("{}gphase({}) {};".format, MODIFIERS, EXPRESSIONS, QUBITS),
    st.builds("measure {} -> {};".format, QUBITS, BITS),
    st.builds("{} = measure {};".format, BITS, QUBITS),
    st.builds("reset {};".format, QUBITS),
    st.builds("barrier {};".format, listed(QUBITS, 0, 3)),
    st.builds("delay[{}] {};".format, st.sampled_from(["10ns", "2 * 1us", "3dt", "-1ns"]), QUBITS),
    st.builds("let {} = {} ++ {};".format, st.sampled_from("uvw"), QUBITS, QUBITS),
    st.builds(
        "const {} {} = {};".format,
        st.sampled_from(["int", "float", "bool", "uint[3]"]),
        st.sampled_from("uvw"),
        EXPRESSIONS,
    ),
    st.sampled_from(["break;", "continue;", "int v;", "v = c;"]),
)
STATEMENTS = st.recursive(
    ACTS,
    lambda inner: st.one_of(
        st.builds("if ({}) {{ {} }}".format, TESTS, inner),
        st.builds("if ({}) {} else {{ {} }}".format, TESTS, inner, inner),
        st.builds("while ({}) {{ {} {} }}".format, TESTS, inner, inner),
        st.builds("for int i in [{}:{}] {{ {} }}".format, NUMBERS, st.integers(-1, 4), inner),
        st.builds("for uint i in {{{}}} {}".format, listed(NUMBERS, 1, 3), inner),
        st.builds(
            "switch ({}) {{ case {} {{ {} }} default {{ {} }} }}".format,
            BITS,
            NUMBERS,
            inner,
            inner,
        ),
        st.builds("box {{ {} }}".format, inner),
        st.builds("{} {}".format, inner, inner),
    ),
    max_leaves=5,
)


def outcome(text: str, *, fast: bool) -> Program | str:
    """The Program, or what is wrong with the text and where."""
    source = Source("f.qasm")
    try:
        return _read(parse(text, source, fast=fast), source)[0]
    except BellwireError as error:
        message = str(error)
        assert message.startswith("f.qasm:")
        assert "\n" not in message
        return message


def check(text: str) -> Program | str:
    """Both ways of reading must come to the same, be it a Program or a complaint."""
    found = outcome(text, fast=True)
    slow = outcome(text, fast=False)
    if isinstance(found, str) and isinstance(slow, str):
        return found  # of several mistakes either may be found first
    assert found == slow
    return found


@fuzz
@given(st.lists(STATEMENTS, max_size=6))
def test_programs_that_look_right(statements: list[str]) -> None:
    found = check(HEAD + "\n".join(statements))
    if isinstance(found, Program):
        assert found.stage is Stage.LOGICAL
        assert read_qasm3(to_openqasm3(found)) == found


@fuzz
@given(st.lists(WORDS, max_size=25).map(" ".join), st.booleans())
def test_words_in_any_order(text: str, headed: bool) -> None:
    check(HEAD + text if headed else text)


@fuzz
@given(st.data())
def test_mutilated_programs(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        size = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.one_of(WORDS, st.just(""))) + text[at + size :]
    check(text)


@fuzz
@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    check(text)
