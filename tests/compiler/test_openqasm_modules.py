"""One file per module: put together along the manifest they are the Program again, no deadlock."""

import json
import random
import re

import numpy as np
import pytest
from generators import random_machine, random_program

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit, parity
from bellwire.compiler.emitters.openqasm import per_module, to_openqasm3
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.errors import NotSupported
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.shapes import make_machine

MACHINE = make_machine("line", 3, data_qubits=1, comm_qubits=2)
_THING = re.compile(r"\w+_(?:data|comm)\[\d+\]|[a-z]\w*(?:\[\d+\])?(?= = )")
_BLOCK = re.compile(r"(if|while) \((.*)\) \{|for int \w+ in \[0:(-?\d+)\] \{")


def tree(lines: list[str]) -> list:
    """Statements; a block is (head, its statements, those of the else)."""
    out: list = []
    stack = [out]
    for line in (raw.strip() for raw in lines):
        if line.startswith("@") or not line:
            continue
        if line == "}":
            stack.pop()
        elif line == "} else {":
            stack.pop()
            stack[-1][-1].append([])
            stack.append(stack[-1][-1][-1])
        elif line.endswith("}") and "{" in line and not line.startswith("gate"):
            head, inner = line[:-1].split("{", 1)
            stack[-1].append([head.strip() + " {", [inner.strip()]])
        elif line.endswith("{"):
            stack[-1].append([line, []])
            stack.append(stack[-1][-1][1])
        else:
            stack[-1].append(line)
    return out


def body(text: str) -> list:
    """The statements of a file that act."""
    skip = ("OPENQASM", "include", "extern", "qubit", "bit", "gate")
    return [s for s in tree(text.splitlines()) if isinstance(s, list) or not s.startswith(skip)]


class Module:
    """Runs the statements of one file, one at a time, as long as it need not wait."""

    def __init__(self, name: str, text: str, world: "World") -> None:
        self.name, self.world = name, world
        self.bits: dict[str, int] = {}
        self.steps = self._run(body(text))
        self.wants = next(self.steps, None)

    def _run(self, statements: list):
        for statement in statements:
            if isinstance(statement, str):
                jump = yield from self._one(statement)
                if jump:
                    return jump
                continue
            head, then, *other = statement
            match = _BLOCK.match(head)
            turns = int(match[3]) + 1 if match[3] else 1
            while turns:
                holds = match[3] is not None or self._holds(match[2])
                jump = yield from self._run(then if holds else other[0] if other else [])
                if head.startswith("if"):
                    if jump:
                        return jump
                    break
                turns = 0 if jump == "break" else turns - 1 if match[3] else int(holds)
        return ""

    def _holds(self, test: str) -> bool:
        text = re.sub(r"[A-Za-z_]\w*(\[\d+\])?", lambda m: f"self.bits.get({m[0]!r}, 0)", test)
        text = text.replace("!", " not ").replace("^", "!=").replace("&", "and").replace("|", "or")
        return bool(eval(text))

    def _one(self, statement: str):
        if statement in ("break;", "continue;"):
            return statement[:-1]
        match = re.fullmatch(r"request_pair\((\d+), (\d+)\);", statement)
        if match:
            yield ("pair", int(match[1]), int(match[2]))
            return ""
        match = re.fullmatch(r"send\((\d+), (.*)\);", statement)
        if match:
            assert self.world.bit_of(int(match[1])) == (match[2], self.name)
            self.world.sent.setdefault(int(match[1]), []).append(self.bits[match[2]])
            return ""
        match = re.fullmatch(r"(.*) = recv\((\d+)\);", statement)
        if match:
            yield ("recv", int(match[2]))
            self.bits[match[1]] = self.world.sent[int(match[2])].pop(0)
            return ""
        match = re.fullmatch(r"(.*) = measure (.*);", statement)
        if match:
            self.bits[match[1]] = self.world.measured()
        self.world.done.append(statement)
        return ""

    def step(self) -> bool:
        """Go on as far as nothing is missing; says whether anything was done."""
        moved = False
        while self.wants is not None and self.world.ready(self.wants):
            self.wants = next(self.steps, None)
            moved = True
        return moved


