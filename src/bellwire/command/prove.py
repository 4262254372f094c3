"""`bellwire verify`: check a program by rule and prove that it does what a circuit does."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bellwire.command.options import Json, MachineOption, Seed, print_json, read_input
from bellwire.errors import MachineError, ProgramError

Source = Annotated[
    str, typer.Argument(metavar="PROGRAM", help="A program that bellwire wrote; - for stdin.")
]
Against = Annotated[
    str | None, typer.Option(metavar="CIRCUIT", help="The circuit that it should do.")
]


def verify(
    source: Source,
    against: Against = None,
    machine: MachineOption = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Check a program's rules, and prove it equal to a circuit with --against.

    The proof is exact for small programs, by stabilizer flows (signs included) for Clifford ones
    of any size, and by flows and rotations for large ones with other angles. Where none of these
    decides, flows with random Clifford angles are a strong test. Exit code 1: not equal.
    """
    from bellwire.compiler.equivalence import prove
    from bellwire.compiler.verify import verify as check
    from bellwire.targets.load import load_machine

    program, found = read_input(source)
    target = load_machine(machine) if machine is not None else found
    if program.stage > 0 and target is None:
        raise MachineError(f"{source}: this program names no machine; give --machine FILE")
    answer: dict[str, Any] = {"stage": program.stage.name, "rules": True, "verified": None}
    try:
        check(program, target)
    except ProgramError as error:
        answer |= {"rules": False, "detail": str(error)}
    if against is not None:
        circuit, _ = read_input(against)
        proof = prove(program, circuit, seed=seed)
        answer |= {"verified": proof.equal, "method": proof.method, "draws": proof.draws}
        if proof.detail:
            answer.setdefault("detail", proof.detail)
    _say(answer, as_json)
    if not answer["rules"] or answer["verified"] is False:
        raise typer.Exit(1)


def _say(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    typer.echo(f"rules of {answer['stage']}: {'kept' if answer['rules'] else 'BROKEN'}")
    if answer["verified"] is not None:
        word = "proved" if answer["verified"] else "DIFFERENT"
        typer.echo(f"equivalence: {word} ({answer['method']})")
    if answer.get("detail"):
        typer.echo(answer["detail"])
