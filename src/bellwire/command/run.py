"""`bellwire run`: execute a program on the model of its machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bellwire.command.completion import known
from bellwire.command.options import (
    CommQubits,
    Coupling,
    DataQubits,
    Json,
    MachineChoice,
    MachineOption,
    Modules,
    Seed,
    Topology,
    print_json,
    read_input,
    refuse,
)  # fmt: skip
from bellwire.command.run_reports import (
    MetricsFile,
    MetricsPort,
    Reports,
    SloFile,
    TracesFile,
    print_verdicts,
)
from bellwire.command.values import whole
from bellwire.errors import MachineError

if TYPE_CHECKING:
    from bellwire.compiler.program import Program
    from bellwire.runtime.result import Result
    from bellwire.targets.machine import Machine

Source = Annotated[
    str,
    typer.Argument(
        metavar="PROGRAM|CIRCUIT", help="A program that bellwire wrote, or a circuit; - for stdin."
    ),
]
Shots = Annotated[int, typer.Option(metavar="N", parser=whole(1), help="How often to run.")]
Backend = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        autocompletion=known("runtime.backends.base.BUILT_IN", "auto"),
        help="auto, timing (no state), stabilizer (Stim) or aer.",
    ),
]
Faults = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="A scenario (TOML): what goes wrong while it runs."),
]
Circuit = Annotated[
    str | None,
    typer.Option(
        metavar="CIRCUIT", help="With --faults: what PROGRAM was made from, to recompile it."
    ),
]
NoNoise = Annotated[bool, typer.Option("--no-noise", help="Perfect pairs, gates and memories.")]
Timelines = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        parser=whole(0),
        help="Over how many sampled timelines the shots are shared out (default: as many as are "
        "worth it); 0: expected waits.",
    ),
]
Explicit = Annotated[
    bool, typer.Option("--explicit", help="Simulate every Bell pair and correction in aer.")
]


def run(
    source: Source,
    machine: MachineOption = None,
    topology: Topology = None,
    modules: Modules = None,
    data_qubits: DataQubits = None,
    comm_qubits: CommQubits = None,
    coupling: Coupling = None,
    shots: Shots = 1024,
    seed: Seed = 0,
    backend: Backend = "auto",
    no_noise: NoNoise = False,
    timelines: Timelines = None,
    explicit: Explicit = False,
    faults: Faults = None,
    circuit: Circuit = None,
    metrics: MetricsFile = None,
    metrics_port: MetricsPort = None,
    traces: TracesFile = None,
    slo: SloFile = None,
    as_json: Json = False,
) -> None:
    """Run a program over noisy, probabilistic links and print what it measured.

    A program file carries its machine. A circuit is compiled first when a machine is given, and
    run as it is, without noise, when none is.
    """
    from bellwire.api import run as run_program
    from bellwire.command.faults import print_faults, run_faults
    from bellwire.command.progress import waiting

    if faults is None:
        refuse({"--circuit": circuit}, "which goes with --faults; take it out")
    else:
        said: dict[str, object] = {"--timelines": timelines is not None, "--explicit": explicit}
        refuse(said, "which does not go with --faults; take one out")
    choice = MachineChoice(machine, topology, modules, data_qubits, comm_qubits, coupling)
    program, target = _program(source, choice, seed)
    reports = Reports(metrics, metrics_port, traces, slo)
    objectives = reports.objectives(target, faults=faults is not None)
    options: dict[str, Any] = {
        "shots": shots,
        "seed": seed,
        "backend": backend,
        "noise": not no_noise,
    }
    happened = None
    with waiting(f"running {shots} shots"):
        if faults is None:
            options |= {"timelines": timelines, "explicit": explicit}
            result = run_program(program, target, **options)
        else:
            happened = run_faults(program, target, faults, circuit or source, **options)
            result = happened.result
    made = reports.make(program, target, objectives, shots, seed, happened)
    if as_json:
        checked = {"slo": [verdict.to_dict() for verdict in made.verdicts]} if slo else {}
        print_json((happened or result).to_dict() | checked)
    else:
        _print_result(result)
        if happened is not None:
            print_faults(happened)
        print_verdicts(made.verdicts)
    reports.serve(made)
    if not all(verdict.met for verdict in made.verdicts):
        raise typer.Exit(1)


def _program(source: str, choice: MachineChoice, seed: int) -> tuple[Program, Machine | None]:
    from bellwire.api import compile as compile_circuit
    from bellwire.compiler.program import Stage

    program, machine = read_input(source)
    if program.stage is Stage.LOGICAL:
        if not choice.said:
            return program, None
        done = compile_circuit(program, choice.machine(len(program.logical)), seed=seed)
        return done.program, done.machine
    if choice.said:
        machine = choice.machine(len(program.logical))
    if machine is None:
        raise MachineError(f"{source}: this program names no machine; give --machine FILE")
    return program, machine


def _print_result(result: Result) -> None:
    from rich.console import Console
    from rich.table import Table

    data = result.to_dict()
    console = Console()
    best = sorted(data["counts"].items(), key=lambda kv: (-kv[1], kv[0]))
    table = Table("outcome", "counts", "share", box=None)
    for key, count in best[:16]:
        table.add_row(key, str(count), f"{count / data['shots']:.3f}")
    if best:
        console.print(table)
    if len(best) > 16:
        console.print(f"… and {len(best) - 16} more outcomes (--json has them all)")
    console.print(f"{data['shots']} shots on {data['backend']}, seed {data['seed']}")
    if data["timelines"]:
        console.print(f"noise of {data['timelines']} sampled timelines")
    if data["makespan_s"]:
        times = ", ".join(f"{k} {v * 1e3:.4g} ms" for k, v in data["makespan_s"].items())
        console.print(f"makespan: {times}")
    if data["fidelity_estimate"] is not None:
        console.print(f"estimated fidelity: {data['fidelity_estimate']:.4g}")
