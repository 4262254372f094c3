"""Whether detectors and observables are the same in every run without noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bellwire.errors import NotSupported

if TYPE_CHECKING:
    import stim


def check_detectors(source: stim.Circuit, made: stim.Circuit) -> None:
    """Raise NotSupported when a detector or observable of `made` is random; says whether it was
    in `source` already."""
    if (found := _random_part(made)) is None:
        return
    if (theirs := _random_part(source)) is not None:
        raise NotSupported(
            f"the circuit has detectors or observables that are not deterministic ({theirs}); "
            "mend them, or take them out"
        )
    raise NotSupported(
        f"detectors would not be deterministic any more ({found}); this is a fault of bellwire: "
        "please report the circuit"
    )


def _random_part(circuit: stim.Circuit) -> str | None:
    try:
        circuit.without_noise().detector_error_model()
    except ValueError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        named = [line for line in lines if line[:1] in "DL" and line[1:2].isdigit()]
        return ", ".join(named[:3]) or lines[0].rstrip(".")
    return None
