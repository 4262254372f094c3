"""Long texts of a piece said over and over: half a megabyte may take a reader seconds at most."""

from __future__ import annotations

from random import Random

from driver import Format
from mutate import Mutator

from formats import circuits, stim_extras, tables

LETTERS = 500_000
_ALL = (
    *(circuits.QASM2, circuits.QASM3, circuits.STIM, circuits.TEXT),
    *(tables.MACHINE, tables.MEMQ, tables.SCENARIO, tables.OBJECTIVES, tables.STUDY),
    *(stim_extras.HOMES, stim_extras.COUNTS),
)
BASES = {form.name: form for form in _ALL}


def write(rng: Random) -> tuple[str, str]:
    """The name of a format and a text for it: a sound one with a piece of it repeated somewhere."""
    base = rng.choice(list(BASES.values()))
    assert isinstance(base.write, Mutator)
    words = list(rng.choice(base.write.split))
    piece = rng.choice((*base.write.known, " ", "\n", '"', "/*")) if rng.random() < 0.5 else ""
    piece = piece or "".join(base.write.piece(rng)) or " "
    at = rng.choice((len(words), rng.randrange(len(words) + 1)))
    return base.name, "".join([*words[:at], piece * (LETTERS // len(piece)), *words[at:]])


def read(given: tuple[str, str]) -> object:
    """Read it as its format does."""
    name, text = given
    return BASES[name].read(text)


FORMAT = Format("long", write, read, 500, (("qasm2", circuits.SEEDS2[0]),))
