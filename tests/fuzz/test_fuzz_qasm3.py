"""OpenQASM 3 texts, plausible and mutilated: nothing but a BellwireError may come out."""

import os
import random
from pathlib import Path

import numpy as np
from generators import random_program
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit, parity
from bellwire.compiler.emitters.openqasm import to_openqasm3
from bellwire.compiler.frontends.openqasm import _read, read_qasm3
from bellwire.compiler.frontends.qasm3.parse import Source, parse
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.errors import BellwireError
from bellwire.targets.shapes import make_machine

CASES = int(os.environ.get("BELLWIRE_FUZZ", "300"))
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


def lowered_text() -> str:
    """A program of our own, with Bell pairs, moves, parities and blocks."""
    machine = make_machine("line", 2, data_qubits=1, comm_qubits=2)
    qubits = [Qubit(n, n[0], n[2:6]) for n in machine.qubit_names()]
    b = ProgramBuilder(qubits, [Register("c", 2), Register("bellwire", 2)], logical=[], inputs=[])
    b.append("ebit", [1, 4], start_ns=0)
    b.append("cx", [0, 1], start_ns=100)
    b.append("measure", [1], bits=[2], start_ns=160)
    b.append("x", [4], condition=bit(2), start_ns=300)
    b.append("z", [4], condition=~parity(bit(2), bit(3)), start_ns=400)
    b.append("move", [4, 3], start_ns=500)
    block = b.child()
    block.append("ebit", [2, 5], condition=bit(1), start_ns=700)
    b.append("if_else", [2, 5], condition=parity(bit(0), bit(1)), blocks=[block], start_ns=700)
    return to_openqasm3(b.finish(Stage.SCHEDULED), machine)


