"""Published results beside compiled programs: their sampled waits, their exact errors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np
import stim
from published_rows import COMPUTED, PAPER, QUOTED, Row, mean

import bellwire
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.generation import Generation
from bellwire.compiler.noise_events import noise_events
from bellwire.compiler.prediction import predict
from bellwire.compiler.program import Qubit, Register
from bellwire.runtime.backends.stabilizer import StimBuilder
from bellwire.targets.load import load_machine
from bellwire.targets.machine import Machine
from bellwire.targets.waiting import repeater_slots


def circuit(*lines: str, qubits: int = 2) -> bellwire.Program:
    """A circuit from OpenQASM statements."""
    head = f'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[{qubits}] q;\n'
    return bellwire.read(head + "\n".join(lines))


def prompt(machine: Machine) -> Machine:
    """The same machine with pairs that are there at once."""
    links = (replace(link, attempt_ns=1.0, success=1.0, herald_ns=0.0) for link in machine.links)
    return replace(machine, links=tuple(links))


@cache
def pair_waits(name: str, pairs: int, shots: int, seed: int) -> np.ndarray:
    """Sampled seconds that a compiled program of so many teleported gates waits for its pairs."""
    machine = load_machine(name)
    between = "rx(0.3) q[0]; rx(0.3) q[1];"
    program = bellwire.compile(
        circuit(*[f"cz q[0], q[1]; {between}"] * pairs), machine, recipe="fast"
    ).program
    if program.count("ebit") != pairs:
        raise RuntimeError(f"{pairs} gates took {program.count('ebit')} pairs")
    spans = bellwire.prepare(program, machine, backend="timing").run(shots, seed).makespans_ns
    local = bellwire.prepare(program, prompt(machine), backend="timing").run(1, seed).makespans_ns
    return (spans - local[0] + pairs) / 1e9


def stephenson_link(shots: int, seed: int) -> Iterator[Row]:
    """T1: one link of Stephenson et al., Phys. Rev. Lett. 124, 110501 (2020)."""
    waits = pair_waits("ion-oxford-2020", 1, shots, seed)
    expected, _ = mean(waits)
    row = partial(Row, "T1", how="sampled timelines of a compiled gate, preset ion-oxford-2020")
    yield row("pairs per second", "1/s", 1 / expected, 182.0, PAPER, relative=0.02)
    late, error = mean((waits > 3 / 182).astype(float))
    yield row("share of waits over 3 means", "", late, math.exp(-3), COMPUTED, error=error)
    fidelity = load_machine("ion-oxford-2020").links[0].fidelity
    delivered = partial(Row, "T1", how="preset: an input, shown for completeness")
    yield delivered("fidelity of a pair", "", fidelity, 0.940, PAPER, uncertainty=0.005)


def main_waits(shots: int, seed: int) -> Iterator[Row]:
    """T2: waits for pairs of Main et al., Nature 638, 383 (2025): 9.7 pairs a second."""
    row = partial(Row, "T2", how="sampled timelines of compiled gates, preset ion-oxford-dqc-2025")
    for pairs, name in ((1, "CZ"), (2, "iSWAP"), (3, "SWAP")):
        waits = pair_waits("ion-oxford-dqc-2025", pairs, shots, seed)
        milliseconds, _ = mean(waits * 1e3)
        quantity = f"mean wait for the {pairs} pair{'s' * (pairs > 1)} of {name}"
        yield row(quantity, "ms", milliseconds, pairs * 1e3 / 9.7, QUOTED, relative=0.03)
    waits = pair_waits("ion-oxford-dqc-2025", 1, shots, seed)
    late = float(np.quantile(waits, 0.99)) * 1e3
    yield row("99th percentile of the wait for one", "ms", late, 475.0, COMPUTED, relative=0.05)


def teleported_cz(_shots: int, _seed: int) -> Iterator[Row]:
    """T3: the teleported CZ of Main et al., Nature 638, 383 (2025), from its parts."""
    machine = prompt(load_machine("ion-oxford-dqc-2025"))
    average = (4 * process_fidelity(bellwire.compile(circuit("cx q[0], q[1];"), machine)) + 1) / 5
    how = "exact errors of a CX (a CZ between turns), preset ion-oxford-dqc-2025"
    row = partial(Row, "T3", unit="", published=0.862, mark=QUOTED, uncertainty=0.009, how=how)
    yield row("average fidelity, compiled: one readout after the other", predicted=average)
    at_once = (4 * process_fidelity(telegate_at_once(machine)) + 1) / 5
    yield row("average fidelity, both halves read at once", predicted=at_once)


def telegate_at_once(machine: Machine) -> bellwire.Compiled:
    """A CX over one pair, as in the experiment: gates in both modules, then both readouts."""
    near, far = machine.modules
    qubits = [
        Qubit(f"{m.name}_{role}[0]", m.name, role) for m in (near, far) for role in ("data", "comm")
    ]
    control, half, target, other = range(4)
    b = ProgramBuilder(
        qubits, [Register("bellwire", 2)], logical=["q[0]", "q[1]"], inputs=[control, target]
    )
    b.append("ebit", [half, other])
    b.append("cx", [control, half])
    b.append("cx", [other, target])
    b.append("h", [other])
    b.append("measure", [half], bits=[0])
    b.append("measure", [other], bits=[1])
    b.append("x", [target], condition=bit(0))
    b.append("z", [control], condition=bit(1))
    program = b.finish(bellwire.Stage.LOWERED)
    ideal = circuit("cx q[0], q[1];")
    return bellwire.Compiled(program, ideal, machine, {})


CARBON_READY = 0.95  # preparation of a carbon spin: from memory, Dahlberg et al., SIGCOMM 2019
Ends = tuple[float, float]  # chances that a qubit is prepared, and read out, wrongly


def iuliano(_shots: int, _seed: int) -> Iterator[Row]:
    """T10: a teleported CNOT and a 4-qubit GHZ state of Iuliano et al., arXiv:2601.04848."""
    machine = prompt(load_machine("nv-delft-2021"))
    cnot = bellwire.compile(circuit("cx q[0], q[1];"), machine)
    pair = replace(
        machine,
        modules=tuple(replace(m, data_qubits=2) for m in machine.modules[:2]),
        links=machine.links[:1],
    )
    lines = ("h q[0];", *(f"cx q[{i}], q[{i + 1}];" for i in range(3)))
    ghz = bellwire.compile(circuit(*lines, qubits=4), pair)
    readout = machine.modules[0].readout.fidelity
    how = "exact errors of the compiled program, preset nv-delft-2021; inputs follow the herald"
    row = partial(Row, "T10", unit="", mark=QUOTED, how=how, uncertainty=0.04)
    for words, ends in (
        ("", (0.0, 0.0)),
        (", with preparation and readout", (1 - CARBON_READY, 1 - readout)),
    ):
        average = (4 * process_fidelity(cnot, ends) + 1) / 5
        yield row(f"average fidelity of a CNOT{words}", predicted=average, published=0.63)
        ours = ghz_fidelity(ghz, ends)
        yield row(f"fidelity of a 4-qubit GHZ state{words}", predicted=ours, published=0.64)


def process_fidelity(done: bellwire.Compiled, ends: Ends = (0.0, 0.0)) -> float:
    """The chance that a compiled CNOT leaves the four stabilizers of its Choi state alone."""
    c, t = _outputs(done)
    rc, rt = len(done.program.qubits), len(done.program.qubits) + 1
    a, b = (int(q) for q in done.program.inputs)
    before = f"H {rc} {rt}\nCX {rc} {a} {rt} {b}"
    checks = (f"X{rc}*X{c}*X{t}", f"Z{rc}*Z{c}", f"X{rt}*X{t}", f"Z{rt}*Z{c}*Z{t}")
    return kept_share(done, before, checks, ends)


def ghz_fidelity(done: bellwire.Compiled, ends: Ends) -> float:
    """The fidelity of the output of a compiled GHZ circuit."""
    outputs = _outputs(done)
    every = "*".join(f"X{q}" for q in outputs)
    checks = (every, *(f"Z{a}*Z{b}" for a, b in zip(outputs, outputs[1:])))
    return kept_share(done, "", checks, ends)


def _outputs(done: bellwire.Compiled) -> list[int]:
    program = done.program
    return [int(q) for q in (program.inputs if program.outputs is None else program.outputs)]


def kept_share(done: bellwire.Compiled, before: str, checks: tuple[str, ...], ends: Ends) -> float:
    """The exact chance that no check flips, from the program's errors (Walsh-Hadamard sum).

    A wrong end flips whichever Pauli is prepared or read: depolarising with 3/2 of its chance.
    """
    builder = StimBuilder()
    builder.add(done.program, noise_events(done.program, done.machine))
    after = "\n".join(f"DETECTOR rec[-{k}]" for k in range(1, len(checks) + 1))
    first, last = (" ".join(map(str, qubits)) for qubits in (done.program.inputs, _outputs(done)))
    whole = stim.Circuit(f"{before}\nDEPOLARIZE1({1.5 * ends[0]}) {first}") + builder.circuit()
    whole += stim.Circuit(f"DEPOLARIZE1({1.5 * ends[1]}) {last}\nMPP {' '.join(checks)}\n{after}")
    signs = np.ones(2 ** len(checks))
    for error in whole.detector_error_model():
        if error.type == "error":
            mask = sum(1 << d.val for d in error.targets_copy())
            odd = [(s & mask).bit_count() % 2 == 1 for s in range(len(signs))]
            signs[odd] *= 1 - 2 * error.args_copy()[0]
    return float(signs.mean())


def repeaters(shots: int, seed: int) -> Iterator[Row]:
    """T12: two segments with swapping, as in the algorithms of Brand, Coopmans and Elkouss,
    arXiv:1912.07688, and the formulas of Zang et al., arXiv:2407.11376."""
    waits = repeater_waits(0.02, shots, seed)
    slots, error = mean(waits)
    how = "sampled timelines of a compiled gate over a repeater"
    row = partial(Row, "T12", unit="slots", mark=COMPUTED)
    wanted = repeater_slots(0.02)
    yield row("mean wait, p = 0.02", predicted=slots, error=error, published=wanted, how=how)
    for share in (0.5, 0.95):
        exact = _quantile_of_two(0.02, share)
        ours = float(np.quantile(waits, share))
        name = f"{share:.0%} quantile of the wait"
        yield row(name, predicted=ours, published=exact, how=how, relative=0.03)
    how = "sampled tries, both pairs made again when the first is too old"
    for cutoff, published in ((5, 285.2), (20, 122.97), (100, 78.49)):
        slots, error = mean(cut_off_waits(0.02, cutoff, shots, seed))
        name = f"mean wait, cut-off {cutoff}"
        yield row(name, predicted=slots, error=error, published=published, how=how)


def _quantile_of_two(success: float, share: float) -> float:
    """The slots within which both of two links have a pair: (1 - q^m)^2 = share."""
    return math.log(1 - math.sqrt(share)) / math.log1p(-success)


def repeater_waits(success: float, shots: int, seed: int) -> np.ndarray:
    """Slots that a compiled gate between the ends of a repeater waits for its two pairs."""
    link = bellwire.Link(("A", "R"), 1_000.0, success, message_ns=0.0)
    ends = [bellwire.Module(name, 1, 1) for name in "AB"]
    middle = bellwire.Module("R", 0, 2, role="repeater")
    machine = Machine((ends[0], middle, ends[1]), (link, replace(link, between=("R", "B"))))
    program = bellwire.compile(circuit("cz q[0], q[1];"), machine, recipe="fast").program
    spans = bellwire.prepare(program, machine, backend="timing").run(shots, seed).makespans_ns
    local = bellwire.prepare(program, prompt(machine), backend="timing").run(1, seed).makespans_ns
    return (spans - local[0] + 1) / 1_000.0


def cut_off_waits(success: float, cutoff: int, shots: int, seed: int) -> np.ndarray:
    """Slots until two pairs are alive at once."""
    random = np.random.default_rng(seed)
    total, left = np.zeros(shots), np.arange(shots)
    while len(left):
        first, second = random.geometric(success, (2, len(left)))
        apart = abs(first - second)
        total[left] += np.minimum(first, second) + np.minimum(apart, cutoff)
        left = left[apart > cutoff]
    return total


def asking_ahead(_shots: int, seed: int) -> Iterator[Row]:
    """T13: pairs asked for ahead of their use, Pouryousef et al., arXiv:2504.20176."""
    how = "mean over sampled timelines: 12 compiled gates, window of 20 us less on demand"
    row = partial(Row, "T13", unit="", published=-1.0, upto=0.0, mark=PAPER, how=how)
    gained, error = gain_of_asking_ahead(20e3, seed)
    name = "fidelity gained, pairs keep 20 us and take 10 us"
    yield row(name, predicted=gained, error=error)


def gain_of_asking_ahead(comm_t2_ns: float, seed: int) -> tuple[float, float]:
    """What a window adds to the chance of no error, and its standard error."""
    module = bellwire.Module(
        "A",
        1,
        gate_1q=bellwire.GateQuality(50),
        gate_2q=bellwire.GateQuality(200),
        readout=bellwire.GateQuality(1_000),
        t2_ns=5e6,
        comm_t2_ns=comm_t2_ns,
    )
    link = bellwire.Link(("A", "B"), 1_000, 0.1, message_ns=200)
    machine = bellwire.make_machine(
        "line", 2, data_qubits=1, comm_qubits=4, module=module, link=link
    )
    gates = circuit(*["cz q[0], q[1]; rx(0.3) q[0]; rx(0.3) q[1];"] * 12)
    ways = (Generation("on_demand"), Generation("window", 20e3))
    programs = (
        bellwire.compile(gates, machine, recipe="fast", generation=way).program for way in ways
    )
    late, early = (predict(program, machine, seed=seed) for program in programs)
    error = math.hypot(late.fidelity_error, early.fidelity_error)
    return early.fidelity - late.fidelity, error
