"""Does this Program do what that one does? Four methods; the front picks one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bellwire.compiler.branches import run_branches
from bellwire.compiler.draws import Draw, NoDraw, has_choices, straighten
from bellwire.compiler.flows import compare_flows
from bellwire.compiler.mixture import AMPLITUDES, WORK, Bools, States, TooLarge
from bellwire.compiler.ports import Ports, match_ports
from bellwire.compiler.program import Program
from bellwire.compiler.rotations import same_rotations
from bellwire.compiler.steps import NotClifford

Method = Literal["exact", "flows", "flows and rotations", "flows, random Clifford angles"]
EXACT: Method = "exact"
FLOWS: Method = "flows"
ROTATIONS: Method = "flows and rotations"
RANDOM: Method = "flows, random Clifford angles"

TOLERANCE = 1e-9  # Frobenius norm of the difference of two density matrices
DRAWS = 6
CHOICE_DRAWS = 16  # where conditions are answered by choices, which are many
Pair = tuple[Ports, Ports]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found: `equal`, by which method, from how many random draws (input states, or
    assignments of angles), and in `detail` what differs or what was assumed."""

    equal: bool
    method: Method
    draws: int
    detail: str = ""

    def __bool__(self) -> bool:
        return self.equal


def prove(
    program: Program, reference: Program, *, seed: int = 0, method: Method | None = None
) -> Proof:
    """Decide whether a program, of any stage, does to its logical qubits and to the user's bits
    what the reference does.

    Both are channels: the state of the logical qubits is arbitrary at the start; all other qubits
    start in |0> and are traced out at the end; bits start at 0; the program's register `bellwire`
    is ignored unless the reference has one. Qubits and bits are matched by name.

    - "flows", Clifford programs of any size: a proof, signs included.
    - "exact", small programs: all measurement outcomes on one Haar-random input state. Two
      different channels agree on such a state with probability zero.
    - "flows and rotations", programs of any size whose rotations commute with the measurements and
      resets before them, and are the same but for their order and for angles that add up: a proof
      (rotations.py).
    - "flows, random Clifford angles", the rest: every angle that is no multiple of pi/2 is
      replaced, in both programs alike, by a random multiple, and control flow by fixed choices,
      in 6 draws (16 with choices). It is a strong test, no proof: an error that shows only at some
      angles or on some paths may be missed. A program that adds up angles is not recognised.

    The first that decides is used unless `method` is given. Raises NotSupported when the given
    method cannot decide, or a loop does not end.
    """
    ports = match_ports(program, reference)
    if isinstance(ports, str):
        return Proof(False, method or FLOWS, 0, ports)
    if method == FLOWS:
        return _by_flows(program, reference, ports)
    if method == ROTATIONS:
        return _by_rotations(program, reference, ports)
    if method == EXACT:
        return _by_branches(program, reference, ports, seed)
    if method == RANDOM:
        return _by_draws(program, reference, ports, seed)
    try:
        return _by_flows(program, reference, ports)
    except NotClifford:
        pass
    if _seems_small(program, reference):
        try:
            return _by_branches(program, reference, ports, seed)
        except TooLarge:
            pass
    try:
        return _by_rotations(program, reference, ports)
    except NotClifford:
        return _by_draws(program, reference, ports, seed)


def _by_flows(program: Program, reference: Program, ports: Pair) -> Proof:
    difference = compare_flows(_straight(program), _straight(reference), ports)
    return Proof(difference is None, FLOWS, 0, difference or "")


def _by_rotations(program: Program, reference: Program, ports: Pair) -> Proof:
    if not same_rotations(_straight(program), _straight(reference), ports):
        raise NotClifford("found other rotations or another channel, which may still do the same")
    return Proof(True, ROTATIONS, 0)


def _straight(program: Program) -> Program:
    return straighten(program, NoDraw()) if program.blocks else program


def _by_draws(program: Program, reference: Program, ports: Pair, seed: int) -> Proof:
    choices = has_choices(program) or has_choices(reference)
    assumed = "angles that are no multiples of pi/2 were replaced by random multiples"
    if choices:
        assumed += "; conditions on anything but Paulis, and loops, by fixed random choices"
    draws = CHOICE_DRAWS if choices else DRAWS
    for number in range(draws):
        draw = Draw(seed, number)
        mine, theirs = program, reference
        if choices:
            mine, theirs = straighten(program, draw), straighten(reference, draw)
        difference = compare_flows(mine, theirs, ports, quarters=draw.quarter_turns)
        if difference is not None:
            return Proof(False, RANDOM, number + 1, f"{difference} ({assumed})")
    return Proof(True, RANDOM, draws, assumed)


def _seems_small(program: Program, reference: Program) -> bool:
    """Whether the exact simulation has a chance to stay within its limits."""
    n = len(reference.logical)
    operations = len(program) + len(reference)
    # Copies and branches about double the amplitudes.
    return n < 22 and operations << n + 1 < WORK and 1 << n + 1 <= AMPLITUDES


def _by_branches(program: Program, reference: Program, ports: Pair, seed: int) -> Proof:
    state = random_state(len(reference.logical), seed)
    found = _by_bits(*run_branches(program, ports[0], state))
    wanted = _by_bits(*run_branches(reference, ports[1], state))
    nothing = np.zeros((0, len(state)), dtype=np.complex128)
    total, worst = 0.0, (0.0, "")
    for bits in sorted(found.keys() | wanted.keys()):
        mine, theirs = found.get(bits, nothing), wanted.get(bits, nothing)
        apart = distance(mine, theirs)
        total += apart**2
        if apart > worst[0]:
            worst = apart, _describe(bits, ports[0], mine, theirs)
    equal = total**0.5 < TOLERANCE
    return Proof(equal, EXACT, 1, "" if equal else worst[1])


def random_state(qubits: int, seed: int) -> States:
    """A Haar-random state, 2^qubits amplitudes."""
    parts = np.random.default_rng(seed).normal(size=(2, 1 << qubits))
    state: States = parts[0] + 1j * parts[1]
    return state / np.linalg.norm(state)


def _by_bits(bits: Bools, states: States) -> dict[tuple[int, ...], States]:
    out: dict[tuple[int, ...], list[States]] = {}
    for key, state in zip(bits.astype(int).tolist(), states):
        out.setdefault(tuple(key), []).append(state)
    return {key: np.array(rows) for key, rows in out.items()}


def distance(a: States, b: States) -> float:
    """Frobenius norm of rho - sigma, each the sum of the projectors on its rows.

    Taken in an orthonormal basis of all rows: the difference of traces would lose half of the
    digits, and with them small angles.
    """
    r: States = np.linalg.qr(np.concatenate([a, b]).T).R
    mine, theirs = r[:, : len(a)], r[:, len(a) :]
    return float(np.linalg.norm(mine @ mine.conj().T - theirs @ theirs.conj().T))


def _describe(bits: tuple[int, ...], ports: Ports, mine: States, theirs: States) -> str:
    found, wanted = (float((np.abs(s) ** 2).sum()) for s in (mine, theirs))
    shown = [f"{name} = {value}" for name, value in zip(ports.bit_names, bits)]
    where = f"with {', '.join(shown)}: " if shown else ""
    if abs(found - wanted) > TOLERANCE:
        return f"{where}probability {found:.6f}, in the reference {wanted:.6f}"
    return f"{where}the output states differ by {distance(mine, theirs):.3g}"
