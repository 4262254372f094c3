"""When Bell pairs should be asked for: makespan and fidelity of policies, look-ahead, cut-offs.

All numbers are means over sampled timelines. Errors are -log of the mean chance that a run has
none: the number of errors to expect. Machines are rings of four modules of ceil(n/4) + 1 data
qubits and four communication qubits; "like" a preset: with its links and the quality of its first
module.

    python benchmarks/schedules.py [--json | --markdown] [--quick]
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from small_cases import qft

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.frontends.read import read
from bellwire.compiler.generation import Generation
from bellwire.compiler.metrics import ebits_of
from bellwire.compiler.prediction import predict
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.timelines import sample_timelines
from bellwire.passes.choose_schedule import schedules
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.passes.schedule import schedule
from bellwire.runtime.execute import prepare
from bellwire.targets.load import load_machine
from bellwire.targets.machine import GateQuality, Link, Machine
from bellwire.targets.noise import werner_state
from bellwire.targets.shapes import make_machine

ADDER = Path(__file__).resolve().parent.parent / "examples" / "circuits" / "qft_adder_n8.qasm"
PRESETS = ("sc-heralded-2025", "yb-array-projected", "ion-oxford-dqc-2025")
WINDOWS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, math.inf)  # mean waits for a pair
SHORT = Link(("A", "B"), attempt_ns=1000, success=0.1, state=(0.998, 0.001, 0.0005, 0.0005))
NOISY = replace(SHORT, state=werner_state(0.95))
RUN_SEED = 12345  # of the runs; predictions use seed 0


def mirror(layers: int = 16, qubits: int = 8, seed: int = 1) -> Program:
    """Random Clifford layers and their inverse: without errors all bits are 0."""
    random = np.random.default_rng(seed)
    gates: list[tuple[str, list[int]]] = []
    for _ in range(layers):
        a, b = random.permutation(qubits)[:2].tolist()
        gates += [("h", [a]), ("cx", [a, b])]
    build = ProgramBuilder(
        [Qubit(f"q[{i}]") for i in range(qubits)], [Register("c", qubits)], name=f"mirror_n{qubits}"
    )
    for name, at in gates:
        build.append(name, at)
    build.append("barrier", list(range(qubits)))
    for name, at in reversed(gates):
        build.append(name, at)
    for i in range(qubits):
        build.append("measure", [i], bits=[i])
    return build.finish(Stage.LOGICAL)


def circuits(quick: bool) -> Iterator[Program]:
    """The circuits of all tables."""
    yield read(ADDER)
    yield mirror()
    if not quick:
        yield qft(12)


def ring_of(circuit: Program, link: Link, comm_qubits: int = 4, **module: Any) -> Machine:
    """A ring of four equal modules."""
    room = -(-len(circuit.logical) // 4) + 1
    machine = make_machine("ring", 4, data_qubits=room, comm_qubits=comm_qubits, link=link)
    return replace(machine, modules=tuple(replace(m, **module) for m in machine.modules))


def like(preset: str, circuit: Program) -> Machine:
    """A ring with the links and the quality of the modules of a preset."""
    made = load_machine(preset)
    names = ("gate_1q", "gate_2q", "readout", "t1_ns", "t2_ns", "comm_t1_ns", "comm_t2_ns")
    quality = {name: getattr(made.modules[0], name) for name in names}
    return replace(ring_of(circuit, made.links[0], **quality), name=f"like {preset}")


def demo(circuit: Program, comm_t2_ns: float = 1e6, link: Link = SHORT) -> Machine:
    """Slow gates and good memories, communication qubits that lose coherence first."""
    good = {"gate_2q": GateQuality(2000, 0.9999), "t1_ns": 1e8, "t2_ns": 1e8}
    return replace(ring_of(circuit, link, comm_t2_ns=comm_t2_ns, **good), name="demo")


def noisy(circuit: Program) -> Machine:
    """The same with pairs of fidelity 0.95 and communication qubits that keep them well."""
    return replace(demo(circuit, 1e8, NOISY), name="demo, noisy pairs")


def compiled(circuit: Program, machine: Machine) -> Program:
    """The plain program of the fast recipe."""
    return run_passes(circuit, machine, recipe("fast")).program


def measured(program: Program, machine: Machine) -> dict[str, Any]:
    """Policy, predicted makespan and errors, pairs thrown away per run."""
    found = predict(program, machine)
    thrown = sample_timelines(program, machine, 400, 0).expired.sum() / 400
    return {
        "policy": program.generation.policy,
        "window_ns": program.generation.window_ns,
        "buffer": program.generation.buffer,
        "cutoff_ns": program.generation.cutoff_ns,
        "purified": " ".join(program.generation.purify),
        "ebits": ebits_of(program, machine)[0],
        "makespan_s": found.makespan_s,
        "fidelity": found.fidelity,
        "errors": -math.log(max(found.fidelity, 1e-300)),
        "thrown_away": round(float(thrown), 3),
    }


def look_ahead(quick: bool) -> Iterator[dict[str, Any]]:
    """Makespan and errors against the window, for coherence times and cut-offs."""
    circuit = mirror()
    plain = compiled(circuit, demo(circuit))
    wait = SHORT.wait_ns
    cases = [(300e3, math.inf), (1e6, math.inf), (3e6, math.inf), (1e6, 20e3), (1e6, 5e3)]
    for comm_t2_ns, cutoff_ns in cases[:2] if quick else cases:
        machine = demo(circuit, comm_t2_ns)
        ahead = schedule(plain, machine, critical_path=True)
        for share in WINDOWS:
            made = Generation(cutoff_ns=cutoff_ns)
            if share < math.inf:
                made = Generation("window", share * wait, cutoff_ns=cutoff_ns)
            program = schedule(ahead, machine, generation=made, critical_path=False)
            row = {"circuit": circuit.name, "comm_t2_ns": comm_t2_ns, "mean_waits": share}
            yield row | measured(program, machine)


def policies(quick: bool) -> Iterator[dict[str, Any]]:
    """All ways to schedule that the compiler tries, on machines like the presets."""
    for circuit in circuits(quick):
        for machine in (demo(circuit), noisy(circuit), *(like(p, circuit) for p in PRESETS)):
            plain = compiled(circuit, machine)
            row = {"circuit": circuit.name, "machine": machine.name}
            for order, program in schedules(plain, machine):
                yield row | {"order": order} | measured(program, machine)


def confirmed(quick: bool) -> Iterator[dict[str, Any]]:
    """What was predicted and what runs with other luck then say."""
    for circuit in circuits(quick):
        for machine in (demo(circuit), noisy(circuit), *(like(p, circuit) for p in PRESETS)):
            for objective in ("makespan", "fidelity"):
                steps = recipe("fast", optimise=objective)
                program = run_passes(circuit, machine, steps).program
                row = {"circuit": circuit.name, "machine": machine.name, "objective": objective}
                yield row | _run(program, machine, circuit)


def _run(program: Program, machine: Machine, circuit: Program) -> dict[str, Any]:
    said = predict(program, machine)
    times = prepare(program, machine, backend="timing").run(20_000, seed=RUN_SEED)
    mean = float(times.makespans_ns.mean()) * 1e-9
    out = {
        "predicted_s": said.makespan_s,
        "run_s": mean,
        "relative": said.makespan_s / mean - 1,
        "predicted_fidelity": said.fidelity,
        "other_luck_fidelity": predict(program, machine, seed=RUN_SEED).fidelity,
        "right_share": None,
    }
    if circuit.name.startswith("mirror"):
        counts = prepare(program, machine).run(20_000, seed=RUN_SEED).counts
        out["right_share"] = counts.get("0" * len(circuit.logical), 0) / 20_000
    return out


TABLES = {"look_ahead": look_ahead, "policies": policies, "confirmed": confirmed}
HEADS = {
    "look_ahead": """
