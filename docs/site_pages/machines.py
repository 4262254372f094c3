"""The machines that come along, from their files."""

from __future__ import annotations

from itertools import takewhile

from bellwire.pictures.times import time_text
from bellwire.targets.load import load_machine
from bellwire.targets.machine import Machine
from bellwire.targets.presets import preset_names, preset_text
from site_pages.markdown import code, table

HEAD = """# Machines that come along

Modelled on experiments and proposals; none is a reproduction. `bellwire machines show NAME`
prints where every number came from. The wait is the mean of one link with all its attempts in
parallel, the fidelity that of a heralded pair with false heralds counted in.
"""
COLUMNS = ("name", "modules", "data qubits", "communication qubits", "wait for a pair", "fidelity")


def page() -> str:
    """The page as Markdown."""
    names = preset_names()
    rows = (row(name, load_machine(name)) for name in names)
    about = (f"## {name}\n\n{remark(name)}\n" for name in names)
    return "\n".join([HEAD, table(COLUMNS, rows), *about])


def row(name: str, machine: Machine) -> tuple[object, ...]:
    """What the table says of one machine."""
    comm = sum(module.comm_qubits for module in machine.modules)
    waits = sorted({time_text(link.wait_ns / link.capacity) for link in machine.links})
    good = sorted({f"{link.fidelity:.4g}" for link in machine.links})
    sizes = (len(machine.modules), machine.data_qubits, comm)
    return (f"[{name}](#{name})", *sizes, _span(waits), _span(good))


def remark(name: str) -> str:
    """What the file says of itself, in its first lines."""
    head = takewhile(lambda line: line.startswith("#"), preset_text(name).splitlines())
    said = " ".join(line.removeprefix("#").strip() for line in head)
    return f"{said}\n\n    bellwire machines show {name}"


def _span(values: list[str]) -> str:
    return code(values[0]) if len(values) == 1 else f"{len(values)} kinds"
