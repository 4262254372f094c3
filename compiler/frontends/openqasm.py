"""Read OpenQASM 3: circuits of anybody, and the programs that bellwire writes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from bellwire.compiler.frontends.qasm3.header import apply_header, read_header
from bellwire.compiler.frontends.qasm3.parse import Source, parse
from bellwire.compiler.frontends.qasm3.reader import Reader
from bellwire.compiler.generation import with_generation
from bellwire.compiler.program import Program, Stage
from bellwire.compiler.sources import with_sources
from bellwire.targets.machine import Machine

if TYPE_CHECKING:
    from lark import Token, Tree

_VERSION = re.compile(r"OPENQASM\s+([0-9]+)")


def read_qasm3(text: str, path: str = "") -> Program:
    """Turn OpenQASM 3 text into a Program; LOGICAL, unless bellwire wrote the text.

    All that Qiskit's importer takes, and more: constants, expressions and functions, conditions
    that are formulas over bits, switch, loops whose variable is used. A gate under a modifier is
    built exactly; a global phase is dropped. `source` is the line of the statement (in a program
    that bellwire wrote, the line of the circuit that it came from). Raises
    ParseError with line and column; NotSupported, with the place in the message, for what is
    decided at run time (def, extern, variables), for unbound inputs, times in dt, pulses.
    """
    return read_program_qasm3(text, path)[0]


def read_program_qasm3(text: str, path: str = "") -> tuple[Program, Machine | None]:
    """Read a Program, and the machine that it is for where bellwire wrote the text."""
    source = Source(path)
    return _read(parse(text, source), source)


def _read(tree: Tree[Token], source: Source) -> tuple[Program, Machine | None]:
    statements = list(tree.children)
    if statements and getattr(statements[0], "type", "") == "VERSION":
        _check_version(statements.pop(0), source)
    header = read_header(tree, source)
    name = header.name or Path(source.path).stem or "program"
    reader = Reader(source, name=name, lowered=header.stage >= Stage.LOWERED)
    reader.run(statements)
    apply_header(header, reader.builder, source)
    for block in reader.blocks:  # made before all qubits were declared
        block.logical, block.inputs = reader.builder.logical, reader.builder.inputs
    program = reader.builder.finish(header.stage, header.outputs)
    program = with_generation(program, header.generation)
    return with_sources(program, header.sources or ()), header.machine


def _check_version(token: Tree[Token] | Token, source: Source) -> None:
    match = _VERSION.match(str(token))
    if match is None or match[1].lstrip("0") != "3":
        raise source.wrong(token, f"found {str(token)[:30]!r}; this reader takes OPENQASM 3.0;")
