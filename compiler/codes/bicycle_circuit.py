"""Memory experiments of bivariate bicycle codes: rounds of seven layers of gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bellwire.compiler.codes.bicycle import X_ORDER, Z_ORDER, bicycle, touched
from bellwire.compiler.codes.rounds import coordinates, experiment, words

if TYPE_CHECKING:
    import stim


def bicycle_memory(basis: str, distance: int, rounds: int) -> stim.Circuit:
    """Data qubits first (left, right), then the ancillas of X checks and of Z checks."""
    import stim

    code = bicycle(distance)
    text = experiment(
        code,
        basis,
        rounds,
        _one_round(distance, code.data),
        0 if basis == "x" else len(code.x_checks),
    )
    return stim.Circuit("\n".join([*coordinates(code.places), text]))


def _one_round(distance: int, data: int) -> list[str]:
    x_side = range(data, data + data // 2)
    z_side = range(data + data // 2, 2 * data)
    lines = [f"RX {words(x_side)}", f"R {words(z_side)}", "TICK"]
    for x_term, z_term in zip(X_ORDER, Z_ORDER):
        targets: list[int] = []
        if x_term:
            for ancilla, qubit in zip(x_side, touched("x", x_term, distance)):
                targets += ancilla, int(qubit)
        if z_term:
            for ancilla, qubit in zip(z_side, touched("z", z_term, distance)):
                targets += int(qubit), ancilla
        lines += [f"CX {words(targets)}", "TICK"]
    return [*lines, f"MX {words(x_side)}", f"M {words(z_side)}"]
