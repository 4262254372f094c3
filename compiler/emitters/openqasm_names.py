"""Names of qubits and bits as they stand in an OpenQASM 3 file, and what declares them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bellwire.compiler.frontends.qasm3.numbers import CONSTANTS
from bellwire.compiler.frontends.qasm3.standard import ARITY
from bellwire.compiler.frontends.qasm3.words import KEYWORDS
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.sources import pack_sources
from bellwire.targets.machine import Machine

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_INDEXED = re.compile(r"(.+)\[(0|[1-9][0-9]*)\]\Z")
RESERVED = frozenset((*KEYWORDS, *CONSTANTS, *ARITY, "bell_pair", "send", "recv", "request_pair"))

# Rows that stdgates.inc has not, written out exactly.
DEFINITIONS = {
    "sxdg": "gate sxdg a { inv @ sx a; }",
    "rzz": "gate rzz(t) a, b { cx a, b; rz(t) b; cx a, b; }",
    "iswap": "gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }",
}
BELL_PAIR = "gate bell_pair a, b { h a; cx a, b; }"


@dataclass(frozen=True, slots=True)
class Group:
    """Qubits that are declared together; `size` None is one qubit without an index."""

    name: str
    size: int | None
    first: Qubit

    @property
    def declaration(self) -> str:
        """The statement that declares them."""
        return f"qubit {self.name};" if self.size is None else f"qubit[{self.size}] {self.name};"

    def members(self) -> list[str]:
        """Their names in the file."""
        if self.size is None:
            return [self.name]
        return [f"{self.name}[{i}]" for i in range(self.size)]


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a file. `turn` is free, for loops; `renamed`: what has another name here."""

    groups: tuple[Group, ...]
    registers: tuple[Register, ...]
    qubits: list[str]
    bits: list[str]
    turn: str
    renamed: dict[str, Any]

    @property
    def declarations(self) -> list[str]:
        """The statements that declare all classical bits."""
        return [
            f"bit {r.name};" if r.size is None else f"bit[{r.size}] {r.name};"
            for r in self.registers
        ]


def make_names(program: Program) -> Names:
    """Name everything as the Program does, wherever OpenQASM 3 allows the name."""
    taken = set(RESERVED)
    renamed: dict[str, Any] = {}
    groups = _groups(program.qubits, taken)
    if groups is None:
        groups = [Group(_free("q", taken), len(program.qubits), program.qubits[0])]
        renamed["qubits"] = [q.name for q in program.qubits]
    registers = []
    for register in program.registers:
        name = _free(register.name, taken)
        if name != register.name:
            renamed.setdefault("bits", {})[name] = register.name
        if register.size is None and program.stage >= Stage.LOWERED:
            renamed.setdefault("loose", []).append(name)
        registers.append(Register(name, 1 if name in renamed.get("loose", ()) else register.size))
    return Names(
        tuple(groups),
        tuple(registers),
        [n for g in groups for n in g.members()],
        [n for r in registers for n in r.bit_names()],
        _free("turn", taken),
        renamed,
    )


def _groups(qubits: Sequence[Qubit], taken: set[str]) -> list[Group] | None:
    """Join q[0], q[1], ... of one module; None where a name cannot stand in the file."""
    groups: list[Group] = []
    for qubit in qubits:
        match = _INDEXED.match(qubit.name)
        base, place = (match[1], int(match[2])) if match else (qubit.name, 0)
        last = groups[-1] if groups else None
        if match and place and last and (last.name, last.size) == (base, place):
            same = (last.first.module, last.first.role) == (qubit.module, qubit.role)
            if not same:
                return None
            groups[-1] = Group(base, place + 1, last.first)
            continue
        if place or base in taken or not _PLAIN.match(base):
            return None
        taken.add(base)
        groups.append(Group(base, 1 if match else None, qubit))
    return groups


def _free(name: str, taken: set[str]) -> str:
    """A name like this one that is allowed and not yet taken."""
    name = name if _PLAIN.match(name) else "r_" + re.sub(r"[^A-Za-z0-9_]", "_", name)
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def header(program: Program, machine: Machine | None, names: Names) -> dict[str, Any]:
    """What the statements cannot say; empty for a plain circuit."""
    out: dict[str, Any] = {}
    if program.stage > Stage.LOGICAL:
        out = {"stage": program.stage.name, "name": program.name}
        out["modules"] = {g.name: [g.first.module, g.first.role] for g in names.groups}
    out |= names.renamed
    plain = tuple(range(len(program.qubits)))
    if program.logical != tuple(q.name for q in program.qubits) or program.inputs != plain:
        out |= {"logical": program.logical, "inputs": program.inputs}
    if program.outputs != program.inputs:
        out["outputs"] = program.outputs
    if machine is not None and program.stage > Stage.LOGICAL:
        from bellwire.targets.load import machine_to_dict

        out["machine"] = machine_to_dict(machine)
    if program.stage > Stage.LOGICAL and (sources := pack_sources(program)):
        out["sources"] = sources
    if said := program.generation.said():
        out["generation"] = said
    return out