class World:
    """All modules, what was sent, and what has been done in which order."""

    def __init__(self, files: dict[str, str], seed: int) -> None:
        self.rng = random.Random(seed)
        self.manifest = json.loads(files["manifest.json"])
        self.sent: dict[int, list[int]] = {}
        self.done: list[str] = []
        self.modules = [Module(m["name"], files[m["file"]], self) for m in self.manifest["modules"]]

    def measured(self) -> int:
        return self.rng.randrange(2)

    def bit_of(self, message: int) -> tuple[str, str]:
        found = self.manifest["messages"][message]
        assert found["id"] == message
        return found["bit"], found["from"]

    def ready(self, wants: tuple) -> bool:
        return wants[0] == "recv" and bool(self.sent.get(wants[1]))

    def run(self) -> list[str]:
        while True:
            moved = sum(m.step() for m in self.modules) > 0  # each has its go
            waiting = {}
            for module in self.modules:
                if module.wants is not None and module.wants[0] == "pair":
                    waiting.setdefault(module.wants[1], []).append(module)
            for pair, ends in waiting.items():
                if len(ends) == 2:
                    self._join(pair, ends)
                    moved = True
            if not moved:
                break
        assert [m.name for m in self.modules if m.wants is not None] == [], "deadlock"
        assert not any(self.sent.values()), "a message was never taken"
        return self.done

    def _join(self, pair: int, ends: list[Module]) -> None:
        found = self.manifest["pairs"][pair]
        assert {e["module"] for e in found["ends"]} == {m.name for m in ends} == set(found["link"])
        numbers = {m.name: m.wants[2] for m in ends}
        for end in found["ends"]:
            assert end["qubit"] == f"{end['module']}_comm[{numbers[end['module']]}]"
        self.done.append("bell_pair {}, {};".format(*(e["qubit"] for e in found["ends"])))
        for module in ends:
            module.wants = next(module.steps, None)


def per_thing(statements: list[str]) -> dict[str, list[str]]:
    """The statements that name each qubit and bit, in order; barriers are local, and left out."""
    found: dict[str, list[str]] = {}
    for statement in statements:
        if not statement.startswith("barrier"):
            for thing in re.findall(
                r"\w+_(?:data|comm)\[\d+\]|[a-z]\w*(?:\[\d+\])?(?= = )", statement
            ):
                found.setdefault(thing, []).append(statement)
    return found


def straight(program: Program) -> list[str]:
    """The statements of a program without control flow, conditions left aside."""
    text = to_openqasm3(program)
    return [s[1][0] if isinstance(s, list) else s for s in body(text)]


def protocol(conditions: bool = True) -> Program:
    """Two telegates over A-B and B-C and a parity that C must know, on a line of three modules."""
    qubits = [Qubit(n, n[0], n[2:6]) for n in MACHINE.qubit_names()]
    b = ProgramBuilder(qubits, [Register("c", 2), Register("bellwire", 4)], logical=(), inputs=())
    b.append("h", [0])
    b.append("ebit", [1, 4])
    b.append("cx", [0, 1])
    b.append("measure", [1], bits=[2])
    b.append("x", [4], condition=bit(2))
    b.append("ebit", [5, 7])
    b.append("cx", [4, 5])
    b.append("measure", [5], bits=[3])
    b.append("x", [7], condition=parity(bit(2), bit(3)))
    b.append("measure", [4], bits=[2])  # written again, after C has read it
    b.append("z", [0], condition=bit(2))
    b.append("z", [7], condition=bit(2))
    b.append("barrier", [0, 3, 6])
    b.append("measure", [6], bits=[0])
    return b.finish(Stage.LOWERED)


