"""One link beside SeQUeNCe: pairs per second of the same heralded link, and how quick each is.

Two modules whose photons meet at a station in the middle, single-heralded generation. An attempt
succeeds with (efficiency x fibre x detector)^2 / 2 and takes two messages between the modules, a
photon to the middle and its answer. Ours: sampled timelines of a compiled gate that waits for one
pair. Theirs: Wu et al., Quantum Sci. Technol. 6, 045027 (2021), protocol `single_heralded`. CPU
seconds by time.process_time, networks and programs being ready. Needs the extra `compare`.

    python benchmarks/sequence_link.py [--pairs 20000] [--seed 1] [--json]
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import bellwire
from bellwire import __version__
from bellwire.targets.machine import Machine
from bellwire.targets.photons import FIBRE_KM_PER_S, transmission, two_photon_success

EFFICIENCY = 0.7  # a photon leaves a memory
DETECTOR = 0.9  # a photon is seen
KM = 1.0  # of fibre from module to module, 0.2 dB/km
PS = 1e-12
DETECTOR_ARGS = {
    "efficiency": DETECTOR,
    "dark_count": 0,
    "time_resolution": 1,
    "count_rate": 10**12,
}
BIN_HZ = 1e12  # of photons in a fibre: attempts are not rounded to time bins


@dataclass(frozen=True)
class Rate:
    """Pairs per second of simulated time, the standard error, and CPU seconds per 1,000 pairs."""

    per_s: float
    error: float
    cpu_s: float


def success() -> float:
    """The chance that one attempt succeeds."""
    eta = EFFICIENCY * transmission(KM / 2) * DETECTOR
    return two_photon_success(eta, eta)


def attempt_ns() -> float:
    """Two messages between the modules, a photon to the middle, the answer, 10 ps of SeQUeNCe's."""
    return 3 * KM / FIBRE_KM_PER_S * 1e9 + 0.01


def ours(pairs: int, seed: int) -> Rate:
    """Sample a compiled gate once per pair."""
    link = bellwire.Link(("A", "B"), attempt_ns(), success(), message_ns=0.0)
    machine = Machine(tuple(bellwire.Module(name, 1, 1) for name in "AB"), (link,))
    circuit = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; cz q[0], q[1];'
    program = bellwire.compile(bellwire.read(circuit), machine).program
    prepared = bellwire.prepare(program, machine, backend="timing")
    prepared.run(10, seed)  # compiles what is compiled at first use
    start = time.process_time()
    spans = prepared.run(pairs, seed).makespans_ns
    cpu_s = time.process_time() - start
    at_once = bellwire.prepare(program, _at_once(machine), backend="timing").run(1, seed)
    waits = (spans - at_once.makespans_ns[0] + attempt_ns()) * 1e-9
    return Rate(1 / waits.mean(), _error(waits.mean(), pairs), 1_000 * cpu_s / pairs)


def _at_once(machine: Machine) -> Machine:
    """The same machine, each first attempt a success."""
    return replace(machine, links=tuple(replace(link, success=1.0) for link in machine.links))


def _error(mean_s: float, pairs: int) -> float:
    """The standard error of the rate: the number of attempts for a pair is geometric."""
    return math.sqrt(1 - success()) / (mean_s * math.sqrt(pairs))


def theirs(pairs: int, seed: int) -> Rate:
    """Let SeQUeNCe make the pairs one after the other."""
    timeline, end = _network(pairs, seed)
    start = time.process_time()
    timeline.run()
    cpu_s = time.process_time() - start
    mean_s = sum(end.waits) / len(end.waits) * PS
    return Rate(1 / mean_s, _error(mean_s, len(end.waits)), 1_000 * cpu_s / len(end.waits))


def _network(pairs: int, seed: int) -> tuple[Any, Any]:
    """SeQUeNCe's timeline, ready to run, and one of the two ends."""
    from sequence.components.optical_channel import ClassicalChannel, QuantumChannel
    from sequence.constants import BELL_DIAGONAL_STATE_FORMALISM, SINGLE_HERALDED
    from sequence.entanglement_management.generation import (
        EntanglementGenerationA,
        EntanglementGenerationB,
    )
    from sequence.kernel.timeline import Timeline
    from sequence.topology.node import BSMNode

    EntanglementGenerationA.set_global_type(SINGLE_HERALDED)
    EntanglementGenerationB.set_global_type(SINGLE_HERALDED)
    timeline = Timeline(formalism=BELL_DIAGONAL_STATE_FORMALISM)
    ends = [
        _end(timeline, name, other, pairs, seed + i) for i, (name, other) in enumerate(("ab", "ba"))
    ]
    parts = {
        "encoding_type": SINGLE_HERALDED,
        "SingleHeraldedBSM": {"detectors": [DETECTOR_ARGS] * 2},
    }
    middle = BSMNode("m", timeline, ["a", "b"], seed=seed + 2, component_templates=parts)
    nodes = {"a": ends[0], "b": ends[1], "m": middle}
    for end in ends:
        fibre = QuantumChannel(f"q{end.name}", timeline, 2e-4, 500 * KM, frequency=BIN_HZ)
        fibre.set_ends(end, "m")
    for sender, receiver in ("ab", "ba", "am", "ma", "bm", "mb"):
        metres = 1_000 * KM if "m" not in (sender, receiver) else 500 * KM
        delay_ps = round(metres / 1_000 / FIBRE_KM_PER_S / PS)
        channel = ClassicalChannel(f"c{sender}{receiver}", timeline, metres, delay=delay_ps)
        channel.set_ends(nodes[sender], receiver)
    timeline.init()
    for end in ends:
        end.next_pair()
    return timeline, ends[0]


