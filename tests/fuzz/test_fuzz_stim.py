"""Stim texts, plausible and mutilated: nothing but a BellwireError may come out."""

import os

import stim
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bellwire.compiler.emitters.stim import record_of_bits, to_stim
from bellwire.compiler.frontends.stim import from_stim
from bellwire.errors import BellwireError

CASES = int(os.environ.get("BELLWIRE_FUZZ", "900"))
fuzz = settings(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

NAMES = st.sampled_from(sorted(n for row in stim.gate_data().values() for n in row.aliases))
TARGETS = st.sampled_from(
    [
        *("0", "1", "2", "3", "!0", "!2", "rec[-1]", "rec[-3]", "sweep[0]", "X0", "!Y1", "Z2"),
        *("X0*X1", "!Y1*Z2*X3", "X0*Z0", "Z1*Z1", "*", "16777215", "99999999", "-1", "q", "1.5"),
    ]
)
ARGS = st.sampled_from(
    ["", "", "", "(0)", "(0.1)", "(0.1,0.2,0.3)", "(nan)", "(", "(1e400)", "[t]"]
)
LINES = st.one_of(
    st.builds("{}{} {}".format, NAMES, ARGS, st.lists(TARGETS, max_size=4).map(" ".join)),
    st.builds("REPEAT {} {{".format, st.sampled_from(["1", "2", "5", "0", "10000000000000", "x"])),
    st.sampled_from(["}", "}", "TICK", "# note", "", "h 0 #c", "REPEAT 2 { H 0 }", "M !0 1", "\t"]),
)
CLEAN = st.one_of(
    st.builds(
        "{} {}".format,
        st.sampled_from(["H", "S", "C_XYZ", "M", "MX", "MRY", "RX", "SQRT_X_DAG"]),
        st.sampled_from(["0", "1 2", "3 0", "2"]),
    ),
    st.builds(
        "{} {}".format,
        st.sampled_from(["CX", "ISWAP_DAG", "MZZ", "SQRT_YY", "CXSWAP", "XCY"]),
        st.sampled_from(["0 1", "1 2 0 3", "3 1"]),
    ),
    st.sampled_from(
        ["MPP X0*Y2 !Z1", "SPP Z0*Z1*X2", "REPEAT 2 {", "REPEAT 3 {", "}", "}", "TICK"]
    ),
)


def check(text: str) -> None:
    """Read it; what can be read is written again with as many measurements."""
    message, program = "", None
    try:
        program = from_stim(text, "fuzz.stim")
    except BellwireError as error:
        message = str(error)
    if program is None:
        assert message.startswith("fuzz.stim")
        assert "\n" not in message
        return
    assert to_stim(program).num_measurements == len(program.bit_names)
    assert record_of_bits(program) == list(range(len(program.bit_names)))


@fuzz
@given(st.lists(LINES, max_size=8))
def test_any_lines(lines: list[str]) -> None:
    check("\n".join(lines))


@fuzz
@given(st.lists(CLEAN, max_size=12))
def test_circuits_that_mean_something(lines: list[str]) -> None:
    depth, kept = 0, []
    for line in lines:
        depth += line.endswith("{") - (line == "}")
        if depth >= 0:
            kept.append(line)
        depth = max(depth, 0)
    text = "\n".join([*kept, *["TICK\n}"] * depth])
    check(text)
    program = from_stim(text)
    assert len(program.bit_names) == stim.Circuit(text).num_measurements


@fuzz
@given(st.text(max_size=60), st.integers(0, 80), st.integers(0, 5))
def test_any_characters(insert: str, place: int, cut: int) -> None:
    text = "H 0 1\nREPEAT 2 {\n  M !0\n  CX rec[-1] 1\n}\nMPP X0*Z1 # end\n"
    check(text[:place] + insert + text[place + cut :])
