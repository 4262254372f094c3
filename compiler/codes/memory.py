"""Memory experiments by name: a code, a basis, a distance, a number of rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bellwire.errors import NotSupported

if TYPE_CHECKING:
    import stim

_SURFACE = {"rotated_surface": "rotated", "unrotated_surface": "unrotated"}
# For each code the bases that it can be kept in.
CODES = {
    "rotated_surface": ("z", "x"),
    "unrotated_surface": ("z", "x"),
    "rotated_checks": ("z", "x"),
    "color": ("xyz",),
    "bicycle": ("z", "x"),
}
GRAPH_LIKE = frozenset(("rotated_surface", "unrotated_surface", "rotated_checks"))


def memory(code: str, basis: str, distance: int, rounds: int) -> stim.Circuit:
    """A memory experiment without noise.

    - "rotated_surface", "unrotated_surface", "color": those that Stim generates;
    - "rotated_checks": the rotated surface code without ancillas, each check a measured product;
    - "bicycle": the bivariate bicycle code of distance 6 or 12, depth 7; the checks of the other
      basis are measured but make no detectors, because decoders take one kind of error at a time.

    Raises NotSupported for a code, basis, distance or number of rounds that there is not.
    """
    check_memory(code, basis, distance, rounds)
    if code == "bicycle":
        from bellwire.compiler.codes.bicycle_circuit import bicycle_memory

        return bicycle_memory(basis, distance, rounds)
    if code == "rotated_checks":
        from bellwire.compiler.codes.products import products_memory

        return products_memory(basis, distance, rounds)
    import stim

    name = f"{_SURFACE[code]}_memory_{basis}" if code in _SURFACE else "memory_xyz"
    family = "surface_code" if code in _SURFACE else "color_code"
    return stim.Circuit.generated(f"{family}:{name}", distance=distance, rounds=rounds)


def check_memory(code: str, basis: str, distance: int, rounds: int) -> None:
    """Raise NotSupported unless there is such a memory experiment."""
    if code not in CODES:
        raise NotSupported(f"code: found {code!r}; give one of {', '.join(CODES)}")
    if basis not in CODES[code]:
        raise NotSupported(
            f"basis: found {basis!r} for code {code}; give {' or '.join(CODES[code])}"
        )
    if code == "bicycle":
        if distance not in (6, 12):
            raise NotSupported(f"distance: found {distance} for code bicycle; give 6 or 12")
    elif distance < 3 or (code == "color" and distance % 2 == 0):
        odd = "an odd number, 3 or more" if code == "color" else "3 or more"
        raise NotSupported(f"distance: found {distance} for code {code}; give {odd}")
    least = 2 if code == "color" else 1
    if rounds < least:
        raise NotSupported(f"rounds: found {rounds} for code {code}; give {least} or more")