def _end(timeline: Any, name: str, other: str, pairs: int, seed: int) -> Any:
    """A node with one memory that asks for a pair, again and again."""
    from sequence.components.memory import Memory
    from sequence.entanglement_management.generation import EntanglementGenerationA
    from sequence.kernel.event import Event
    from sequence.kernel.process import Process
    from sequence.resource_management.memory_manager import MemoryInfo
    from sequence.topology.node import Node

    class End(Node):  # type: ignore[misc]
        """Is its own resource manager: notes how long each pair took."""

        def __init__(self) -> None:
            super().__init__(name, timeline, seed)
            errors = [1 / 3, 1 / 3, 1 / 3]
            self.memory = Memory(f"{name}.memory", timeline, 1.0, 0, EFFICIENCY, -1, 1550, errors)
            self.memory.add_receiver(self)
            self.add_component(self.memory)
            self.resource_manager = self
            self.waits: list[int] = []
            self.since = 0

        def next_pair(self) -> None:
            self.since = self.timeline.now()
            self.attempt()

        def attempt(self) -> None:
            self.memory.reset()
            protocol = EntanglementGenerationA.create(self, f"{name}.eg", "m", other, self.memory)
            protocol.set_others(f"{other}.eg", other, [f"{other}.memory"])
            self.protocols = [protocol]
            protocol.start()

        def update(self, protocol: Any, memory: Any, state: str) -> None:
            self.protocols = []
            if state != MemoryInfo.ENTANGLED:
                self.attempt()
                return
            self.waits.append(self.timeline.now() - self.since)
            if len(self.waits) < pairs:
                # later: the primary end sends one more request after its success
                later = self.timeline.now() + 2 * round(KM / FIBRE_KM_PER_S / PS)
                self.timeline.schedule(Event(later, Process(self, "next_pair", [])))

        def receive_message(self, src: str, msg: Any) -> None:
            for protocol in self.protocols:
                protocol.received_message(src, msg)

        def get(self, photon: Any, **places: str) -> None:
            self.send_qubit(places["dst"], photon)

    return End()


def main() -> None:
    """Read the options, run both, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--pairs", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true")
    said = options.parse_args()
    try:
        installed = version("sequence")
    except PackageNotFoundError:
        skipped = "SeQUeNCe is not installed; pip install sequence"
        print(
            json.dumps({"benchmark": "sequence_link", "skipped": skipped}) if said.json else skipped
        )
        return
    found = compare(said.pairs, said.seed)
    about = {"benchmark": "sequence_link", "version": __version__, "sequence_version": installed}
    if said.json:
        print(json.dumps(about | {"pairs": said.pairs, "seed": said.seed} | found))
        return
    print(
        f"attempt {found['attempt_ns']:.2f} ns, success {found['success']:.5f}, {said.pairs} pairs"
    )
    for who in ("bellwire", "sequence"):
        print(
            f"{who:9} {found[who]['per_s']:9.1f} +- {found[who]['error']:.1f} pairs/s, "
            f"{found[who]['cpu_s']:.3g} CPU s per 1,000 pairs"
        )
    print(
        f"rates differ by {found['difference']:+.2%}; bellwire {found['quicker']:.0f} times quicker"
    )


def compare(pairs: int, seed: int) -> dict[str, Any]:
    """Both rates, their relative difference, and how much quicker ours is."""
    one, other = ours(pairs, seed), theirs(pairs, seed)
    return {
        "attempt_ns": attempt_ns(),
        "success": success(),
        "exact_per_s": success() / attempt_ns() * 1e9,
        "bellwire": vars(one),
        "sequence": vars(other),
        "difference": one.per_s / other.per_s - 1,
        "quicker": other.cpu_s / one.cpu_s,
    }


if __name__ == "__main__":
    main()
