"""A machine for people: text for the terminal, HTML with a drawing for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from bellwire.targets.machine import Fabric, GateQuality, Link, Machine, Module

Row = tuple[str, ...]

_MODULE_HEAD = (
    "module",
    "role",
    "data",
    "comm",
    "coupling",
    "1q gate",
    "2q gate",
    "readout",
)
_COHERENCE_HEAD = ("coherence", "T1", "T2", "comm T1", "comm T2", "Z per attempt")
_LINK_HEAD = (
    "link",
    "attempt",
    "success",
    "herald",
    "pair after",
    "capacity",
    "false heralds",
    "fidelity",
    "cut-off",
    "message",
)
_FABRIC_HEAD = ("fabric", "modules", "ports", "reconfiguration")
_UNITS = ((1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns"))
_MOST_NAMES = 6


def machine_text(machine: Machine) -> str:
    """Describe a machine in plain text: modules, links, fabrics, where the numbers came from.

    Equal modules and equal links share a line.
    """
    parts = [_summary(machine), *(_text_table(*table) for table in _tables(machine))]
    remarks = [f"{key}: {value}" for key, value in machine.calibration.items()]
    return "\n\n".join([*parts, "\n".join([*remarks, *_source_lines(machine)])]) + "\n"


def machine_html(machine: Machine) -> str:
    """Describe a machine as one HTML element with a drawing of the network (inline SVG)."""
    tables = "".join(_html_table(*table) for table in _tables(machine))
    drawing = machine.draw().svg
    return (
        f'<div class="bellwire-machine"><p>{escape(_summary(machine))}</p>'
        f'<div style="display:flex;flex-wrap:wrap;gap:1em;align-items:center">{drawing}'
        f"<div>{tables}</div></div></div>"
    )


def _summary(machine: Machine) -> str:
    comm = sum(m.comm_qubits for m in machine.modules)
    counts = (
        _count(len(machine.modules), "module"),
        _count(len(machine.links), "link"),
        _count(machine.data_qubits, "data qubit"),
        _count(comm, "communication qubit"),
    )
    return f"{machine.name}: {', '.join(counts)}"


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"


def _tables(machine: Machine) -> list[tuple[Row, list[Row]]]:
    """The head and the rows of each table."""
    links = (("-".join(link.between), _link_row(link)) for link in machine.links)
    tables: list[tuple[Row, list[Row]]] = [
        (_MODULE_HEAD, _shared((m.name, _module_row(m)) for m in machine.modules)),
        (_COHERENCE_HEAD, _shared((m.name, _coherence_row(m)) for m in machine.modules)),
        (_LINK_HEAD, _shared(links)),
        (_FABRIC_HEAD, [_fabric_row(fabric) for fabric in machine.fabrics]),
    ]
    return [(head, rows) for head, rows in tables if rows]


def _module_row(m: Module) -> Row:
    coupling = m.coupling if isinstance(m.coupling, str) else _count(len(m.coupling), "pair")
    qualities = (_quality(q) for q in (m.gate_1q, m.gate_2q, m.readout))
    counts = (str(m.data_qubits), str(m.comm_qubits))
    return (m.role, *counts, coupling, *qualities)


def _coherence_row(m: Module) -> Row:
    times = map(_time, (*m.coherence_ns("data"), *m.coherence_ns("comm")))
    return (*times, f"{m.attempt_dephasing:.3g}")


def _link_row(link: Link) -> Row:
    return (
        _time(link.attempt_ns),
        f"{link.success:.4g}",
        _time(link.herald_ns),
        _time(link.wait_ns / link.capacity),
        str(link.capacity),
        f"{link.dark:.4g}",
        f"{link.fidelity:.4g}",
        _time(link.cutoff_ns),
        _time(link.message_ns),
    )


def _fabric_row(fabric: Fabric) -> Row:
    ports, switch_ns = str(fabric.ports), _time(fabric.reconfigure_ns)
    return fabric.name, _names(fabric.modules), ports, switch_ns


def _shared(named: Iterable[tuple[str, Row]]) -> list[Row]:
    """Write all names with the same row in front of it."""
    names: dict[Row, list[str]] = {}
    for name, row in named:
        names.setdefault(row, []).append(name)
    return [(_names(of_row), *row) for row, of_row in names.items()]


def _names(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return " ".join(names)
    return f"{' '.join(names[:2])} ... {names[-1]} ({len(names)})"


def _quality(quality: GateQuality) -> str:
    return f"{quality.fidelity:.6g} in {_time(quality.ns)}"


def _time(ns: float) -> str:
    """In the largest unit that leaves a number of 1 or more."""
    if ns == float("inf"):
        return "inf"
    size, unit = next((u for u in _UNITS if ns >= u[0]), _UNITS[-1])
    return f"{ns / size:.4g} {unit}"


def _source_lines(machine: Machine) -> list[str]:
    """Where the numbers came from; the same sources are written once."""
    parts = [(m.name, m.source) for m in machine.modules]
    parts += [("-".join(link.between), link.source) for link in machine.links]
    parts += [(fabric.name, fabric.source) for fabric in machine.fabrics]
    names: dict[str, list[str]] = {}
    for name, source in parts:
        names.setdefault(source, []).append(name)
    lines = []
    for source, of_source in names.items():
        one, *more = source.splitlines() or ["not given"]
        head = f"sources of {_names(of_source)}:"
        lines += [head, f"  {one}", *(f"  {line}" for line in more)] if more else [f"{head} {one}"]
    return lines


def _text_table(head: Row, rows: Sequence[Row]) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in (head, *rows))
    return "\n".join(lines)


def _html_table(head: Row, rows: Sequence[Row]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
