"""`bellwire compile`: a circuit in, a program for a modular machine out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bellwire.command.compile_options import (
    Buffer,
    Cutoff,
    LinkPrice,
    Optimise,
    Out,
    Pareto,
    PerModule,
    Policy,
    Purify,
    Recipe,
    TimeBudget,
    Verify,
    Window,
)
from bellwire.command.compile_stim import (
    NOT_FOR_STIM,
    BellInfidelity,
    Corrections,
    Cut,
    GateError,
    HomesFile,
    LinkError,
    Pairs,
    Spread,
    compile_stim,
    stim_circuit,
)
from bellwire.command.options import (
    CommQubits,
    Coupling,
    DataQubits,
    In,
    Json,
    MachineChoice,
    MachineOption,
    Modules,
    Seed,
    Topology,
    check_place,
    input_text,
    print_json,
    refuse,
    write_whole,
)  # fmt: skip
from bellwire.errors import NotSupported, ParseError

if TYPE_CHECKING:
    from bellwire.api import Compiled
    from bellwire.compiler.generation import Generation


def compile_(
    source: In,
    machine: MachineOption = None,
    topology: Topology = None,
    modules: Modules = None,
    data_qubits: DataQubits = None,
    comm_qubits: CommQubits = None,
    coupling: Coupling = None,
    output: Out = None,
    per_module: PerModule = None,
    recipe: Recipe = "default",
    link_price: LinkPrice = "pairs",
    optimise: Optimise = "ebits",
    generation: Policy = None,
    window_ns: Window = None,
    buffer: Buffer = 0,
    cutoff_ns: Cutoff = None,
    purify: Purify = None,
    pareto: Pareto = None,
    seed: Seed = 0,
    time_budget: TimeBudget = None,
    verify: Verify = False,
    cut: Cut = None,
    homes: HomesFile = None,
    pairs: Pairs = None,
    corrections: Corrections = None,
    p: GateError = None,
    p_link: LinkError = None,
    bell_infidelity: BellInfidelity = None,
    as_json: Json = False,
) -> None:
    """Split a circuit over the modules of a machine.

    The program that comes out touches two modules only by Bell pairs along links; it keeps within
    data qubits, communication qubits and couplings, and is checked by rule after every pass. With
    --verify it is also proved to do what the circuit does; exit code 1 says that the proof failed.

    A Stim circuit with detectors or noise stays one: its spanning gates are teleported, its
    records moved, its loops kept. Homes come from --cut, --homes, or METIS with --modules.
    """
    from bellwire.api import compile as compile_circuit
    from bellwire.command.progress import passes_shown, waiting
    from bellwire.compiler.frontends.read import read_text_of
    from bellwire.passes.choose_schedule import prices_to_try
    from bellwire.passes.recipes import recipe as passes_of

    _check_outputs(output, per_module, pareto, as_json)
    policy = _generation(
        policy=generation, window_ns=window_ns, buffer=buffer, cutoff_ns=cutoff_ns, purify=purify
    )
    text, path = input_text(source)
    choice = MachineChoice(machine, topology, modules, data_qubits, comm_qubits, coupling)
    spread = Spread(cut, homes, pairs, corrections, p, p_link, bell_infidelity)
    if (memory := stim_circuit(text, path, spread)) is not None:
        said: dict[str, object] = {"--verify": verify, "--per-module": per_module}
        said |= {"--pareto": pareto, "--generation": generation, "--buffer": buffer}
        said |= {"--window-ns": window_ns, "--cutoff-ns": cutoff_ns, "--purify": purify}
        said |= {"--recipe": recipe != "default", "--time-budget": time_budget is not None}
        said |= {"--link-price": link_price != "pairs", "--optimise": optimise != "ebits"}
        refuse(said, NOT_FOR_STIM)
        compile_stim(memory, spread, choice, output=output, seed=seed, as_json=as_json)
        return
    circuit, _ = read_text_of(text, path=path)
    target = choice.machine(len(circuit.logical))
    steps = passes_of(recipe, seed=seed, optimise=optimise)
    ways = prices_to_try(target, optimise, link_price)
    with passes_shown(len(steps) * len(ways)) as watcher:
        done = compile_circuit(
            circuit,
            target,
            recipe=recipe,
            seed=seed,
            seconds=time_budget,
            link_price=link_price,
            optimise=optimise,
            generation=policy,
            watcher=watcher,
        )
    if done.report["partitioner"] != "METIS":
        typer.echo(f"bellwire: partitioner: {done.report['partitioner']}", err=True)
    report: dict[str, Any] = {"verified": None, **done.report, "version": _version()}
    if verify:
        with waiting("proving"):
            proof = done.verify(seed=seed)
        report |= {"verified": proof.equal, "proof": {"method": proof.method, "draws": proof.draws}}
        if not proof.equal:
            typer.echo(f"bellwire: not proved: {proof.detail}", err=True)
    front: dict[Path, str] = {}
    if pareto is not None:
        with waiting("other recipes and policies"):
            front[pareto] = _front(done, recipe, seed, time_budget)
    _write(done, output, per_module, front)
    if as_json:
        print_json(report)
    elif output != "-":
        _print_summary(done, report, output)
    if report["verified"] is False:
        raise typer.Exit(1)


def _check_outputs(
    output: str | None, per_module: Path | None, pareto: Path | None, as_json: bool
) -> None:
    """Find, before the work, what could not be written after it."""
    if output == "-" and as_json:
        raise NotSupported("found -o - and --json; both write to stdout: give -o a file")
    if output not in (None, "-"):
        if Path(str(output)).suffix not in (".qasm", ".stim", ".txt"):
            raise NotSupported(
                f"output {output!r}: its ending picks the form; use .qasm, .stim or .txt"
            )
        check_place(Path(str(output)))
    if pareto is not None:
        check_place(pareto)
    if per_module is not None and per_module.exists() and not per_module.is_dir():
        raise ParseError("this is a file; give --per-module a folder", str(per_module))


def _generation(**words: Any) -> Generation | None:
    """What the options say about pairs; None when they say nothing."""
    from bellwire.compiler.generation import Generation

    said = {name: value for name, value in words.items() if value not in (None, 0, [])}
    if words["window_ns"] is not None:
        said = {"policy": "window", **said}
    if words["cutoff_ns"] is not None:
        said["cutoff_ns"] = words["cutoff_ns"]
    return Generation(**said) if said else None


def _front(done: Compiled, recipe: str, seed: int, seconds: float | None) -> str:
    from bellwire.pareto import pareto, to_csv

    recipes = ("fast", recipe)
    return to_csv(pareto(done.circuit, done.machine, recipes=recipes, seed=seed, seconds=seconds))


def _write(
    done: Compiled, output: str | None, per_module: Path | None, files: dict[Path, str]
) -> None:
    """Write these files, the program and its parts."""
    if output is not None:
        form = ".qasm" if output == "-" else Path(output).suffix
        text = program_text(done, form)
        if output == "-":
            typer.echo(text, nl=False)
        else:
            files[Path(output)] = text
    if per_module is not None:
        from bellwire.compiler.emitters.openqasm import per_module as per_module_files

        try:
            per_module.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ParseError(
                f"cannot make this folder: {error.strerror}; give another", str(per_module)
            ) from error
        files |= {
            per_module / n: t for n, t in per_module_files(done.program, done.machine).items()
        }
    for path, text in files.items():
        write_whole(path, text)


def program_text(done: Compiled, form: str) -> str:
    """The program in the form that a file's ending names."""
    if form == ".stim":
        from bellwire.compiler.emitters.stim import to_stim

        return f"{to_stim(done.program, done.machine)}\n"
    if form == ".txt":
        from bellwire.compiler.emitters.text import to_text

        return to_text(done.program, done.machine)
    return done.to_openqasm3()


def _version() -> str:
    from bellwire import __version__

    return str(__version__)


def _print_summary(done: Compiled, report: dict[str, Any], output: str | None) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, box=None)
    table.add_row(
        "circuit",
        f"{done.circuit.name}: {len(done.circuit.logical)} qubits, "
        f"{report['two_qubit_gates_read']} two-qubit gates",
    )
    table.add_row("machine", f"{done.machine.name}: {len(done.machine.modules)} modules")
    for key in (
        "spanning_gates",
        "ebits",
        "cat_sessions",
        "teleports",
        "ebit_depth",
        "messages",
        "swaps_local",
    ):
        table.add_row(key.replace("_", " ").replace("ebit", "e-bit"), str(report[key]))
    table.add_row("pairs asked for", str(done.program.generation))
    table.add_row("makespan", f"{report['makespan_s'] * 1e3:.4g} ms (expected)")
    table.add_row("expected fidelity", f"{report['expected_fidelity']:.4g}")
    if report["verified"] is not None:
        word = "proved" if report["verified"] else "NOT proved"
        table.add_row("equivalence", f"{word} ({report['proof']['method']})")
    if output is not None:
        table.add_row("written to", output)
    Console().print(table)
