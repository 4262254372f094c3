"""Compiled programs that somebody changed, under every verb that takes such."""

from __future__ import annotations

from random import Random

from driver import Format
from mutate import Mutator

from formats.command import FOLDER, run
from formats.samples import compiled_texts

VERBS = (
    *(("show",), ("show", "--ops"), ("show", "--ebits"), ("verify",), ("preflight",)),
    *(("run", "--shots", "2", "--backend", "timing"), ("run", "--shots", "2")),
    *(("report", "-o", "report.html"), ("verify", "--against", "ghz.qasm")),
)
_TEXTS = {form: Mutator(compiled_texts(form)) for form in (".qasm", ".txt")}

Changed = tuple[tuple[str, ...], str, str]


def write(rng: Random) -> Changed:
    """A verb, the ending of a file, the text that is in it."""
    form = rng.choice(sorted(_TEXTS))
    return rng.choice(VERBS), form, _TEXTS[form](rng)


def read(given: Changed) -> None:
    """Write the file and run the verb on it."""
    (verb, *more), form, text = given
    path = FOLDER / f"changed{form}"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    run((verb, path.name, *more))


_READY = tuple((verb, ".qasm", compiled_texts(".qasm")[0]) for verb in VERBS)

FORMAT = Format("programs", write, read, 20_000, _READY)
