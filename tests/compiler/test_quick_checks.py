"""The quick checks over columns never accept what the readable ones refuse, and know what is right.

Right programs come from the passes and from a random walk over wires (many copies, flips, moves);
wrong ones by random faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from generators import random_machine, random_program
from mutants import damaged

from bellwire.compiler import occupancy, states, verify
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.columns import lowered_is_right, numbers_are_right, spans_are_right
from bellwire.compiler.conditions import bit
from bellwire.compiler.kernels import Kernel
from bellwire.compiler.metrics import program_metrics
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.quick_occupancy import occupancy_is_right
from bellwire.compiler.states_kernel import states_are_right
from bellwire.errors import ProgramError
from bellwire.passes.pipeline import pass_name, run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.machine import GateQuality, Machine
from bellwire.targets.shapes import make_machine

Slow = Callable[[Program, Machine], bool]


def refuses(check: Callable[..., object], *args: object) -> bool:
    try:
        check(*args)
    except ProgramError:
        return True
    return False


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> dict[str, Slow]:
    """Whether the readable checks, without their quick ones, find a program right."""
    for module, name in (
        (occupancy, "occupancy_is_right"),
        (states, "states_are_right"),
        (verify, "spans_are_right"),
        (verify, "numbers_are_right"),
        (verify, "lowered_is_right"),
    ):
        monkeypatch.setattr(module, name, lambda *_: False)
    return {
        "occupancy": lambda p, m: not refuses(occupancy.check_occupancy, p, m),
        "states": lambda p, m: not refuses(states.check_states, p, m),
        "spans": lambda p, m: not refuses(verify.check_spans, p),
        "operations": lambda p, m: not refuses(verify.check_operations, p),
        "lowered": lambda p, m: not refuses(verify.check_lowered, p, m),
    }


QUICK: dict[str, Slow] = {
    "occupancy": occupancy_is_right,
    "states": states_are_right,
    "spans": lambda program, _: spans_are_right(program),
    "operations": lambda program, _: all(map(numbers_are_right, program.walk())),
    "lowered": lowered_is_right,
}


def compiled_programs(seed: int) -> Iterator[tuple[str, Program, Machine]]:
    """Each pass, the program after it, the machine."""
    rng = np.random.default_rng(seed)
    machine = random_machine(rng, 6)
    circuit = random_program(rng, 6, 40, dynamic=seed % 2 == 0, flow=seed % 3 == 0)
    steps = recipe("fast")
    names = [pass_name(step) for step in steps]
    done = run_passes(circuit, machine, steps, keep=names)
    for name in names:
        yield name, done.after[name], machine


CHECKS = {
    "unroll": ("operations",),
    "insert_ebits": ("operations", "spans", "occupancy"),
    "connect_ebits": ("spans", "occupancy"),
    "expand_protocols": ("operations", "spans", "states"),
    "merge_hadamards": ("spans", "states"),
    "route_locally": ("operations", "spans", "lowered", "states"),
}


@pytest.mark.parametrize("seed", range(12))
def test_quick_and_readable_checks_agree(seed: int, slow: dict[str, Slow]) -> None:
    rng = np.random.default_rng(seed)
    for name, program, machine in compiled_programs(seed):
        for check in CHECKS.get(name, ()):
            assert QUICK[check](program, machine)
            assert slow[check](program, machine)
            for _ in range(6):
                wrong = damaged(rng, program)
                if check == "states" and not slow["spans"](wrong, machine):
                    continue  # verify looks at spans first
                assert QUICK[check](wrong, machine) == slow[check](wrong, machine), (check, name)


def wires(rng: np.random.Generator, steps: int) -> tuple[Program, Machine]:
    """A random right program of three modules: copies of copies, flips on all or not yet all of
    them, moves of copies, pairs that are joined."""
    machine = make_machine("complete", 3, data_qubits=60, comm_qubits=60)
    names = [m.name for m in machine.modules]
    out = ProgramBuilder([Qubit(f"q[{i}]", names[i]) for i in range(3)], [Register("c", 2)])
    copies = [[i] for i in range(3)]  # of each qubit
    bits = 2

    def wire(role: str) -> int:
        return out.add_qubit(Qubit(f"w{len(out.qubits)}", str(rng.choice(names)), role))

    def close(family: list[int]) -> None:
        nonlocal bits
        a = family.pop(int(rng.integers(len(family))))
        out.append("cat_disentangle", (a, family[int(rng.integers(len(family)))]), bits=(bits,))
        bits += 1

    for _ in range(steps):
        family = copies[int(rng.integers(3))]
        place = int(rng.integers(len(family)))
        choice = int(rng.integers(6))
        if choice < 2:
            near, far = wire("comm"), wire("comm")
            out.append("ebit", (near, far))
            out.append("cat_entangle", (family[place], near, far), bits=(bits,))
            family.append(far)
            bits += 1
        elif choice == 2 and len(family) > 1:
            close(family)
        elif choice == 3:
            new = wire("data")
            out.append("move", (family[place], new))
            family[place] = new
        elif choice == 4:
            _flip(rng, out, family, lambda: wire("data"))
        else:
            out.append("rz", (family[place],), (0.1,))
    for family in copies:
        while len(family) > 1:
            close(family)
        out.append("move", (family[0], new := wire("data")))
        family[0] = new
    out.add_register(Register("bellwire", bits - 2))
    return out.finish(Stage.DISTRIBUTED, [family[0] for family in copies]), machine


def _flip(
    rng: np.random.Generator, out: ProgramBuilder, family: list[int], wire: Callable[[], int]
) -> None:
    """An X or a Y, on a condition or not, on all copies; some are moved in between."""
    condition = bit(int(rng.integers(2))) if rng.random() < 0.5 else None
    y = int(rng.integers(-1, len(family)))
    for k in rng.permutation(len(family)).tolist():
        if rng.random() < 0.2:
            new = wire()
            out.append("move", (family[k], new))
            family[k] = new
        out.append("y" if k == y else "x", (family[k],), condition=condition)


@pytest.mark.parametrize("compiled", [False, True], ids=["plain", "compiled"])
def test_occupancy_of_many_copies(
    compiled: bool, slow: dict[str, Slow], monkeypatch: pytest.MonkeyPatch
) -> None:
    if compiled:
        monkeypatch.setattr(Kernel, "sized", lambda self, work, small: self.fast)
    found = {True: 0, False: 0}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        program, machine = wires(rng, 25)
        assert slow["occupancy"](program, machine)
        assert QUICK["occupancy"](program, machine)
        for _ in range(8):
            wrong = damaged(rng, program)
            right = slow["occupancy"](wrong, machine)
            found[right] += 1
            if QUICK["occupancy"](wrong, machine):
                assert right
    assert min(found.values()) > 50


@pytest.mark.parametrize("seed", range(3))
def test_compiled_kernels_agree_with_plain_ones(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = list(compiled_programs(seed))
    monkeypatch.setattr(Kernel, "sized", lambda self, work, small: self.fast)
    for (name, one, _), (_, other, _) in zip(plain, compiled_programs(seed)):
        assert one == other, name


@pytest.mark.parametrize("seed", range(3))
def test_compiled_metrics_agree_with_plain_ones(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, (_, program, machine) = compiled_programs(seed)
    noisy = Machine(
        tuple(replace(m, gate_2q=GateQuality(60, 0.99), t2_ns=1e6) for m in machine.modules),
        machine.links,
    )
    plain = program_metrics(program, noisy)
    monkeypatch.setattr(Kernel, "sized", lambda self, work, small: self.fast)
    assert program_metrics(program, noisy) == plain
