"""Inputs that would take for ever or fill the memory: each is refused at once, in one line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bellwire.compiler.frontends.read import read_file, read_text_of
from bellwire.errors import BellwireError, MachineError
from bellwire.passes.qec.assign import by_cut, by_file
from bellwire.runtime.faults.load import read_scenario_toml
from bellwire.targets.load import read_machine_toml
from bellwire.targets.shapes import make_machine

QASM2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[1];\n'
QASM3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\n'
LONGEST_S = 5.0


def doubling(levels: int) -> str:
    """Gates that call the one before twice: 2^levels operations."""
    gates = [f"gate g{i} a {{ g{i - 1} a; g{i - 1} a; }}" for i in range(1, levels + 1)]
    return "\n".join(["gate g0 a { x a; h a; }", *gates, f"g{levels} q;\n"])


CIRCUITS = {
    (".qasm", QASM2 + doubling(60)): "f.qasm:65: gate g17 unrolls to more than 250,000 operations"
    "; split the circuit",
    (".qasm", QASM3 + doubling(60)): "f.qasm:54:6: gates defined through more than 50 levels of "
    "gates; flatten them",
    (".qasm", QASM3 + doubling(30)): "f.qasm:22:14: gate g17 comes to more than 250,000 "
    "operations; split it",
    (".qasm", QASM3 + "for uint i in [0:1000000000000] { rx(i) q; }"): "f.qasm:4:1: loops unroll",
    (
        ".qasm",
        QASM3 + "qubit[1000000000000] r;",
    ): "f.qasm:4:22: more than 1,000,000 qubits; declare",
    (".qasm", QASM3 + "const int n = 2**10**9; rx(n) q;"): "f.qasm:4:15: found an integer of more "
    "than 4096 bits; use a float",
    (".qasm", QASM3 + "pow(1000000000) @ h q;"): "f.qasm:4:19: pow(1000000000); 1000 is the most",
    (".qasm", QASM2 + "qreg r[1000000000000];"): "f.qasm:4:1: more than 1,000,000 bits; declare",
    (".stim", "REPEAT 1000000000000000000 {\n M 0\n}\n"): "f.stim:1: this REPEAT measures and "
    "unrolls to",
    (".txt", "qubits q[1000000000000]\n"): "f.txt:1:8: found 1,000,000,000,000 places; at most "
    "1,000,000 fit in a file",
}


@pytest.mark.parametrize(("end", "text"), CIRCUITS)
def test_circuits(end: str, text: str) -> None:
    began = time.process_time()
    with pytest.raises(BellwireError) as info:
        read_text_of(text, path=f"f{end}")
    assert str(info.value).startswith(CIRCUITS[end, text])
    assert time.process_time() - began < LONGEST_S


def test_loops_that_do_nothing_to_bits_stay_loops() -> None:
    [op] = read_text_of("REPEAT 1000000000000000000 {\n H 0\n}\n", path="f.stim")[0].ops
    assert (op.name, op.angles) == ("for_loop", (1e18,))


def test_text_without_an_end_is_read_once(tmp_path: Path) -> None:
    began = time.process_time()
    for text in (QASM2 + "x " * 500_000, QASM2 + "gate g a { " * 40_000, "/*" * 500_000):
        with pytest.raises(BellwireError):
            read_text_of(text, path="f.qasm")
    assert time.process_time() - began < LONGEST_S


def test_includes_that_double(tmp_path: Path) -> None:
    for i in range(15):
        (tmp_path / f"i{i}.inc").write_text(f'include "i{i + 1}.inc";\n' * 2)
    (tmp_path / "i15.inc").write_text("")
    (tmp_path / "a.qasm").write_text(QASM2 + 'include "i0.inc";\n')
    with pytest.raises(BellwireError, match="more than 200 includes; put their gates into one"):
        read_file(tmp_path / "a.qasm")
    long = QASM2 + f'include "{"x" * 400}";\n'
    with pytest.raises(BellwireError, match="unable to find"):
        read_text_of(long, path=str(tmp_path / "b.qasm"))


MACHINES = {
    'topology = "ring"\nmodules = 1000000000\n[module]\ndata_qubits = 1\n': "m:1: modules: found "
    "1000000000; it must be a whole number from 1 to 10000",
    'topology = "complete"\nmodules = 10000\n[module]\ndata_qubits = 1\n': "m:1: modules of "
    "topology complete: found 10000; it must be fewer: they have 49,995,000 links, 20,000 are "
    "the most",
    'topology = "ring"\nmodules = 10000\n[module]\ndata_qubits = 200\n': "m:1: qubits of all "
    "modules: found 2010000; it must be 1,000,000 at most",
    '[[module]]\nname = "A"\ndata_qubits = 100000\ncoupling = "line"\n': "m:4: module A: coupling: "
    "found 'line'; it must be all: the module has more than 4,096 qubits",
    '[[module]]\nname = "A"\ndata_qubits = 1\n' + "[[link]]\n" * 20_001: "m:4: link: found 20,001; "
    "at most 20,000 are taken",
    "a" + ".a" * 100_000 + " = 1": "m:1: found a key of more than 50 parts; nest less",
}


@pytest.mark.parametrize("text", MACHINES)
def test_machines(text: str) -> None:
    with pytest.raises(MachineError) as info:
        read_machine_toml(text, "m")
    assert str(info.value) == MACHINES[text]


def test_the_largest_machines_are_made() -> None:
    assert len(make_machine("complete", 200, data_qubits=1).links) == 19_900
    large = make_machine("line", 2, data_qubits=4094, comm_qubits=2, coupling="line")
    assert large.modules[0].size == 4096


def test_scenarios() -> None:
    with pytest.raises(MachineError, match=r"s:2: event 1: kind: found \[\[\]\]; it must be one"):
        read_scenario_toml("[[event]]\nkind = [[]]\n", "s")


def test_homes_and_cuts(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    import stim

    circuit = stim.Circuit("QUBIT_COORDS(0) 0\nQUBIT_COORDS(1) 1\nCX 0 1")
    files = {
        "0 = 0\n1 = 1000000000000": "it leaves module 1 without qubits",
        '"\u00b2" = 0': "found \u00b2 = 0; give qubit = module",
        f"{'1' * 5000} = 0": "give qubit = module, both numbers",
        "a = " + "[" * 100_000: "nested too deeply",
    }
    for text, said in files.items():
        (tmp_path / "h.toml").write_text(text)
        with pytest.raises(BellwireError, match=said):
            by_file(circuit, tmp_path / "h.toml")
    for cut in ("1x<2", "0 if x<1 else 2", "(" * 90 + "x"):
        with pytest.raises(BellwireError, match="it must compare x, y, z and numbers"):
            by_cut(circuit, cut)
    assert [str(w.message) for w in recwarn if "literal" in str(w.message)] == []


def test_messages_quote_no_whole_file() -> None:
    with pytest.raises(BellwireError) as info:
        read_text_of("bellwire 1 " + "x" * 100_000, path="f.txt")
    assert len(str(info.value)) < 1_000
    assert str(info.value).startswith("f.txt:1:12: found stage 'xxx")
