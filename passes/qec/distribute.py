"""Spread a Stim circuit over modules: spanning gates become teleported gates over Bell pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bellwire.errors import DoesNotFit, NotSupported
from bellwire.passes.qec.coordinates import comm_coordinates
from bellwire.passes.qec.determinism import check_detectors
from bellwire.passes.qec.distance import Distance, link_distances, safe_copies
from bellwire.passes.qec.layout import MODES, Layout
from bellwire.passes.qec.noise import Noise, channels_of
from bellwire.passes.qec.pairs import CommQubits
from bellwire.passes.qec.pieces import written
from bellwire.passes.qec.report import report_of
from bellwire.passes.qec.stim_text import acted_on, read_lines
from bellwire.targets.machine import Machine

if TYPE_CHECKING:
    import stim

CORRECTIONS = ("explicit", "frame")


@dataclass(frozen=True)
class Distributed:
    """A circuit over modules, and what it costs.

    `circuit` is ready for Stim and sinter; `comm` gives the module of each communication qubit.
    The other fields are what it was made from. `report`: see docs/error_correction.md.
    """

    circuit: stim.Circuit
    report: dict[str, Any]
    source: stim.Circuit
    homes: Mapping[int, int]
    pairs: str
    comm: Mapping[int, int]
    copies: str = "XYZ"
    comm_limits: Mapping[int, int] | None = None

    def link_distances(self) -> list[Distance]:
        """For each observable the fewest faults of links alone that flip it unseen; None: none do;
        "unknown" where errors flip more than two detectors and no quick search finds it.

        The length of the shortest graph-like error (Stim) of the circuit with noise on its links
        and nowhere else.
        """
        return link_distances(
            self.source, self.homes, self.pairs, copies=self.copies, comm_limits=self.comm_limits
        )


def distribute(
    circuit: stim.Circuit,
    homes: Mapping[int, int],
    *,
    pairs: str = "per_gate",
    copies: str = "XYZ",
    corrections: str = "explicit",
    noise: Noise | Machine | None = None,
    comm_limits: Mapping[int, int] | None = None,
    check: bool = True,
) -> Distributed:
    """Spread `circuit` over modules; `homes`: the module of each qubit, modules from 0.

    `pairs` says what Bell pairs are for:

    - "per_gate": one for each spanning gate;
    - "packet": one for all gates of a qubit into a module, while they allow it; `copies`: the
      Paulis that may be copied (Z is that of controls, X of targets);
    - "safe_packet": packets of those Paulis alone that cost no link distance;
    - "ghz": one for each spanning gate, and one GHZ state, one qubit per module, for each measured
      product (MPP, MXX, ...) that spans modules (other modes join Bell pairs for these);
    - "direct": there are none; spanning gates stay, with the noise of links.

    `corrections`: "explicit" feedback, or "frame": a Pauli frame, taken into detectors and
    observables. `noise`: uniform (Noise), or that of a Machine, whose modules in order are those
    of `homes`, and whose data and communication qubits are hard limits. `comm_limits` gives the
    limit of communication qubits by module otherwise (default: none). `check`: whether to check
    that the result is deterministic.

    Detectors and observables keep their meaning, every record is looked up in its new place, and
    loops stay loops. Raises NotSupported for unknown modes, for gates that cannot be spread (by
    name) and for detectors that are not deterministic, DoesNotFit for homes or communication
    qubits that are missing.
    """
    import stim

    if pairs not in MODES:
        raise NotSupported(f"pairs: found {pairs!r}; give one of {', '.join(MODES)}")
    if corrections not in CORRECTIONS:
        raise NotSupported(f"corrections: found {corrections!r}; give {' or '.join(CORRECTIONS)}")
    if pairs == "ghz" and isinstance(noise, Machine):
        raise NotSupported("pairs: found 'ghz' and a machine, whose links make pairs; give Noise")
    lines = read_lines(circuit)
    _check_homes(acted_on(lines), homes)
    modules = max(homes.values(), default=0) + 1
    if isinstance(noise, Machine):
        _check_room(homes, noise, modules)
        modules = len(noise.modules)
        if comm_limits is None:
            comm_limits = {i: m.comm_qubits for i, m in enumerate(noise.modules)}
    if pairs == "safe_packet":
        pairs, copies = "packet", safe_copies(circuit, homes, comm_limits)
    limits = None if comm_limits is None else [comm_limits.get(m, 0) for m in range(modules)]
    comm_qubits = CommQubits(max((circuit.num_qubits - 1, *homes)) + 1, modules)
    channels = channels_of(noise, modules)
    layout = Layout(lines, homes, comm_qubits, channels, pairs=pairs, copies=copies, limits=limits)
    part = layout.part(lines)
    places = comm_coordinates(circuit, homes, comm_qubits.module_of)
    made = stim.Circuit("\n".join((*places, written(part.block))))
    if corrections == "frame":
        made = made.with_inlined_feedback()
    if check:
        check_detectors(circuit, made)
    report = report_of(part.tally, homes, comm_qubits.counts())
    said = {"pairs": pairs, "copies": copies, "corrections": corrections}
    comm = comm_qubits.module_of
    return Distributed(made, said | report, circuit, homes, pairs, comm, copies, comm_limits)


def _check_homes(used: list[int], homes: Mapping[int, int]) -> None:
    if missing := [q for q in used if q not in homes]:
        raise DoesNotFit(f"homes: found none for qubit {missing[0]}; give each qubit a module")
    if min(homes.values(), default=0) < 0:
        raise DoesNotFit("homes: found a module below 0; number modules from 0")


def _check_room(homes: Mapping[int, int], machine: Machine, modules: int) -> None:
    if modules > len(machine.modules):
        raise DoesNotFit(
            f"machine {machine.name}: found {len(machine.modules)} modules, but homes in {modules}"
        )
    for number, found in sorted(Counter(homes.values()).items()):
        module = machine.modules[number]
        if found > module.data_qubits:
            raise DoesNotFit(
                f"machine {machine.name}: found {found} qubits in module {module.name}, which has "
                f"{module.data_qubits} data qubits; choose other homes or a larger machine"
            )