## Look-ahead

`{circuit}` on a ring whose pairs take {wait:g} us on average. A pair is asked for a window before
it is needed (`inf`: at once). Too small a window makes data wait for pairs, too large a one makes
pairs wait for data: where communication qubits lose their coherence quickly, aggressive look-ahead
hurts. A short cut-off throws the old pairs away, which keeps errors down and costs pairs and time.
""",
    "policies": """
## Policies

The first row of each circuit and machine is what a plain compilation gives. In the others pairs
take turns on the communication qubits and are served by the longest path to the end, unless they
say "plain order". Shown are those than which no other is better in time and in errors; `--json` has
all.
""",
    "confirmed": """
## Predictions and runs

Programs compiled with `--optimise makespan` and `--optimise fidelity`; predicted with one seed, run
with another one (20,000 shots). The fidelity is the chance of no error at all; of a mirror circuit
the share of right results is also known, and is higher, because some errors harm no result.
""",
}

SHOWN = {
    "look_ahead": {
        "T2 of communication qubits, ns": "comm_t2_ns",
        "cut-off, ns": "cutoff_ns",
        "window, mean waits": "mean_waits",
        "makespan, s": "makespan_s",
        "errors": "errors",
        "fidelity": "fidelity",
        "thrown away": "thrown_away",
    },
    "policies": {
        "circuit": "circuit",
        "machine": "machine",
        "e-bits": "ebits",
        "way": "way",
        "makespan, s": "makespan_s",
        "errors": "errors",
        "fidelity": "fidelity",
        "thrown away": "thrown_away",
    },
    "confirmed": {
        "circuit": "circuit",
        "machine": "machine",
        "objective": "objective",
        "predicted, s": "predicted_s",
        "run, s": "run_s",
        "relative": "relative",
        "predicted fidelity": "predicted_fidelity",
        "with other luck": "other_luck_fidelity",
        "right results": "right_share",
    },
}  # heads of columns


def markdown(tables: dict[str, list[dict[str, Any]]]) -> str:
    """The page docs/schedules.md."""
    intro = (__doc__ or "").split("\n\n")[1]
    lines = ["# When Bell pairs are asked for", "", intro, ""]
    lines += ["```sh", "python benchmarks/schedules.py [--json | --markdown] [--quick]", "```"]
    for name, rows in tables.items():
        text = HEADS[name].format(circuit=mirror().name, wait=SHORT.wait_ns / 1e3)
        if name == "look_ahead":
            text += _best_windows(rows)
        if name == "policies":
            rows = [{"way": _way(row), **row} for row in _worth_showing(rows)]
        lines += [
            text,
            *_table([{head: row[c] for head, c in SHOWN[name].items()} for row in rows]),
        ]
    return "\n".join(lines) + "\n"


def _best_windows(rows: list[dict[str, Any]]) -> str:
    """A line for each coherence time and cut-off: the window with the fewest errors."""
    out = "\n"
    cases = groupby(rows, key=lambda row: (row["comm_t2_ns"], row["cutoff_ns"]))
    for (t2_ns, cutoff_ns), group in cases:
        some = list(group)
        best, most = min(some, key=lambda row: row["errors"]), some[-1]
        out += (
            f"- T2 {t2_ns / 1e3:g} us, cut-off {cutoff_ns / 1e3:g} us: fewest errors with a window "
            f"of {best['mean_waits']:g} mean waits; asking at once has "
            f"{most['errors'] / best['errors']:.2f} times as many and takes "
            f"{most['makespan_s'] / best['makespan_s']:.2f} times as long.\n"
        )
    return out


def _worth_showing(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of each circuit and machine the plain way and those that no other beats, equal ones once."""
    for _, group in groupby(rows, key=lambda row: (row["circuit"], row["machine"])):
        some = list(group)
        seen = set()
        for k, row in enumerate(some):
            here = row["makespan_s"], row["errors"]
            beaten = any(
                other["makespan_s"] <= here[0]
                and other["errors"] <= here[1]
                and here != (other["makespan_s"], other["errors"])
                for other in some
            )
            if k == 0 or not (beaten or here in seen):
                yield row | {"first": k == 0}
            seen.add(here)


def _way(row: dict[str, Any]) -> str:
    words = ["plain" if row["first"] else row["policy"].replace("_", " ")]
    if row["order"] == "program" and not row["first"]:
        words.append("plain order")
    if row["policy"] == "window":
        words[0] += f" {row['window_ns'] / 1e3:g} us"
    if row["buffer"]:
        words.append(f"buffer {row['buffer']}")
    if row["cutoff_ns"] < math.inf:
        words.append(f"cut-off {row['cutoff_ns'] / 1e3:g} us")
    if row["purified"]:
        words.append("purified")
    return ", ".join(words)


def _table(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "| " + " | ".join(rows[0]) + " |"
    yield "|" + "---|" * len(rows[0])
    for row in rows:
        yield "| " + " | ".join(map(_cell, row.values())) + " |"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Print tables, one JSON object, or the page of the docs."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--json", action="store_true")
    words.add_argument("--markdown", action="store_true")
    words.add_argument("--quick", action="store_true", help="fewer circuits and coherence times")
    said = words.parse_args()
    tables = {name: list(make(said.quick)) for name, make in TABLES.items()}
    if said.json:
        print(json.dumps(tables, indent=2, default=float))
    else:
        print(markdown(tables), end="")


if __name__ == "__main__":
    main()
