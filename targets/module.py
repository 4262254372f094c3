"""Modules: small processors, how good their operations are, how long their qubits last.

Times are in nanoseconds, probabilities between 0 and 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bellwire.errors import MachineError
from bellwire.targets.coupling import Pairs, checked_coupling, coupled_pairs
from bellwire.targets.fields import (
    MOST_QUBITS,
    nanoseconds,
    need,
    number,
    positive_ns,
    probability,
    set_fields,
    shown,
    text,
    whole,
)

Role = Literal["compute", "memory", "repeater"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_ROLES = ("compute", "memory", "repeater")
_LEAST_FIDELITY = {"gate_1q": 1 / 3, "gate_2q": 1 / 5, "readout": 0.0}


@dataclass(frozen=True, slots=True)
class GateQuality:
    """How long an operation takes, and its average gate fidelity (readout: assignment fidelity)."""

    ns: float
    fidelity: float = 1.0

    def __post_init__(self) -> None:
        set_fields(
            self, ns=nanoseconds("ns", self.ns), fidelity=probability("fidelity", self.fidelity)
        )


@dataclass(frozen=True)
class Module:
    """One small processor.

    Its physical qubits are numbered data first, then communication: qubit `data_qubits + i` is
    communication qubit i. `coupling` is "all", "line", "grid RxC" (of the data qubits), or pairs
    of such numbers. On a line the communication qubits sit at the two ends in turn; on a grid each
    hangs on one data qubit of the rim. A `repeater` has communication qubits alone; a `memory`
    stores and moves states, and gates between two of its data qubits are allowed as in `compute`.
    `t1_ns`, `t2_ns`: infinite when not given; `comm_t1_ns`, `comm_t2_ns`: those of communication
    qubits, None when they are as the data qubits. `attempt_dephasing` is the chance of a Z error on
    each data qubit that holds a state, for each attempt of a link of the module. Raises
    MachineError when the values contradict each other; no gate may be worse than full
    depolarisation.
    """

    name: str
    data_qubits: int
    comm_qubits: int = 1
    coupling: str | Pairs = "all"
    role: Role = "compute"
    gate_1q: GateQuality = GateQuality(30.0)
    gate_2q: GateQuality = GateQuality(60.0)
    readout: GateQuality = GateQuality(500.0)
    t1_ns: float = float("inf")
    t2_ns: float = float("inf")
    source: str = "assumption"
    comm_t1_ns: float | None = None
    comm_t2_ns: float | None = None
    attempt_dephasing: float = 0.0

    def __post_init__(self) -> None:
        named = isinstance(self.name, str) and _NAME.match(self.name) is not None
        need(named, "module.name", self.name, "a letter, then letters, digits, _")
        place = f"module {self.name}"
        data = whole(f"{place}: data_qubits", self.data_qubits, 0, MOST_QUBITS)
        comm = whole(f"{place}: comm_qubits", self.comm_qubits, 0, MOST_QUBITS)
        need(data + comm > 0, f"{place}: comm_qubits", comm, "1 or more when data_qubits is 0")
        need(self.role in _ROLES, f"{place}: role", self.role, " or ".join(_ROLES))
        fits = (self.role == "repeater") == (data == 0)
        need(fits, f"{place}: role", self.role, "repeater exactly when data_qubits is 0")
        set_fields(
            self, data_qubits=data, comm_qubits=comm, source=text(f"{place}: source", self.source)
        )
        coupling = checked_coupling(f"{place}: coupling", self.coupling, data, comm)
        set_fields(self, coupling=coupling)
        self._check_qualities(place)
        self._check_coherence(place)

    def _check_qualities(self, place: str) -> None:
        for name, least in _LEAST_FIDELITY.items():
            quality = getattr(self, name)
            at = f"{place}: {name}"
            if not isinstance(quality, GateQuality):
                raise MachineError(
                    f"{at}: found {shown(quality)}; it must be a GateQuality(ns, fidelity)"
                )
            found, wanted = quality.fidelity, f"{least:.3f} (full depolarisation) or more"
            need(found >= least, f"{at}.fidelity", found, wanted)

    def _check_coherence(self, place: str) -> None:
        for name in ("t1_ns", "t2_ns", "comm_t1_ns", "comm_t2_ns"):
            ns = getattr(self, name)
            if ns is not None or not name.startswith("comm"):
                set_fields(self, **{name: positive_ns(f"{place}: {name}", ns, infinite=True)})
        for role, kind in (("data", ""), ("comm", "comm_")):
            t1_ns, t2_ns = self.coherence_ns(role)
            wanted = f"at most 2 * {kind}t1_ns = {2 * t1_ns:g}"
            need(t2_ns <= 2 * t1_ns, f"{place}: {kind}t2_ns", t2_ns, wanted)
        chance = number(f"{place}: attempt_dephasing", self.attempt_dephasing, 0, 0.5)
        set_fields(self, attempt_dephasing=chance)

    def coherence_ns(self, role: str) -> tuple[float, float]:
        """T1 and T2 of its qubits of a role, "data" or "comm"."""
        if role != "comm":
            return self.t1_ns, self.t2_ns
        t1_ns = self.t1_ns if self.comm_t1_ns is None else self.comm_t1_ns
        return t1_ns, self.t2_ns if self.comm_t2_ns is None else self.comm_t2_ns

    @property
    def size(self) -> int:
        """How many physical qubits it has."""
        return self.data_qubits + self.comm_qubits

    @cached_property
    def edges(self) -> Pairs | None:
        """Coupled pairs (low, high) of physical qubits; None when every pair is coupled."""
        return coupled_pairs(self.coupling, self.data_qubits, self.comm_qubits)
