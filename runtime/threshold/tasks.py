"""The points of a study: a circuit for each basis, distance and value, to be sampled by sinter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bellwire.compiler.codes.memory import GRAPH_LIKE
from bellwire.errors import NotSupported
from bellwire.runtime.threshold.study import Study

if TYPE_CHECKING:
    import sinter
    import stim

    Build = Callable[[Study, str, int, float], stim.Circuit]


@dataclass(frozen=True, order=True)
class Point:
    """What was counted at one place of a study: `errors` of `shots` flip some observable."""

    basis: str
    decoder: str
    distance: int
    value: float
    shots: int
    errors: int

    @property
    def rate(self) -> float:
        """Logical errors per shot."""
        return self.errors / self.shots if self.shots else float("nan")


def tasks_of(study: Study, build: Build) -> Iterator[sinter.Task]:
    """One task for each basis, distance, value and decoder; small distances first."""
    import sinter

    for distance in sorted(study.distances):
        for basis in study.bases:
            for value in study.values:
                circuit = build(study, basis, distance, value)
                model = _model(study, circuit)
                for decoder in study.decoders:
                    yield sinter.Task(
                        circuit=circuit,
                        detector_error_model=model,
                        decoder=decoder,
                        json_metadata=_said(study, basis, distance, value),
                    )


def _model(study: Study, circuit: stim.Circuit) -> stim.DetectorErrorModel:
    matched = study.code in GRAPH_LIKE
    try:
        return circuit.detector_error_model(
            decompose_errors=matched, approximate_disjoint_errors=True
        )
    except ValueError as error:
        words = str(error).splitlines()[0].rstrip(".")
        raise NotSupported(
            f"pairs {study.pairs!r} with this layout: found errors that matching cannot decode "
            f"({words}); give another layout or other pairs"
        ) from None


def _said(study: Study, basis: str, distance: int, value: float) -> dict[str, Any]:
    return {
        "code": study.code,
        "basis": basis,
        "d": distance,
        "rounds": study.rounds_of(distance),
        "pairs": study.pairs,
        "layout": study.layout if isinstance(study.layout, str) else list(study.layout),
        study.swept: value,
    }


def point_of(study: Study, counted: sinter.TaskStats) -> Point:
    """The point that was counted."""
    said = counted.json_metadata
    return Point(
        said["basis"],
        counted.decoder,
        said["d"],
        said[study.swept],
        counted.shots,
        counted.errors,
    )


def custom_decoders(study: Study) -> dict[str, Any]:
    """The decoders of a study that sinter does not have. Raises NotSupported without `ldpc`."""
    wanted = [name for name in study.decoders if name.startswith("bp")]
    if not wanted:
        return {}
    try:
        from ldpc.sinter_decoders import SinterBpOsdDecoder, SinterLsdDecoder
    except ImportError:
        raise NotSupported(
            f"decoder {wanted[0]} needs a package: pip install 'bellwire[ldpc]'"
        ) from None
    options = {"max_iter": 30, "bp_method": "ms", "ms_scaling_factor": 0.625}
    made = {
        "bposd": lambda: SinterBpOsdDecoder(**options, osd_method="osd_cs", osd_order=7),
        "bplsd": lambda: SinterLsdDecoder(**options, lsd_order=0),
    }
    return {name: made[name]() for name in wanted}
