"""OpenQASM 2 texts, plausible and mutilated: nothing but a BellwireError may come out."""

import contextlib
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bellwire.compiler.frontends.openqasm2 import read_qasm2
from bellwire.compiler.frontends.read import read
from bellwire.compiler.program import Program, Stage
from bellwire.errors import BellwireError

CASES = int(os.environ.get("BELLWIRE_FUZZ", "800"))
fuzz = settings(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
NAMES = st.sampled_from(["q", "r", "c", "d", "g", "h", "rzz", "swap", "pi", "if", "U", "_x", "ccx"])
WORDS = st.sampled_from(
    [
        *("OPENQASM", "2.0", ";", "include", '"qelib1.inc"', "qreg", "creg", "gate", "opaque"),
        *("{", "}", "(", ")", "[", "]", ",", "->", "==", "if", "measure", "reset", "barrier"),
        *("U", "CX", "h", "cx", "rz", "rzz", "cu1", "u0", "q", "c", "r", "0", "1", "2", "7"),
        *("3.5", "1e400", "9" * 20, "pi", "sin", "ln", "^", "*", "/", "+", "-", "//", "\n", "\t"),
        *("é", "\0", '"', "'", ".", "#"),
    ]
)
OPERANDS = st.builds(
    "{}{}".format, st.sampled_from("qrcd"), st.sampled_from(["", "[0]", "[1]", "[2]", "[9]"])
)
NUMBERS = st.one_of(
    st.integers(-5, 10**21).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["pi", "a", "1e400", "0.0", "1e-320"]),
)
ANGLES = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.builds("({}{}{})".format, inner, st.sampled_from("+-*/^"), inner),
        st.builds("{}({})".format, st.sampled_from(["sin", "ln", "sqrt", "exp", "-"]), inner),
    ),
    max_leaves=6,
)


def _listed(items: st.SearchStrategy[str], least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(items, min_size=least, max_size=most).map(",".join)


GATES = st.sampled_from(
    ["h", "x", "sx", "rx", "u3", "u0", "p", "cx", "cu1", "rzz", "cu3", "ccx", "c4x", "g", "swap"]
)
CALLS = st.one_of(
    st.builds("{} {};".format, GATES, _listed(OPERANDS, 1, 3)),
    st.builds("{}({}) {};".format, GATES, _listed(ANGLES, 0, 3), _listed(OPERANDS, 1, 3)),
    st.builds("measure {} -> {};".format, OPERANDS, OPERANDS),
    st.builds("reset {};".format, OPERANDS),
)
STATEMENTS = st.one_of(
    CALLS,
    st.builds("if({}=={}) {}".format, st.sampled_from("cdq"), st.integers(0, 10**30), CALLS),
    st.builds("barrier {};".format, _listed(OPERANDS, 0, 4)),
    st.builds(
        "gate {}({}) {} {{ {} }}".format,
        NAMES,
        _listed(st.sampled_from("ab"), 0, 2),
        _listed(st.sampled_from("xy"), 1, 2),
        st.builds("{}({}) {};".format, GATES, _listed(ANGLES, 0, 2), _listed(NAMES, 1, 2)),
    ),
    st.builds("opaque {} {};".format, NAMES, _listed(NAMES, 1, 2)),
    st.builds("{}reg {}[{}];".format, st.sampled_from("qc"), NAMES, st.integers(0, 10**7)),
)
PROGRAMS = st.builds(
    lambda parts: HEAD + "qreg q[3]; qreg r[2];\ncreg c[3]; creg d[1];\n" + "\n".join(parts),
    st.lists(STATEMENTS, max_size=8),
)
SOUND = HEAD + (
    "gate g(a) x,y { rz(a/2) x; cx x,y; }\nqreg q[3];\ncreg c[2];\nh q;\ng(0.3) q[0],q[1];\n"
    "barrier q;\nmeasure q[0] -> c[0];\nif(c==1) x q[2];\ncu1(pi/4) q[1],q[2];\nreset q[0];\n"
)


@st.composite
def mutilated(draw: st.DrawFn) -> str:
    """A sound program with a few pieces cut out, doubled, or put in."""
    text = draw(st.one_of(st.just(SOUND), PROGRAMS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        put = draw(st.one_of(st.just(""), WORDS, st.text(max_size=3), st.just(text[start:end] * 2)))
        text = text[:start] + put + text[end:]
    return text


def check(text: str) -> None:
    """Read a text: a LOGICAL Program or a one-line BellwireError."""
    try:
        program = read_qasm2(text, "fuzz.qasm")
    except BellwireError:
        return
    assert isinstance(program, Program)
    assert program.stage is Stage.LOGICAL
    lines = text.count("\n") + 1
    assert all(1 <= op.source <= lines for op in program.ops)


@fuzz
@given(PROGRAMS)
def test_plausible_programs(text: str) -> None:
    check(text)


@fuzz
@given(mutilated())
def test_mutilated_programs(text: str) -> None:
    check(text)


@fuzz
@given(st.lists(WORDS, max_size=30).map(" ".join))
def test_strings_of_words(text: str) -> None:
    check(text)


@fuzz
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    with contextlib.suppress(BellwireError):
        read("OPENQASM 2.0;\n" + text)
