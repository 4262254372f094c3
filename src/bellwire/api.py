"""The Python front door: read a circuit, compile it, prove it, run it, with faults or without."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from os import fspath
from typing import TYPE_CHECKING, Any

from bellwire.compiler.describe import program_html
from bellwire.compiler.equivalence import Proof, prove
from bellwire.compiler.frontends.read import read
from bellwire.compiler.generation import Generation
from bellwire.compiler.metrics import program_metrics, two_qubit_gates
from bellwire.compiler.prediction import predict
from bellwire.compiler.program import Program, Stage
from bellwire.errors import MachineError, NotSupported
from bellwire.passes.candidates import has_metis
from bellwire.passes.choose_schedule import Scheduled, best_of, prices_to_try
from bellwire.passes.pipeline import Passed, Watcher, run_passes
from bellwire.passes.recipes import recipe as passes_of
from bellwire.pictures import Picture, draw
from bellwire.runtime.execute import prepare
from bellwire.runtime.faults.live import FaultyRun, Recompile
from bellwire.runtime.faults.live import run_with_faults as run_under
from bellwire.runtime.faults.load import load_scenario
from bellwire.runtime.faults.scenario import Scenario
from bellwire.runtime.result import Result
from bellwire.targets.load import load_machine
from bellwire.targets.machine import Machine

if TYPE_CHECKING:
    from os import PathLike

PARTITIONERS = {True: "METIS", False: "plain (pymetis is not installed)"}


@dataclass(frozen=True)
class Compiled:
    """A compiled circuit: the program, the circuit it came from, and what it costs."""

    program: Program
    circuit: Program
    machine: Machine
    report: dict[str, Any]

    def verify(self, *, seed: int = 0) -> Proof:
        """Prove that the program does what the circuit does."""
        return prove(self.program, self.circuit, seed=seed)

    def run(self, shots: int = 1024, *, seed: int = 0, **options: Any) -> Result:
        """Run it on the machine; options as in `bellwire.run`."""
        return run(self.program, self.machine, shots=shots, seed=seed, **options)

    def to_qiskit(self) -> Any:
        """The program as a Qiskit circuit with one register of data and one of communication
        qubits per module."""
        from bellwire.compiler.emitters.qiskit import to_qiskit

        return to_qiskit(self.program, self.machine)

    def to_openqasm3(self) -> str:
        """The program as OpenQASM 3."""
        from bellwire.compiler.emitters.openqasm import to_openqasm3

        return to_openqasm3(self.program, self.machine)

    def draw(self, kind: str = "timeline", **options: Any) -> Picture:
        """A Picture of the program on its machine; kinds and options as in `bellwire.draw`."""
        return draw(self, kind, **options)

    def _repr_svg_(self) -> str:
        return self.draw().svg

    def _repr_html_(self) -> str:
        return program_html(self.program, self.draw().svg)


def compile(
    circuit: Any,
    machine: Machine | str | PathLike[str],
    *,
    recipe: str = "default",
    seed: int = 0,
    seconds: float | None = None,
    link_price: str = "pairs",
    optimise: str = "ebits",
    generation: Generation | None = None,
    watcher: Watcher | None = None,
) -> Compiled:
    """Compile a circuit for a modular machine.

    `circuit`: a path, OpenQASM text, a Qiskit, Cirq or Stim circuit, or a LOGICAL Program;
    `machine`: a Machine, the path of a machine file, or the name of a preset. The result is
    SCHEDULED and verified by rule between all passes. Same seed, same program. `seconds`: about how
    long to optimise e-bits (counted in steps, not by a clock), else as long as the recipe says.
    `link_price`: what the e-bits are chosen by: the number of "pairs", the "fidelity" or the
    expected "time" of those on each link; the report counts pairs. `optimise`: "ebits", or the mean
    "makespan" or the "fidelity" (the chance of no error) that sampled timelines predict: several
    link prices and schedules are tried, and the best is kept. `generation`: when pairs are asked
    for, else as soon as possible (or as is best).
    Raises a BellwireError that says what is wrong and what to do.
    """
    source, target = _circuit(circuit), _machine(machine)
    steps = partial(
        passes_of,
        recipe,
        seed=seed,
        seconds=seconds,
        optimise=optimise,
        generation=generation,
    )
    ways = [
        run_passes(source, target, steps(link_price=price), watcher=watcher)
        for price in prices_to_try(target, optimise, link_price)
    ]
    done, predicted = _best(ways, target, optimise, seed)
    report = program_metrics(done.program, target) | predicted
    report |= {
        **done.costs,
        "two_qubit_gates_read": two_qubit_gates(source),
        "partitioner": PARTITIONERS[has_metis()],
        "optimise": optimise,
        "generation": asdict(done.program.generation),
        "seconds": done.seconds,
        "seed": seed,
    }
    return Compiled(done.program, source, target, report)


def _circuit(circuit: Any) -> Program:
    source = read(circuit)
    if source.stage is not Stage.LOGICAL:
        raise NotSupported(
            f"{source.name}: found a program that is {source.stage.name} already; "
            "give the circuit that it was made from"
        )
    return source


def _machine(machine: Machine | str | PathLike[str]) -> Machine:
    return machine if isinstance(machine, Machine) else load_machine(fspath(machine))


def _best(
    ways: list[Passed], machine: Machine, optimise: str, seed: int
) -> tuple[Passed, dict[str, float]]:
    """The best compiled program, and what is predicted of it; where only e-bits count, nothing."""
    if optimise == "ebits":
        return ways[0], {}
    found = [Scheduled(way.program, predict(way.program, machine, seed=seed)) for way in ways]
    best = best_of(iter(found), optimise)
    predicted = {
        "makespan_s": best.prediction.makespan_s,
        "expected_fidelity": best.prediction.fidelity,
    }
    return ways[found.index(best)], predicted


def run(
    program: Program | Compiled,
    machine: Machine | None = None,
    *,
    shots: int = 1024,
    seed: int = 0,
    backend: str = "auto",
    noise: bool = True,
    timelines: int | None = None,
    explicit: bool = False,
) -> Result:
    """Run a program (or, without a machine, a plain circuit) and count what it measures.

    `backend`: auto, timing, stabilizer or aer. `timelines`: over how many sampled timelines the
    shots are shared out, each with the noise of its own waits (0: all with that of the expected
    ones). `explicit`: aer simulates every Bell pair and correction, instead of folding them away.
    Same seed, same counts.
    """
    options: dict[str, Any] = {
        "backend": backend,
        "noise": noise,
        "timelines": timelines,
        "explicit": explicit,
    }
    if isinstance(program, Compiled):
        return program.run(shots, seed=seed, **options)
    return prepare(program, machine, **options).run(shots, seed=seed)


def run_with_faults(
    program: Program | Compiled,
    scenario: Scenario | str | PathLike[str],
    machine: Machine | None = None,
    *,
    circuit: Any = None,
    shots: int = 1024,
    seed: int = 0,
    backend: str = "auto",
    noise: bool = True,
) -> FaultyRun:
    """Run a compiled program while the events of a scenario (or scenario file) happen.

    `circuit`: what the program was made from; without it (a Compiled has it) nothing can be
    recompiled. Shots that had to be given up are in `result.aborted` by code.
    """
    if isinstance(program, Compiled):
        machine, circuit, program = program.machine, program.circuit, program.program
    if machine is None:
        raise MachineError(f"{program.name}: a run with faults needs the machine; give it")
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(fspath(scenario), machine)
    return run_under(
        program,
        machine,
        scenario,
        shots=shots,
        seed=seed,
        backend=backend,
        noise=noise,
        recompile=None if circuit is None else recompiler(read(circuit), seed=seed),
    )


def recompiler(circuit: Program, *, seed: int = 0) -> Recompile:
    """Make the function that compiles a circuit for the machine that is left."""

    def recompile(machine: Machine) -> Program:
        return run_passes(circuit, machine, passes_of("fast", seed=seed)).program

    return recompile
