"""What is wrong in OpenQASM 3 is said in one sentence with line and column; nothing crashes."""

import sys

import pytest

from bellwire.compiler.frontends.openqasm import read_qasm3
from bellwire.errors import NotSupported, ParseError

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nbit[2] c;\nbit b;\n'

# statement in line 6, where it is wrong, what is said
WRONG = [
    ("h q[3];", (6, 4), "found index 3; the indices are 0 to 2"),
    ("h q[-4];", (6, 4), "found index -4"),
    ("h q[0.5];", (6, 4), "found index 0.5"),
    ("h q[0:7];", (6, 4), "found index 7"),
    ("h q[0:0:2];", (6, 4), "step 0"),
    ("h q[{0, 9}];", (6, 4), "found index 9"),
    ("h q[0][1];", (6, 7), "found [...] after a qubit"),
    ("h q[0, 1];", (6, 4), "one dimension"),
    ("h q[];", (6, 5), "found ']'; expected a value"),
    ("h r;", (6, 3), "r is not defined; declare it first"),
    ("h c;", (6, 3), "found bits; write a qubit"),
    ("h pi;", (6, 3), "found the number 3.14159265359; write a qubit"),
    ("foo q[0];", (6, 1), "gate foo is not defined"),
    ("c q[0];", (6, 1), "c is no gate"),
    ("cx q[0];", (6, 1), "found 1 qubits for cx; it takes 2"),
    ("rx q[0];", (6, 1), "found 0 angles for rx; it takes 1"),
    ("h(0.5) q[0];", (6, 1), "found 1 angles for h; it takes 0"),
    ("cx q[0], q[0];", (6, 1), "found a qubit twice"),
    ("cx q[0], q;", (6, 1), "found a qubit twice"),
    ("cx q[0:1], q;", (6, 1), "registers of 2 and 3 qubits"),
    ("rx(c) q[0];", (6, 4), "found bits; write an angle"),
    ("rx(1/0) q[0];", (6, 4), "a division by zero"),
    ("rx(sqrt(-1)) q[0];", (6, 4), "sqrt of -1 has no value"),
    ("rx((-8)**0.5) q[0];", (6, 4), "has no value"),
    ("rx(exp(1000)) q[0];", (6, 4), "exp of 1000 has no value"),
    ("rx(1e999) q[0];", (6, 4), "found the number inf"),
    ("rx(10**10**10) q[0];", (6, 4), "4096 bits"),
    ("rx(1 << 100000) q[0];", (6, 4), "shift"),
    ("rx(2**2000) q[0];", (6, 4), "angle of"),
    ("rx(" + "9" * 2000 + ") q[0];", (6, 4), "2000 digits"),
    ("rx(-7/2) q[0];", (6, 4), "write -7.0/2"),
    ("rx(foo(1)) q[0];", (6, 4), "foo is no function"),
    ("rx(sin(1, 2)) q[0];", (6, 4), "found 2 values for sin; it takes 1"),
    ("rx(10ns) q[0];", (6, 4), "found a duration; write an angle"),
    ("rx(1 + 10ns) q[0];", (6, 4), "found the number 1 + a duration"),
    ("rx(1 2) q[0];", (6, 6), "found '2'; expected ')'"),
    ("rx(h) q[0];", (6, 4), "h is a gate; write a value"),
    ("delay[3] q;", (6, 7), "found the number 3; write a duration"),
    ("delay[-1ns] q;", (6, 7), "found a time below 0"),
    ("measure q -> c;", (6, 1), "found 3 qubits measured into 2 bits"),
    ("c = measure c;", (6, 13), "found bits; write a qubit"),
    ("measure q[0] -> q[1];", (6, 17), "found a qubit; write a bit"),
    ("qubit q;", (6, 7), "q is defined in line 3 already"),
    ("bit h;", (6, 5), "h is defined in line 2 already"),
    ("gate cx a, b { }", (6, 6), "cx is defined in line 2 already"),
    ("gate g a, a { }", (6, 11), "a stands twice"),
    ("gate g(a) a { }", (6, 11), "a stands twice"),
    ("gate g a { g a; }", (6, 12), "gate g is not defined"),
    ("gate g a { x b; }", (6, 14), "b is not defined"),
    ("gate g a { x q[0]; }", (6, 14), "q is not defined"),
    ("gate g a { reset a; }", (6, 12), "found a reset in a gate"),
    ("gate g a { if (c[0]) x a; }", (6, 12), "found an if in a gate"),
    ("gate g a { c[0] = measure a; }", (6, 12), "found an assignment in a gate"),
    ("gate g a { x $0; }", (6, 14), "found $0 in a gate"),
    ("x $0;", (6, 3), "found $0 beside declared qubits"),
    ("if (c[0]) { qubit r; }", (6, 13), "found qubit inside a block"),
    ("if (c[0]) { gate g a { } }", (6, 13), "found gate inside a block"),
    ("if (q[0]) x q[1];", (6, 5), "found a qubit; write a condition"),
    ("if (10ns) x q[1];", (6, 5), "found a duration; write a condition"),
    ("if (c[0] ^ 0.5) x q[1];", (6, 5), "found the number 0.5 beside ^"),
    ("break;", (6, 1), "found break outside a loop"),
    ("if (c[0]) { continue; }", (6, 13), "found continue outside a loop"),
    ("for int i in [0:] x q[0];", (6, 15), "a range without both ends"),
    ("for float i in [0:1] x q[0];", (6, 5), "write int or uint"),
    ("for int i in [0:0.5] x q[0];", (6, 17), "found the number 0.5; write an integer"),
    ("for int i in [0:0:3] x q[0];", (6, 15), "step 0"),
    ("for int i in [0:9999999999999999999999] x q[0];", (6, 15), "a huge number"),
    ("switch (c) { default { } case 1 { } }", (6, 26), "found a case after default"),
    ("switch (c) { case 1, 1 { } }", (6, 19), "a label twice"),
    ("switch (q) { case 1 { } }", (6, 9), "found qubits in a switch"),
    ("let a = 3;", (6, 9), "found the number 3 in an alias"),
    ("let a = q[0:1] ++ q;", (6, 9), "something twice in an alias"),
    ("const int n = 0.5 + c[0];", (6, 15), "found the number 0.5 + a bit"),
    ("const uint n = -1;", (6, 16), "found -1 as a uint"),
    ("const uint[2] n = 4;", (6, 19), "4 does not fit into uint[2]"),
    ("const duration d = 3;", (6, 20), "for a const duration"),
    ("bit[-1] d;", (6, 5), "found size -1"),
    ("ctrl(0) @ x q[0];", (6, 1), "found 0 controls"),
    ("ctrl @ x q[0];", (6, 8), "found 1 qubits for x; it takes 2"),
    ("pow @ x q[0];", (6, 1), "found pow without an exponent"),
    ("gphase(1) q[0];", (6, 1), "found 1 qubits for gphase; it takes 0"),
    ("OPENQASM 3.0;", (6, 1), "found 'OPENQASM 3.0;'; expected a statement"),
    ("x q[0]", (7, 1), "the text ends; expected ';'"),
    ("if (c[0]) {", (7, 1), "the text ends; expected a statement or '}'"),
    ("}", (6, 1), "found '}'; expected a statement"),
    ("x q[0] y;", (6, 8), "found 'y'; expected ';'"),
    ("x measure;", (6, 3), "found a reserved word, 'measure'"),
    ("/* never closed", (6, 1), "found '/'; expected a statement"),
    ("x q[0]; \x00", (6, 9), "cannot stand here"),
    ("@note", (7, 1), "the text ends; expected a statement"),
]

