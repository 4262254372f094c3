"""bellwire: a compiler and runtime for modular quantum computers.

>>> import bellwire
>>> machine = bellwire.make_machine("ring", 4, data_qubits=2, comm_qubits=2)
>>> machine.data_qubits
8
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bellwire.api import Compiled, compile, run, run_with_faults
    from bellwire.compiler.builder import ProgramBuilder
    from bellwire.compiler.equivalence import Proof, prove
    from bellwire.compiler.frontends.read import read, read_file
    from bellwire.compiler.program import Program, Stage
    from bellwire.compiler.verify import verify
    from bellwire.passes.recipes import recipe
    from bellwire.pictures import draw
    from bellwire.runtime.execute import prepare
    from bellwire.runtime.link_layer.service import LinkLayer
    from bellwire.runtime.result import Result
    from bellwire.sweeps.run import sweep
    from bellwire.targets.load import load_machine
    from bellwire.targets.machine import GateQuality, Link, Machine, Module
    from bellwire.targets.shapes import make_machine

# Where each public name lives. They are imported when first used, so `import bellwire` is quick.
_HOMES = {
    "Compiled": "api",
    "GateQuality": "targets.machine",
    "Link": "targets.machine",
    "LinkLayer": "runtime.link_layer.service",
    "Machine": "targets.machine",
    "Module": "targets.machine",
    "Program": "compiler.program",
    "ProgramBuilder": "compiler.builder",
    "Proof": "compiler.equivalence",
    "Result": "runtime.result",
    "Stage": "compiler.program",
    "compile": "api",
    "draw": "pictures",
    "load_machine": "targets.load",
    "make_machine": "targets.shapes",
    "prepare": "runtime.execute",
    "prove": "compiler.equivalence",
    "read": "compiler.frontends.read",
    "read_file": "compiler.frontends.read",
    "recipe": "passes.recipes",
    "run": "api",
    "run_with_faults": "api",
    "sweep": "sweeps.run",
    "verify": "compiler.verify",
}

_MODULES = ("backends", "cirq", "primitives")  # of the front door, imported when first used

__all__ = [
    "Compiled",
    "GateQuality",
    "Link",
    "LinkLayer",
    "Machine",
    "Module",
    "Program",
    "ProgramBuilder",
    "Proof",
    "Result",
    "Stage",
    "compile",
    "draw",
    "load_machine",
    "make_machine",
    "prepare",
    "prove",
    "read",
    "read_file",
    "recipe",
    "run",
    "run_with_faults",
    "sweep",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"bellwire.{_HOMES[name]}"), name)
    if name in _MODULES:
        return import_module(f"bellwire.{name}")
    if name == "__version__":
        from importlib.metadata import version

        return version("bellwire")
    raise AttributeError(f"module 'bellwire' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES, "__version__"])
