"""Machines -> plain tables, built like the TOML file."""

from __future__ import annotations

from typing import Any

from bellwire.targets.machine import Fabric, GateQuality, Link, Machine, Module

Table = dict[str, Any]


def machine_to_dict(machine: Machine) -> Table:
    """Give a machine as dictionaries, lists, strings and numbers, built like the TOML file.

    Infinite times are left out, or written as "inf" where that is not the default, so that the
    result is valid JSON.
    """
    out: Table = {"name": machine.name}
    if machine.calibration:
        out["calibration"] = dict(machine.calibration)
    out["module"] = [_module_table(m) for m in machine.modules]
    out["link"] = [_link_table(link) for link in machine.links]
    if machine.fabrics:
        out["fabric"] = [_fabric_table(fabric) for fabric in machine.fabrics]
    return out


def _module_table(module: Module) -> Table:
    out: Table = {
        "name": module.name,
        "data_qubits": module.data_qubits,
        "comm_qubits": module.comm_qubits,
        "coupling": module.coupling,
        "role": module.role,
        "gates": {"1q": _quality_table(module.gate_1q), "2q": _quality_table(module.gate_2q)},
        "readout": _quality_table(module.readout),
    }
    if not isinstance(module.coupling, str):
        out["coupling"] = [list(pair) for pair in module.coupling]
    for key, ns in (("t1_ns", module.t1_ns), ("t2_ns", module.t2_ns)):
        if ns != float("inf"):
            out[key] = _short(ns)
    for key, comm_ns in (("comm_t1_ns", module.comm_t1_ns), ("comm_t2_ns", module.comm_t2_ns)):
        if comm_ns is not None:
            out[key] = "inf" if comm_ns == float("inf") else _short(comm_ns)
    out["attempt_dephasing"] = _short(module.attempt_dephasing)
    return out | {"source": module.source}


def _quality_table(quality: GateQuality) -> Table:
    return {"ns": _short(quality.ns), "fidelity": _short(quality.fidelity)}


def _link_table(link: Link) -> Table:
    cutoff = {} if link.cutoff_ns == float("inf") else {"cutoff_ns": _short(link.cutoff_ns)}
    return {
        "between": list(link.between),
        "attempt_ns": _short(link.attempt_ns),
        "success": _short(link.success),
        "state": [_short(weight) for weight in link.state],
        "capacity": link.capacity,
        "message_ns": _short(link.message_ns),
        "dark": _short(link.dark),
        "herald_ns": _short(link.herald_ns),
        **cutoff,
        "source": link.source,
    }


def _fabric_table(fabric: Fabric) -> Table:
    return {
        "name": fabric.name,
        "modules": list(fabric.modules),
        "ports": fabric.ports,
        "reconfigure_ns": _short(fabric.reconfigure_ns),
        "source": fabric.source,
    }


def _short(number: float) -> float | int:
    """The same number, without a decimal point where it needs none."""
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
