"""A quick model of the copies that are open while a plan is carried out, and of their room."""

from __future__ import annotations

from dataclasses import dataclass, field

from bellwire.compiler.plan import Plan
from bellwire.targets.machine import Machine


@dataclass(frozen=True, slots=True)
class Copy:
    """What a session needs: a copy of a qubit's segment in a module."""

    qubit: int
    segment: int
    module: int


@dataclass
class Session:
    """The gates that one copy serves, in the order of the program: `left` of them are not yet
    written, `ready` of those could be; `waiting`: all that ever were ready."""

    copy: Copy
    gates: list[int] = field(default_factory=list)
    left: int = 0
    ready: int = 0
    passed: int = 0
    is_open: bool = False
    waiting: list[int] = field(default_factory=list)

    def rank(self) -> tuple[int, int, int]:
        """Low: it can be finished soon; then: it serves many gates now; then: it is early."""
        return self.left - self.ready, -self.ready, self.gates[0]


class Scene:
    """Which copies are open. A module has room for as many as it has communication qubits and data
    qubits to spare, as a copy that is not used at the moment may wait on one of those."""

    def __init__(self, machine: Machine, plan: Plan) -> None:
        self.home: list[int] = plan.start.tolist()
        self.comm = [m.comm_qubits for m in machine.modules]
        self.spare = [m.data_qubits for m in machine.modules]
        for module in self.home:
            self.spare[module] -= 1
        self.open: list[dict[Copy, Session]] = [{} for _ in machine.modules]
        self.copies: list[dict[int, Session]] = [{} for _ in self.home]  # per qubit, by module

    def missing(self, module: int) -> int:
        """How many copies must give way for one half of a Bell pair."""
        return max(0, len(self.open[module]) + 1 - self.comm[module] - max(0, self.spare[module]))

    def source(self, copy: Copy) -> int:
        """The module with the most room from which a copy could be made."""
        holders = [self.home[copy.qubit], *self.copies[copy.qubit]]
        return min(holders, key=self.missing)

    def shortage(self, copy: Copy) -> int:
        """How many copies must give way for a new one."""
        return self.missing(copy.module) + self.missing(self.source(copy))

    def add(self, session: Session) -> None:
        """Open its copy."""
        copy = session.copy
        self.open[copy.module][copy] = self.copies[copy.qubit][copy.module] = session
        session.is_open = True

    def remove(self, session: Session) -> None:
        """Give its copy back."""
        copy = session.copy
        del self.open[copy.module][copy], self.copies[copy.qubit][copy.module]
        session.is_open = False

    def settle(self, qubit: int, module: int) -> None:
        """Move a state."""
        self.spare[self.home[qubit]] += 1
        self.spare[module] -= 1
        self.home[qubit] = module
