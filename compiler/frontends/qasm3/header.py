"""What a file of our own says about itself: stage, places of qubits, machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.frontends.qasm3.parse import Source
from bellwire.compiler.generation import ASAP, Generation, generation_of
from bellwire.compiler.program import Register, Stage
from bellwire.errors import MachineError, ProgramError

if TYPE_CHECKING:
    from lark import Token, Tree

    from bellwire.targets.machine import Machine

NOTE = "@bellwire.program "


@dataclass(frozen=True, slots=True)
class Header:
    """The line `@bellwire.program {...}`.

    `modules`: register -> (module, role); `qubits`: all names, where registers do not give them;
    `bits`: register in the file -> its name; `loose`: bits outside registers, written as registers
    of one (with loose bits, counts on raw Aer are silently wrong); `logical`, `inputs`, `outputs`
    as in a Program; `sources`, `generation`: see compiler/sources.py, generation.py.
    """

    stage: Stage = Stage.LOGICAL
    name: str | None = None
    modules: dict[str, tuple[str, str]] = field(default_factory=dict)
    qubits: list[str] | None = None
    bits: dict[str, str] = field(default_factory=dict)
    loose: list[str] | None = None
    logical: list[str] | None = None
    inputs: list[int] | None = None
    outputs: list[int] | None = None
    sources: list[int] | None = None
    generation: Generation = ASAP
    machine: Machine | None = None
    token: Token | None = None


def read_header(tree: Tree[Token], source: Source) -> Header:
    """Find the header, before the first statement. Raises ParseError when it cannot be read."""
    statement = next((n for n in tree.children if getattr(n, "type", "") != "VERSION"), None)
    if getattr(statement, "data", None) != "annotated":
        return Header()
    for token in statement.children[:-1]:  # type: ignore[union-attr]
        if token.startswith(NOTE):  # type: ignore[union-attr]
            return _header(token, source)  # type: ignore[arg-type]
    return Header()


def _header(token: Token, source: Source) -> Header:
    try:
        data = json.loads(token[len(NOTE) :])
    except (ValueError, RecursionError):
        raise source.wrong(token, "found a header that is not JSON; compile again") from None
    try:
        return _checked(data, token)
    except MachineError as error:
        raise source.wrong(token, f"found a wrong machine in the header: {error}") from None
    except ProgramError as error:
        raise source.wrong(token, f"found a wrong header: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise source.wrong(
            token, f"found a header that makes no sense ({error}); compile again"
        ) from None


def _checked(data: dict[str, Any], token: Token) -> Header:
    from bellwire.targets.load import machine_from_dict

    machine = machine_from_dict(data["machine"]) if "machine" in data else None
    return Header(
        stage=Stage[data.get("stage", "LOGICAL")],
        name=None if data.get("name") is None else str(data["name"]),
        modules={str(k): (str(m), str(r)) for k, (m, r) in data.get("modules", {}).items()},
        bits={str(k): str(v) for k, v in data.get("bits", {}).items()},
        loose=_list(data, "loose", str),
        qubits=_list(data, "qubits", str),
        logical=_list(data, "logical", str),
        inputs=_list(data, "inputs", int),
        outputs=_list(data, "outputs", int),
        sources=_list(data, "sources", int),
        generation=generation_of(data.get("generation", {})),
        machine=machine,
        token=token,
    )


_T = TypeVar("_T")


def _list(data: dict[str, Any], key: str, kind: type[_T]) -> list[_T] | None:
    values = data.get(key)
    if values is None:
        return None
    if not isinstance(values, list) or any(type(v) is not kind for v in values):
        raise TypeError(f"{key} is no list of {kind.__name__}")
    return values


def apply_header(header: Header, builder: ProgramBuilder, source: Source) -> None:
    """Give qubits and registers of a Program their names and places."""
    names = [q.name for q in builder.qubits]
    for i, name in enumerate(names):
        module, role = header.modules.get(name.partition("[")[0], (None, "data"))
        shown = name if header.qubits is None else (header.qubits[i : i + 1] or [name])[0]
        if module is not None or shown != name:
            builder.qubits[i] = replace(builder.qubits[i], name=shown, module=module, role=role)
    for i, register in enumerate(builder.registers):
        name = header.bits.get(register.name, register.name)
        size = None if register.name in (header.loose or ()) else register.size
        builder.registers[i] = Register(name, size)
    names = [q.name for q in builder.qubits]
    builder.logical = tuple(names if header.logical is None else header.logical)
    inputs = range(len(builder.logical)) if header.inputs is None else header.inputs
    builder.inputs = tuple(inputs)
    outputs = builder.inputs if header.outputs is None else header.outputs
    known = all(0 <= q < len(names) for q in (*builder.inputs, *outputs))
    equal = len(builder.logical) == len(builder.inputs) == len(outputs)
    if header.token is not None and not (known and equal):
        raise source.wrong(
            header.token, "found a header that does not fit the qubits of the file; compile again"
        )
