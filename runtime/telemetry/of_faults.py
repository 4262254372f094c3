"""What a run under a scenario of faults measures: pairs as they came, faults, recoveries."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from bellwire.runtime.faults.course import Course
from bellwire.runtime.faults.live import FaultyRun
from bellwire.runtime.telemetry.measurements import Labels, Measurements, static_info
from bellwire.targets.machine import Machine

INDICATORS = ("herald_latency", "herald_fidelity", "expired_ratio")  # what can be told
KINDS = {
    "link_down": "link_loss",
    "module_down": "node_outage",
    "clock_skew": "skew",
    "dark_counts": "dark",
}
ANY = "any"  # what was done is not told by the kind of fault


def measure_faulty_run(run: FaultyRun, machine: Machine) -> Measurements:
    """Measure all shots, those that were given up too.

    The events of the scenario count once per shot; pairs that no finished shot has used count as
    expired.
    """
    notes, shots = run.notes, run.result.shots
    names = {frozenset(link.between): "-".join(link.between) for link in machine.links}
    made = Counter(herald.wire for herald in notes.heralds)
    attempts: dict[Labels, float] = {}
    pairs: dict[Labels, float] = {}
    for wire, name in names.items():
        attempts[name, "herald"] = float(made[wire])
        attempts[name, "fail"] = float(notes.tried[wire] - made[wire])
        pairs[name, "consumed"] = float(notes.consumed[wire])
        pairs[name, "expired"] = float(made[wire] - notes.consumed[wire])
    faults: Counter[Labels] = Counter({(ANY, what): n for what, n in notes.actions.items()})
    faults.update((KINDS.get(e.kind, e.kind), "none") for e in run.scenario.events * shots)
    recovered = np.array(notes.recoveries_ns, dtype=np.float64) / 1e9
    return Measurements(
        {
            "dqc_link_attempts_total": attempts,
            "dqc_pairs_total": pairs,
            "dqc_faults_total": faults,
            "dqc_shots_total": {(run.result.program,): float(shots)},
            **static_info(machine),
        },
        {
            "dqc_recovery_seconds": {(ANY, ANY): recovered} if len(recovered) else {},
            **_heralds(run, machine, names),
        },
    )


def _heralds(
    run: FaultyRun, machine: Machine, names: dict[frozenset[str], str]
) -> dict[str, dict[Labels, np.ndarray[tuple[int], np.dtype[np.float64]]]]:
    course = Course(machine, run.scenario)
    waits: dict[Labels, list[float]] = defaultdict(list)
    fidelities: dict[Labels, list[float]] = defaultdict(list)
    for wire, asked, at in run.notes.heralds:
        name = names[wire]
        waits[name, "0", "keep"].append((at - asked) / 1e9)
        fidelities[name, "herald", "true"].append(course.state(wire, at)[0])
        fidelities[name, "herald", "goodness"].append(course.links[wire].fidelity)
    return {
        "dqc_herald_latency_seconds": {k: np.array(v) for k, v in waits.items()},
        "dqc_pair_fidelity_ratio": {k: np.array(v) for k, v in fidelities.items()},
    }