SEEDS += [lowered_text()] * 6
HEAD = (
    'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q; qubit lone; bit[3] c; bit flag;\n'
    "const int n = 2; const float a = 0.5; let part = q[0:1]; let part_c = c[1:2];\n"
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


class Writer:
    """Makes statements that are mostly right, now and then a little wrong."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.wild = self.rng.choice([0.0, 0.0, 0.02, 0.2])  # how often a place is filled wrongly
        self.loops: list[str] = []

    def any_of(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def number(self, depth: int = 2) -> str:
        if self.rng.random() < self.wild:
            return self.any_of("1e999", "10**400", "c", "q", "10ns", "-7/2", "x", "1/0", "sqrt(-2)")
        if depth == 0 or self.rng.random() < 0.5:
            return self.any_of("0", "1", "2", "0.25", "pi", "a", "n", "1e-17", "0x1f", *self.loops)
        sign = self.any_of("+", "-", "*", "/ 1.5 +", "**2 -", "% 3 +", "+ sin(1) *", "+ -")
        return f"({self.number(depth - 1)} {sign} {self.number(depth - 1)})"

    def index(self, size: int) -> str:
        if self.rng.random() < self.wild:
            return self.any_of("[9]", "[-4]", "[0.5]", "[]", "[0][0]", "[0:0:1]", "[a]", "[{7}]")
        at = self.rng.randrange(size)
        return self.any_of(f"[{at}]", f"[{at}]", f"[{at - size}]", f"[{at} * 1]", f"[n - {2 - at}]")

    def qubit(self) -> str:
        if self.rng.random() < self.wild:
            return self.any_of("q", "c", "none", "lone[0]", "$0", "q[0:1]", "part", "h", "pi")
        return self.any_of("lone", "q" + self.index(3), "q" + self.index(3), "part" + self.index(2))

    def qubits(self) -> str:
        return self.any_of("q", "part", "q[0:1]", "q[{0, 2}]", "q[::2]", self.qubit())

    def bit(self) -> str:
        if self.rng.random() < self.wild:
            return self.any_of("c", "q[0]", "flag[0]", "none", "c[1:2]", "1")
        return self.any_of("flag", "c" + self.index(3), "c" + self.index(3))

    def test(self, depth: int = 2) -> str:
        if depth == 0 or self.rng.random() < 0.4:
            sign, value = self.any_of("==", "!=", "<", "<=", ">", ">="), self.rng.randrange(-1, 9)
            order = f"{self.any_of('c', 'c[0:1]', 'part_c')} {sign} {value}"
            return self.any_of(self.bit(), f"!{self.bit()}", f"{self.bit()} == true", order)
        sign = self.any_of("&", "|", "^", "&&", "||")
        form = "{} {} {}" if sign in "&&||" else "({}) {} ({})"
        text = form.format(self.test(depth - 1), sign, self.test(depth - 1))
        return self.any_of("({})", "!({})", "~({})", "bool({})").format(text)

    def act(self) -> str:
        one, two = self.qubits(), f"q[{self.rng.randrange(3)}], lone"
        number = self.number()
        return self.any_of(
            *(f"{g} {one};" for g in ("h", "inv @ s", "pow(2) @ t", "id", "pow(0.5) @ x", "sxdg")),
            *(f"{g}({number}) {one};" for g in ("rx", "p", "inv @ rz", "phase")),
            *(f"{g} {two};" for g in ("cx", "ctrl @ h", "negctrl @ s", "swap", "iswap", "CX")),
            *(f"{g}({number}) {two};" for g in ("g", "cp", "ctrl @ ry", "inv @ g", "rzz")),
            f"U({number}, {self.number()}, 0.1) {one};",
            f"ccx q[0], q[1], q[2]; ctrl @ g({number}) q[2], q[0], q[1];",
            f"{self.any_of('', 'inv @ ', 'pow(0.5) @ ')}gphase({number});",
            f"ctrl(2) @ gphase({number}) q[0], lone;",
            f"{self.bit()} = measure {self.qubit()};",
            f"measure {self.qubit()} -> {self.bit()};",
            f"reset {one};",
            f"barrier {one};",
            f"delay[{self.any_of('10ns', '2 * 1.5us', '1ms')}] {one};",
            f"x{self.index(1)} q[0];" if self.rng.random() < self.wild else "x q[0];",
        )

    def statement(self, depth: int = 3) -> str:
        if depth == 0 or self.rng.random() < 0.6:
            return self.act()
        inner = [self.block(depth - 1) for _ in range(2)]
        kind = self.rng.randrange(8)
        if kind == 0:
            return f"if ({self.test()}) {inner[0]} else {inner[1]}"
        if kind == 1:
            return f"while ({self.test()}) {inner[0]}"
        if kind == 2:
            case = self.any_of("case 5", "default")
            return f"switch (c) {{ case 1, 2 {inner[0]} {case} {inner[1]} }}"
        if kind == 3:
            return f"box {inner[0]} @note\n{self.act()}"
        if kind == 4:
            return f"for uint i in {{0, 2, {self.rng.randrange(4)}}} {inner[0]}"
        if kind == 5:
            self.loops.append("j")
            text = f"for int j in [{self.rng.randrange(3)}:2] {self.block(depth - 1)}"
            self.loops.pop()
            return text
        return f"if ({self.test()}) {inner[0]}"

    def block(self, depth: int) -> str:
        inside = " ".join(self.statement(depth) for _ in range(self.rng.randrange(4)))
        jump = self.rng.random() < self.wild
        return f"{{ {inside} {self.any_of('break;', 'continue;') if jump else ''} }}"


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
@given(st.integers(0, 1 << 32))
def test_programs_that_look_right(seed: int) -> None:
    writer = Writer(seed)
    text = HEAD + "\n".join(writer.statement() for _ in range(writer.rng.randrange(12)))
    found = check(text)
    if isinstance(found, str):
        assert writer.wild or "while (true)" in found
        return
    assert found.stage is Stage.LOGICAL
    again = read_qasm3(to_openqasm3(found))  # without conditions that never change
    assert read_qasm3(to_openqasm3(again)) == again


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