UNSUPPORTED = [
    ("def f(int a) { }", "6:1: def f is not supported"),
    ("extern f(int) -> int;", "6:1: extern f is not supported"),
    ("cal { play(~~); }", "6:1: cal is not supported"),
    ("defcal x $0 { }", "6:1: defcal is not supported"),
    ("box { cal { ~~~", "6:7: cal is not supported"),
    ("array[int[8], 2] a;", "6:1: array is not supported"),
    ("stretch s;", "6:1: stretch is not supported"),
    ("end;", "6:1: end is not supported"),
    ("return 3;", "6:1: return is not supported"),
    ("duration d = 3ns;", "6:10: duration variable d"),
    ("int[8] i = 3;", "6:8: int variable i"),
    ("bool flag;", "6:6: bool variable flag"),
    ("int i; i = 3;", "6:8: int variable i assigned at run time"),
    ("int i; rx(i) q[0];", "6:11: int variable i, which changes at run time"),
    ("c[0] = 1;", "6:1: value c assigned at run time"),
    ("b ^= c[0];", "6:1: value b assigned at run time"),
    ("bit[2] d = 3;", "6:12: bit d that starts as 1"),
    ("if (c[0]) { bit d; }", "6:13: bit d inside a block"),
    ("input float t;", "6:13: input t is not bound"),
    ("output int t;", "6:12: output t of type int"),
    ("measure q;", "6:1: a measurement whose result goes nowhere"),
    ("delay[3dt] q;", "6:7: a time in dt"),
    ("delay[2 * 3dt] q;", "6:7: arithmetic with dt"),
    ("x[10ns] q[0];", "6:2: a duration for x"),
    ("f(3);", "6:1: f(...) without qubits"),
    ("while (true) { x q[0]; }", "6:1: while (true)"),
    ("if (c + 1 == 2) x q[0];", "6:5: + on bits, at run time"),
    ("if (-c == 2) x q[0];", "6:5: a minus before bits"),
    ("if (float(c) == 2) x q[0];", "6:5: bits as float, at run time"),
    ('include "other.inc";', '6:9: found "other.inc"'),
    ("for int i in [0:3] { rx(i) q[0]; break; }", "6:34: break in a for loop"),
    ("const bit d = 1;", "6:15: a constant of type bit"),
    ("qubit[1000000] r;", "6:16: more than 1,000,000 qubits"),
    ("qubit[10**12] r;", "6:15: more than 1,000,000 qubits"),
    ("bit[1000001] d;", "6:14: more than 1,000,000 bits"),
    ("for int i in [0:10**7] { rx(i) q[0]; }", "6:1: loops unroll to more than 1,000,000"),
    ("for int i in [0:10**7] { let a = q[i % 2:1]; }", "6:1: loops unroll to more"),
]


