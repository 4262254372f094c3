"""Noise that is added while a circuit is spread: uniform, or that of a machine.

Noise that the circuit has already stays where it is. All channels are Pauli channels of Stim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

Pauli = tuple[float, float, float]  # chances of X, Y, Z
Link2 = tuple[int, int]


_MOST = {"p": 0.75, "p_link": 15 / 16, "bell_infidelity": 0.75, "ghz_error": 0.75}


@dataclass(frozen=True)
class Noise:
    """Uniform noise; every parameter is a chance between 0 and 1, all of them 0 without noise.

    `p`: DEPOLARIZE2(p) after each local two-qubit gate, those of the gadgets included;
    DEPOLARIZE1(p) after each one-qubit gate; a flip of the state (X_ERROR, or Z_ERROR where the
    basis is X or Y) with p after each reset and before each measurement, before and after a
    measurement with reset; products (MPP, MXX, ...) write a wrong record with p; DEPOLARIZE1(p) on
    each qubit that holds a state while others are measured, once per measurement layer (a run of
    measurements and resets of the circuit with nothing but noise between), so once per round on
    data qubits. A Bell pair itself is made without this noise.
    `bell_infidelity`: 1 - F of a Werner pair: DEPOLARIZE1 of that chance on one half of each pair.
    In the `direct` form it is the exact effect of such a pair on an ideal telegate: three
    independent events, X on the target, Z on the control, or both.
    `p_link`, in the `direct` form alone: DEPOLARIZE2(p_link) after each spanning gate in the place
    of DEPOLARIZE2(p); None is p, or nothing where `bell_infidelity` is given.
    `ghz_error`, in the `ghz` form alone: DEPOLARIZE1 of that chance on each qubit of each GHZ
    state, which is made without other noise.
    """

    p: float = 0.0
    p_link: float | None = None
    bell_infidelity: float = 0.0
    ghz_error: float = 0.0

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            value = getattr(self, name)
            if value is not None and not 0 <= value <= most:
                raise NotSupported(f"{name}: found {value:g}; it must be between 0 and {most:g}")


@dataclass(frozen=True)
class Channels:
    """The channels of a circuit over k modules, as Stim writes them; "" is no noise.

    `single`, `double`, `misread` by module; `flip` the chance of state flips around resets and
    measurements; `idle` on qubits that hold a state in a measurement layer; `pair` gives the errors
    of a pair on a link; `way` the modules on the way of links between two; `waiting`, for the pairs
    of a layer, the channel of each module's qubits that wait for them; `ghz` on each GHZ qubit.
    """

    single: tuple[str, ...]
    double: tuple[str, ...]
    crossing: str
    flip: float
    misread: tuple[float, ...]
    idle: str
    pair: Callable[[Link2], Pauli]
    way: Callable[[Link2], tuple[int, ...]] = tuple
    waiting: Callable[[Mapping[Link2, int]], tuple[str, ...]] | None = None
    ghz: str = ""

    @property
    def ages(self) -> bool:
        """Whether it matters which qubits hold a state."""
        return bool(self.idle) or self.waiting is not None


def channels_of(noise: Noise | Machine | None, modules: int) -> Channels:
    """The channels of a uniform noise or of a machine."""
    if isinstance(noise, Machine):
        from bellwire.passes.qec.machine_noise import channels_of_machine

        return channels_of_machine(noise)
    noise = noise or Noise()
    third = noise.bell_infidelity / 3
    p_link = noise.p_link
    if p_link is None:
        p_link = 0.0 if noise.bell_infidelity else noise.p
    one = head("DEPOLARIZE1", noise.p)
    return Channels(
        single=(one,) * modules,
        double=(head("DEPOLARIZE2", noise.p),) * modules,
        crossing=head("DEPOLARIZE2", p_link),
        flip=noise.p,
        misread=(0.0,) * modules,
        idle=one,
        pair=lambda link: (third, third, third),
        ghz=head("DEPOLARIZE1", noise.ghz_error),
    )


def three(weights: Sequence[float]) -> Pauli:
    """The same as a tuple of three."""
    x, y, z = weights
    return x, y, z


def head(name: str, chance: float) -> str:
    """The head of a channel with one chance."""
    return f"{name}({chance!r})" if chance else ""


def pauli(weights: Sequence[float]) -> str:
    """The head of a one-qubit Pauli channel with those chances of X, Y and Z."""
    x, y, z = weights
    if not (x or y or z):
        return ""
    if x == y == z:
        return head("DEPOLARIZE1", 3 * x)
    return f"PAULI_CHANNEL_1({x!r},{y!r},{z!r})"


def independent(weights: Pauli) -> Pauli:
    """The chances of independent X, Y and Z events that make up the same Pauli channel.

    With r_P those chances, 1 - 2 (p_Y + p_Z) = (1 - 2 r_Y)(1 - 2 r_Z), and so on. Raises
    NotSupported for a channel that is no product of such events.
    """
    x, y, z = weights
    by_x, by_y, by_z = 1 - 2 * (y + z), 1 - 2 * (x + z), 1 - 2 * (x + y)
    if min(by_x, by_y, by_z) <= 0:
        raise NotSupported(f"found a pair with errors {weights}; give better pairs")
    rates = (
        (1 - sqrt(by_y * by_z / by_x)) / 2,
        (1 - sqrt(by_x * by_z / by_y)) / 2,
        (1 - sqrt(by_x * by_y / by_z)) / 2,
    )
    if min(rates) < -1e-12:
        raise NotSupported(f"found a pair with errors {weights}; no independent events make it up")
    return three([max(0.0, r) for r in rates])


def either(written: str, wrong: float) -> str:
    """The argument of a measurement whose record is wrong by either of two chances."""
    if not wrong:
        return written
    one = float(written or 0)
    return repr(one + wrong - 2 * one * wrong)


def on_qubits(heads: Iterable[tuple[str, str]]) -> list[str]:
    """Lines of noise: pairs of a head and its targets, equal heads in one line."""
    by_head: dict[str, list[str]] = {}
    for head, targets in heads:
        if head:
            by_head.setdefault(head, []).append(targets)
    return [f"{head} {' '.join(targets)}" for head, targets in by_head.items()]