def test_a_line_of_modules_by_hand() -> None:
    files = per_module(protocol(), MACHINE)
    assert sorted(files) == ["A.qasm", "B.qasm", "C.qasm", "manifest.json"]
    lines = files["C.qasm"].splitlines()
    start = lines.index("bit[4] bellwire;") + 1
    assert lines[start:] == [
        *("reset C_comm[0];", "request_pair(1, 0);"),
        *("bellwire[0] = recv(1);", "bellwire[1] = recv(2);"),
        *("if (bellwire[0] ^ bellwire[1]) {", "  x C_comm[0];", "}"),
        *("bellwire[0] = recv(4);", "if (bellwire[0]) {", "  z C_comm[0];", "}"),
        *("barrier C_data[0];", "c[0] = measure C_data[0];"),
    ]
    manifest = json.loads(files["manifest.json"])
    assert manifest["pairs"][1] == {
        "id": 1,
        "link": ["B", "C"],
        "ends": [{"module": "B", "qubit": "B_comm[1]"}, {"module": "C", "qubit": "C_comm[0]"}],
    }
    assert [(m["bit"], m["from"], m["to"]) for m in manifest["messages"]] == [
        ("bellwire[0]", "A", "B"),
        ("bellwire[0]", "A", "C"),
        ("bellwire[1]", "B", "C"),
        ("bellwire[0]", "B", "A"),
        ("bellwire[0]", "B", "C"),
    ]
    assert manifest["bits"]["c[0]"] == ["C"]


def test_put_together_it_is_the_program() -> None:
    program = protocol()
    done = World(per_module(program, MACHINE), 1).run()
    mended = [s for s in straight(program) if not s.startswith(("x", "z"))]
    assert per_thing([s for s in done if not s.startswith(("x", "z"))]) == per_thing(mended)


@pytest.mark.parametrize("seed", range(12))
def test_compiled_circuits_put_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    program, machine = random_program(rng, 5, 25), random_machine(rng, 5)
    done = run_passes(program, machine, recipe("default", seed=seed)).program
    always = ProgramBuilder(done.qubits, done.registers, logical=(), inputs=())
    for op in done.ops:  # with every correction made, all statements can be compared
        always.append(op.name, op.qubits, op.angles, op.bits, op.condition)
    world = World(per_module(always.finish(Stage.LOWERED), machine), seed)
    world.measured = lambda: 1  # type: ignore[method-assign]
    assert per_thing(world.run()) == per_thing(straight(done))


@pytest.mark.parametrize("seed", range(12))
def test_control_flow_never_blocks(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    program = random_program(rng, 5, 30, dynamic=True, flow=True)
    machine = random_machine(rng, 5)
    done = run_passes(program, machine, recipe("default", seed=seed)).program
    files = per_module(done, machine)
    for shot in range(3):
        World(files, shot).run()


def test_loops_and_jumps_over_modules() -> None:
    """B leaves the loop by a bit that A measures; C runs it for a bit that it needs later."""
    qubits = [Qubit(n, n[0], n[2:6]) for n in MACHINE.qubit_names()]
    b = ProgramBuilder(qubits, [Register("c", 3)], logical=(), inputs=())
    loop, jump, other = b.child(), None, b.child()
    loop.append("ebit", [1, 4])
    loop.append("measure", [1], bits=[0])
    jump = loop.child()
    jump.append("break_loop", [])
    loop.append("if_else", [], condition=bit(0), blocks=[jump])
    loop.append("measure", [3], bits=[1])
    b.append("while_loop", [1, 3, 4], bits=[0, 1], condition=~bit(1), blocks=[loop])
    other.append("measure", [0], bits=[2], condition=bit(1))
    other.append("x", [6])
    b.append("if_else", [0, 6], bits=[2], condition=bit(0), blocks=[other])
    b.append("x", [6], condition=bit(2))
    files = per_module(b.finish(Stage.LOWERED), MACHINE)
    lengths = {len(World(files, shot).run()) for shot in range(30)}
    assert len(lengths) > 3  # it does turn, and stop


def test_only_lowered_programs_are_split() -> None:
    program = random_program(np.random.default_rng(0), 2, 3)
    with pytest.raises(NotSupported, match="LOGICAL"):
        per_module(program, MACHINE)


def test_start_times_and_gates_are_there() -> None:
    qubits = [Qubit(n, n[0], n[2:6]) for n in MACHINE.qubit_names()]
    b = ProgramBuilder(qubits, [], logical=["q"], inputs=[0])
    b.append("rzz", [0, 1], [0.5], start_ns=120)
    files = per_module(b.finish(Stage.SCHEDULED), MACHINE)
    assert "@bellwire.start 120\nrzz(0.5) A_data[0], A_comm[0];\n" in files["A.qasm"]
    assert "gate rzz(t)" in files["A.qasm"]
    layout = json.loads(files["manifest.json"])["layout"]
    assert layout == {"initial": {"q": "A_data[0]"}, "final": {"q": "A_data[0]"}}
