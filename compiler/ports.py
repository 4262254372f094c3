"""What two programs have in common on the outside: logical qubits and the user's bits, by name."""

from __future__ import annotations

from dataclasses import dataclass

from bellwire.compiler.program import Program

OURS = "bellwire"  # the register of bits that a compiled program adds


@dataclass(frozen=True, slots=True)
class Ports:
    """Where one program has the qubits `names` at its start and end, and the bits `bit_names`."""

    names: tuple[str, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    bit_names: tuple[str, ...]
    bits: tuple[int, ...]


def match_ports(program: Program, reference: Program) -> tuple[Ports, Ports] | str:
    """Find the ports of both programs in one order; or say which name only one of them has, or
    that a program has no port for each."""
    wanted = _bits(reference)
    found = _bits(program)
    if OURS not in (r.name for r in reference.registers):
        own = next((r for r in program.registers if r.name == OURS), None)
        for name in own.bit_names() if own else ():
            del found[name]
    for what, mine, theirs in (
        ("qubit", program.logical, reference.logical),
        ("bit", tuple(found), tuple(wanted)),
    ):
        only = [*(set(mine) ^ set(theirs))]
        if only:
            name = min(only)
            return f"{what} {name} is only in the {'program' if name in mine else 'reference'}"
    for where, each in (("program", program), ("reference", reference)):
        for word, ends in (("start", each.inputs), ("end", each.outputs)):
            if len(set(ends)) < len(each.logical):
                return f"two qubits {word} in one place in the {where}"
    place = {n: i for i, n in enumerate(program.logical)}
    order = [place[n] for n in reference.logical]
    names, bit_names = reference.logical, tuple(wanted)
    return (
        Ports(
            names,
            tuple(program.inputs[i] for i in order),
            tuple(program.outputs[i] for i in order),
            bit_names,
            tuple(found[n] for n in bit_names),
        ),
        Ports(names, reference.inputs, reference.outputs, bit_names, tuple(wanted.values())),
    )


def _bits(program: Program) -> dict[str, int]:
    return {name: i for i, name in enumerate(program.bit_names)}
