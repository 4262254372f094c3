"""Links: interconnects that make Bell pairs, and the switch fabrics that some of them run through.

Times are in nanoseconds, probabilities between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bellwire.targets.fields import (
    LONGEST_NS,
    MOST_QUBITS,
    nanoseconds,
    need,
    positive_ns,
    probability,
    set_fields,
    text,
    whole,
)

BellState = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Link:
    """An interconnect that makes Bell pairs between two modules.

    One attempt takes `attempt_ns` (the herald's way back included) and succeeds with probability
    `success`; `capacity` attempts run in parallel. `herald_ns` passes once per pair, beyond its
    last attempt. `state` holds the Bell-diagonal weights of a truly heralded fresh pair: target,
    Z-, X- and Y-type error; the share `dark` of the heralds is false, and such a pair is white
    noise. A pair older than `cutoff_ns` at its first use is thrown away and made again.
    `message_ns` is the one-way classical latency. Raises MachineError when a value is impossible.
    """

    between: tuple[str, str]
    attempt_ns: float = 10_000.0
    success: float = 1.0
    state: BellState = (1.0, 0.0, 0.0, 0.0)
    capacity: int = 1
    message_ns: float = 500.0
    source: str = "assumption"
    dark: float = 0.0
    herald_ns: float = 0.0
    cutoff_ns: float = float("inf")

    def __post_init__(self) -> None:
        place = f"link {_ends(self.between)}"
        attempt_ns = positive_ns(f"{place}: attempt_ns", self.attempt_ns)
        success = probability(f"{place}: success", self.success)
        wanted = f"above 0, and a pair has to take {LONGEST_NS:g} ns on average at most"
        possible = success > 0 and attempt_ns / success <= LONGEST_NS
        need(possible, f"{place}: success", success, wanted)
        set_fields(
            self,
            between=tuple(self.between),
            attempt_ns=attempt_ns,
            success=success,
            state=_weights(f"{place}: state", self.state),
            capacity=whole(f"{place}: capacity", self.capacity, 1, MOST_QUBITS),
            message_ns=nanoseconds(f"{place}: message_ns", self.message_ns),
            dark=probability(f"{place}: dark", self.dark),
            herald_ns=nanoseconds(f"{place}: herald_ns", self.herald_ns),
            cutoff_ns=positive_ns(f"{place}: cutoff_ns", self.cutoff_ns, infinite=True),
            source=text(f"{place}: source", self.source),
        )

    @property
    def delivered(self) -> BellState:
        """The Bell-diagonal weights of a heralded pair, false heralds included."""
        target, z, x, y = (weight + self.dark * (1 / 4 - weight) for weight in self.state)
        return target, z, x, y

    @property
    def fidelity(self) -> float:
        """The fidelity of a heralded pair with the wanted Bell state."""
        return self.delivered[0]

    @property
    def mean_ns(self) -> float:
        """The expected time of the attempts for one pair, in ns."""
        return self.attempt_ns / self.success

    @property
    def wait_ns(self) -> float:
        """The expected time until one pair can be used, in ns."""
        return self.mean_ns + self.herald_ns


@dataclass(frozen=True, slots=True)
class Fabric:
    """A switch that the links among `modules` run through.

    Each module has one fibre to it, so it is in one connection at a time, and `ports` // 2
    connections exist at a time. To connect two modules that are not takes `reconfigure_ns`. Raises
    MachineError when a value is impossible.
    """

    name: str
    modules: tuple[str, ...]
    ports: int
    reconfigure_ns: float = 0.0
    source: str = "assumption"

    def __post_init__(self) -> None:
        place = f"fabric {text('fabric.name', self.name)}"
        names = self.modules
        listed = isinstance(names, Sequence) and not isinstance(names, str)
        wanted = "the names of at least two different modules"
        need(listed and all(isinstance(n, str) for n in names), f"{place}: modules", names, wanted)
        need(len(set(names)) == len(names) >= 2, f"{place}: modules", names, wanted)
        ports = whole(f"{place}: ports", self.ports, 2, MOST_QUBITS)
        need(ports % 2 == 0, f"{place}: ports", ports, "even: each connection takes two")
        set_fields(
            self,
            modules=tuple(names),
            ports=ports,
            reconfigure_ns=nanoseconds(f"{place}: reconfigure_ns", self.reconfigure_ns),
            source=text(f"{place}: source", self.source),
        )


def _ends(between: object) -> str:
    listed = isinstance(between, Sequence) and not isinstance(between, str) and len(between) == 2
    names: tuple[object, ...] = tuple(between) if listed else ()  # type: ignore[arg-type]
    two = listed and all(isinstance(end, str) for end in names) and names[0] != names[1]
    need(two, "link: between", between, "the names of two different modules")
    return "{}-{}".format(*names)


def _weights(place: str, state: object) -> tuple[float, ...]:
    listed = isinstance(state, Sequence) and not isinstance(state, str) and len(state) == 4
    wanted = "four weights (target, Z-, X-, Y-type error) that add up to 1"
    need(listed, place, state, wanted)
    weights = tuple(probability(place, weight) for weight in state)  # type: ignore[attr-defined]
    need(abs(sum(weights) - 1) < 1e-6, place, state, wanted)
    return weights
