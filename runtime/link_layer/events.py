"""What the link layer answers. Times are simulated, in ns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bellwire.runtime.link_layer.codes import Code

BELL_STATES = ("phi+", "phi-", "psi+", "psi-")  # an error on one half: none, Z, X, Y


class EntanglementId(NamedTuple):
    """Names one pair for ever, the same at both ends."""

    origin: str
    partner: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Ack:
    """A request was taken and will be answered by events with its `create_id`."""

    create_id: int

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request was not taken: nothing happens."""

    code: Code
    detail: str

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Ok:
    """One pair is delivered, known at both ends; `left` more are to come for the request.

    `bell_state` is the Pauli frame: corrections are left to whoever uses the pair. `goodness` is
    the estimated fidelity at `goodness_ns`; what the links were calibrated for, not what they do.
    A kept pair is in `qubits` until it is released or `expires_ns`. A measured one has `outcomes`
    (origin, partner) in `basis`.
    """

    at_ns: int
    create_id: int
    entanglement: EntanglementId
    bell_state: str
    goodness: float
    goodness_ns: int
    left: int
    qubits: tuple[str, str] | None = None
    expires_ns: float = float("inf")
    outcomes: tuple[int, int] | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Expire:
    """A delivered pair is no longer good enough; request `renewed_as` asks for another one."""

    at_ns: int
    create_id: int
    entanglement: EntanglementId
    renewed_as: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A request ends before all its pairs were delivered; `delivered` were."""

    at_ns: int
    create_id: int
    code: Code
    detail: str
    delivered: int = 0


@dataclass(frozen=True, slots=True)
class PhysicalError:
    """The stations of a link could not work together: TIME_MISMATCH (clocks), QUEUE_MISMATCH (one
    end has not heard of the request), NO_CLASSICAL (a herald was lost), LINK_DOWN."""

    at_ns: int
    link: str
    error: str


Event = Ok | Expire | Failure | PhysicalError