@pytest.mark.parametrize(("text", "place", "said"), WRONG)
def test_wrong_input_is_placed(text: str, place: tuple[int, int], said: str) -> None:
    with pytest.raises(ParseError) as error:
        read_qasm3(f"{HEAD}{text}\n", "some.qasm")
    found = error.value
    assert said in found.message
    assert (found.path, found.line, found.column) == ("some.qasm", *place)
    assert "\n" not in str(found)
    assert len(str(found)) < 300


@pytest.mark.parametrize(("text", "said"), UNSUPPORTED)
def test_unsupported_input_is_named(text: str, said: str) -> None:
    with pytest.raises(NotSupported) as error:
        read_qasm3(f"{HEAD}{text}\n", "some.qasm")
    assert str(error.value).startswith(f"some.qasm:{said}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("version", ["2.0", "4.0", "33", "0"])
def test_other_versions(version: str) -> None:
    with pytest.raises(ParseError, match="takes OPENQASM 3"):
        read_qasm3(f"OPENQASM {version};\n")


def test_physical_qubits_first_then_declared_ones() -> None:
    with pytest.raises(ParseError, match="beside"):
        read_qasm3("U(0,0,0) $0;\nqubit q;")
    with pytest.raises(NotSupported, match="1,000,000"):
        read_qasm3("U(0,0,0) $99999999999;")


DEEP = 10_000


@pytest.mark.parametrize(
    "text",
    [
        f"rx({'(' * DEEP}1{')' * DEEP}) q[0];",
        f"rx({'(' * DEEP}",
        f"{'{' * DEEP}{'}' * DEEP}",
        f"{'if (c[0]) ' * DEEP}x q[0];",
        f"{'if (c[0]) { ' * DEEP}x q[0];{'}' * DEEP}",
        "if (c[0]) { } " + "else if (c[1]) { x q; } " * DEEP,
        f"{'while (c[0]) ' * DEEP}x q[0];",
        f"{'for int i in [0:1] ' * DEEP}x q[0];",
        f"{'box { ' * DEEP}{'}' * DEEP}",
        f"if ({'!(' * DEEP}c[0]{')' * DEEP}) x q[0];",
        f"if ({'(c[0] & ' * DEEP}c[1]{')' * DEEP}) x q[0];",
        f"rx({'2**' * DEEP}2) q[0];",
        f"x q[{'[' * DEEP};",
        f"rx({'sin(' * DEEP}1{')' * DEEP}) q[0];",
        "gate g0 a { x a; } " + " ".join(f"gate g{i} a {{ g{i - 1} a; }}" for i in range(1, 2000)),
        f"gate g a {{ {'for int i in [0:1] ' * DEEP}x a; }}",
        f"gate g a {{ {'{' * DEEP}{'}' * DEEP} }}",
    ],
    ids=lambda t: t[:18],
)
def test_deep_nesting_is_refused(text: str) -> None:
    limit = sys.getrecursionlimit()
    with pytest.raises((ParseError, NotSupported)) as error:
        read_qasm3(f"{HEAD}{text}\n", "some.qasm")
    assert "some.qasm:" in str(error.value)
    assert sys.getrecursionlimit() == limit


def test_huge_programs_are_refused_before_memory_is_gone() -> None:
    with pytest.raises(NotSupported, match="10,000,000"):
        read_qasm3(f"qubit[1000] q; {'barrier q;' * 20000}")
    with pytest.raises(NotSupported, match="10,000,000"):
        read_qasm3(f"gate g a {{ {'U(0,0,0) a;' * 11} }} qubit[1000000] q; g q;")
    with pytest.raises(NotSupported, match="a condition on 1,000,000 bits; 10,000 are"):
        read_qasm3("qubit q; bit[1000000] c; if (c == 1) U(0,0,0) q;")
    with pytest.raises(NotSupported, match="64"):
        read_qasm3("qubit q; bit[99] c; if (c < c[1:98]) U(0,0,0) q;")
    with pytest.raises(NotSupported, match="statements"):
        read_qasm3("gate g a { for int i in [0:10**9] { U(0,0,0) a; } }")
