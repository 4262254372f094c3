"""Write a lowered Program as one OpenQASM 3 file per module, and a manifest that joins them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.conditions import to_text as condition_text
from bellwire.compiler.emitters.openqasm_names import DEFINITIONS, make_names
from bellwire.compiler.emitters.openqasm_rows import Rows
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program, Stage
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

VERSION = 1
EXTERNS = (
    "extern request_pair(uint[32], uint[32]);  // pair, communication qubit that gets its half",
    "extern send(uint[32], bit);               // message, its value",
    "extern recv(uint[32]) -> bit;             // message: waits for its value",
)

Modules = frozenset[str]


def per_module(program: Program, machine: Machine) -> dict[str, str]:
    """Write a LOWERED or SCHEDULED Program as {file name: text}.

    `A.qasm` holds what module A does, in the Program's order. Half a Bell pair is a reset and
    `request_pair(pair, i)` for communication qubit i; a bit goes to another module by `send` right
    after its measurement, and `recv` before its first use there. `manifest.json` names both ends of
    each pair and message. Pairs and messages inside loops happen once per turn, in order.
    """
    if program.stage < Stage.LOWERED:
        raise NotSupported(f"a {program.stage.name} program is not split; compile it to the end")
    split = _Split(program)
    files = {f"{m.name}.qasm": split.text(m.name, program) for m in machine.modules}
    files["manifest.json"] = json.dumps(split.manifest(program, machine), indent=1) + "\n"
    return files


@dataclass(slots=True)
class _Lines:
    """The file of one module so far. `waiting`: bit -> message that it has still to take."""

    out: list[str] = field(default_factory=list)
    waiting: dict[int, int] = field(default_factory=dict)


class _Split:
    """Walks through the Program once and gives each module its lines."""

    def __init__(self, program: Program) -> None:
        self.names = make_names(program)
        self.rows = Rows(program, self.names)
        self.home = [str(q.module) for q in program.qubits]
        self.comm = _comm_numbers(program)
        self.timed = program.stage is Stage.SCHEDULED
        self.readers = _readers(program, self.home)
        self.files = {m: _Lines() for m in dict.fromkeys(self.home)}
        self.pairs: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.written: dict[str, list[str]] = {}
        self._block(program, "", frozenset(self.files), frozenset())

    def _block(self, block: Program, indent: str, modules: Modules, loop: Modules) -> None:
        """Write a block that these modules run; `loop` are those that run the loop around it."""
        for op in block.ops:
            involved = _involved(op, self.home, self.readers, loop)
            for module in sorted(involved):
                self._take_before(op, module, indent)
                if self.timed and op.start_ns != -1:
                    self.files[module].out.append(f"{indent}@bellwire.start {op.start_ns}")
            if op.row.family is Family.FLOW:
                turning = op.name in ("while_loop", "for_loop")
                self._flow(op, indent, involved, involved if turning else loop)
            elif op.condition is None:
                self._act(op, indent, lazy=True)
            else:
                self._guarded(op, indent, involved)
        for module in sorted(modules):
            self._take(module, tuple(self.files[module].waiting), indent)

    def _take_before(self, op: Op, module: str, indent: str) -> None:
        """Receive what must not be received later: under a condition, or after a newer value."""
        if op.row.family is Family.FLOW:
            self._take(module, tuple(self.files[module].waiting), indent)
        else:
            read = bits_of(op.condition) if op.condition is not None else ()
            self._take(module, (*read, *op.bits), indent)

    def _guarded(self, op: Op, indent: str, involved: Modules) -> None:
        assert op.condition is not None
        for module in sorted(involved):
            self.files[module].out.append(f"{indent}if ({self._test(op)}) {{")
        self._act(op, indent + "  ", lazy=False)
        for module in sorted(involved):
            self.files[module].out.append(indent + "}")

    def _test(self, op: Op) -> str:
        assert op.condition is not None
        return condition_text(op.condition, self.names.bits.__getitem__)

    def _flow(self, op: Op, indent: str, involved: Modules, loop: Modules) -> None:
        if not op.blocks:
            for module in sorted(involved):
                word = op.name.removesuffix("_loop")
                self.files[module].out.append(f"{indent}{word};")
            return
        heads = {
            "if_else": "if ({test})",
            "while_loop": "while ({test})",
            "for_loop": "for int {turn} in [0:{last}]",
        }
        head = heads[op.name].format(
            test=self._test(op) if op.condition is not None else "",
            turn=self.names.turn,
            last=int(op.angles[0]) - 1 if op.angles else 0,
        )
        for i, block in enumerate(op.blocks):
            for module in sorted(involved):
                self.files[module].out.append(indent + ("} else {" if i else f"{head} {{"))
            self._block(block, indent + "  ", involved, loop)
        for module in sorted(involved):
            self.files[module].out.append(indent + "}")

    def _act(self, op: Op, indent: str, *, lazy: bool) -> None:
        """Add an operation to the files of the modules that it acts in."""
        if op.name == "ebit":
            self._pair(op, indent)
            return
        for module in dict.fromkeys(self.home[q] for q in op.qubits):
            part = op
            if op.name == "barrier":
                here = tuple(q for q in op.qubits if self.home[q] == module)
                part = Op("barrier", here)
            self.files[module].out += [indent + line for line in self.rows.plain(part)]
        for written in op.bits:
            self._send(self.home[op.qubits[0]], written, indent, lazy)

    def _pair(self, op: Op, indent: str) -> None:
        number, ends = len(self.pairs), []
        for qubit in op.qubits:
            module, name = self.home[qubit], self.names.qubits[qubit]
            self.files[module].out += [
                f"{indent}reset {name};",
                f"{indent}request_pair({number}, {self.comm[qubit]});",
            ]
            ends.append({"module": module, "qubit": name})
        self.pairs.append({"id": number, "link": [e["module"] for e in ends], "ends": ends})

    def _send(self, module: str, written: int, indent: str, lazy: bool) -> None:
        """Send a fresh bit to all that ever read it; they take it before they need it."""
        name = self.names.bits[written]
        if module not in self.written.setdefault(name, []):
            self.written[name].append(module)
        for other in sorted(self.readers.get(written, frozenset()) - {module}):
            number = len(self.messages)
            self.messages.append({"id": number, "bit": name, "from": module, "to": other})
            self.files[module].out.append(f"{indent}send({number}, {name});")
            self._take(other, (written,), indent)  # an older value is still on its way
            self.files[other].waiting[written] = number
            if not lazy:
                self._take(other, (written,), indent)

    def _take(self, module: str, bits: Sequence[int], indent: str) -> None:
        file = self.files[module]
        for b in bits:
            if b in file.waiting:
                file.out.append(f"{indent}{self.names.bits[b]} = recv({file.waiting.pop(b)});")

    def text(self, module: str, program: Program) -> str:
        """The whole file of one module."""
        lines = ["OPENQASM 3.0;", f"@bellwire.module {module}", 'include "stdgates.inc";', *EXTERNS]
        lines += [text for gate, text in DEFINITIONS.items() if program.count(gate)]
        lines += [g.declaration for g in self.names.groups if g.first.module == module]
        lines += self.names.declarations
        lines += self.files[module].out if module in self.files else []
        return "\n".join(lines) + "\n"

    def manifest(self, program: Program, machine: Machine) -> dict[str, Any]:
        """Both ends of each pair and message; where each input qubit starts and ends."""
        from bellwire.targets.load import machine_to_dict

        names = self.names.qubits
        modules = [
            {
                "name": m.name,
                "file": f"{m.name}.qasm",
                "qubits": [n for n, home in zip(names, self.home) if home == m.name],
            }
            for m in machine.modules
        ]
        return {
            "version": VERSION,
            "name": program.name,
            "stage": program.stage.name,
            "modules": modules,
            "generation": program.generation.said(),
            "pairs": self.pairs,
            "messages": self.messages,
            "bits": {n: self.written.get(n, []) for n in self.names.bits},
            "layout": {
                "initial": {n: names[i] for n, i in zip(program.logical, program.inputs)},
                "final": {n: names[i] for n, i in zip(program.logical, program.outputs)},
            },
            "machine": machine_to_dict(machine),
        }


def _comm_numbers(program: Program) -> dict[int, int]:
    """Communication qubit -> its number among those of its module."""
    found: dict[int, int] = {}
    count: dict[str, int] = {}
    for i, qubit in enumerate(program.qubits):
        if qubit.role == "comm":
            found[i] = count.get(str(qubit.module), 0)
            count[str(qubit.module)] = found[i] + 1
    return found


def _readers(program: Program, home: Sequence[str]) -> dict[int, Modules]:
    """The modules that must know each bit: those that act under a condition on it.

    Whoever needs a bit that is written inside a block must run that block, and so must know the
    block's condition as well: grow until nothing changes.
    """
    readers: dict[int, Modules] = {}
    while True:
        before = dict(readers)
        for op, involved in _conditioned(program, home, readers, frozenset()):
            assert op.condition is not None
            for b in bits_of(op.condition):
                readers[b] = readers.get(b, frozenset()) | involved
        if readers == before:
            return readers


def _conditioned(
    block: Program, home: Sequence[str], readers: dict[int, Modules], loop: Modules
) -> Iterator[tuple[Op, Modules]]:
    """All operations under a condition, nested ones too, and the modules that they involve."""
    for op in block.ops:
        if op.condition is None and not op.blocks:
            continue
        involved = _involved(op, home, readers, loop)
        if op.condition is not None:
            yield op, involved
        inside = involved if op.name in ("while_loop", "for_loop") else loop
        for inner in op.blocks:
            yield from _conditioned(inner, home, readers, inside)


def _involved(op: Op, home: Sequence[str], readers: dict[int, Modules], loop: Modules) -> Modules:
    """The modules whose files an operation stands in; a jump is in all files of its loop."""
    found = set(loop) if op.name in ("break_loop", "continue_loop") else set()
    found.update(home[q] for q in op.qubits)
    inside = frozenset() if op.name in ("while_loop", "for_loop") else loop
    for block in op.blocks:
        for inner in block.ops:
            found |= _involved(inner, home, readers, inside)
    if op.blocks or op.condition is not None:
        for b in op.bits:
            found |= readers.get(b, frozenset())
    return frozenset(found)
