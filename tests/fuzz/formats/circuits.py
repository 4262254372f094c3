"""Circuits as text, each by its own reader, and as bytes of an unknown kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
from driver import Format
from generators import random_program
from mutate import Mutator

from bellwire.compiler.emitters.openqasm import to_openqasm3
from bellwire.compiler.emitters.text import to_text
from bellwire.compiler.frontends.read import read_text_of
from bellwire.targets.files import text_of
from formats.samples import compiled_texts

CASES = Path(__file__).parents[2] / "cases"
RANDOM = [
    random_program(np.random.default_rng(seed), 3, 6, dynamic=True, flow=True) for seed in range(6)
]

SEEDS2 = (
    'OPENQASM 2.0;\ninclude "qelib1.inc";\ngate g(a) x,y { rz(a/2) x; cx x,y; }\nqreg q[3];\n'
    "creg c[2];\nh q;\ng(0.3) q[0],q[1];\nbarrier q;\nmeasure q[0] -> c[0];\nif(c==1) x q[2];\n"
    "cu1(pi/4) q[1],q[2];\nreset q[0];\n",
    'OPENQASM 2.0;\ninclude "qelib1.inc";\nopaque magic(a) x;\ngate b x { h x; h x; }\n'
    "gate c x { b x; b x; }\nqreg q[2];\nqreg r[2];\ncreg m[2];\ncx q,r;\nc q;\n"
    "u3(sin(pi/2)^2,-ln(2),1e-3) q[0]; // note\nswap q[0],r[1];\nmeasure q -> m;\n",
    "OPENQASM 2.0;\nqreg q[1];\nU(0,0,pi) q[0];\n",
)
SEEDS3 = tuple(path.read_text() for path in sorted((CASES / "qasm3").glob("*.qasm")))
STIM_SEEDS = (
    "H 0 1\nREPEAT 2 {\n  M !0\n  CX rec[-1] 1\n}\nMPP X0*Z1 # end\n",
    "QUBIT_COORDS(1, 2) 0\nR 0 1 2\nSQRT_XX 0 1\nC_XYZ 2\nTICK\nMXX 0 1\nMR 2\nISWAP 0 2\n",
    "RX 0\nDEPOLARIZE1(0.01) 0\nCX 0 1 1 2\nM(0.1) 1\nDETECTOR(1, 2) rec[-1]\nSHIFT_COORDS(1)\n"
    "OBSERVABLE_INCLUDE(0) rec[-1]\nSPP X0*Y1\nMPAD 0 1\nCZ sweep[3] 1\n",
)
STIM_WORDS = ("S_DAG", "MYY", "CXSWAP", "XCZ", "MRX", "HERALDED_ERASE", "REPEAT", "16777215", "Y")


def text_seeds() -> tuple[str, ...]:
    """Programs in the text form: the cases of passes, random ones."""
    cases = [path.read_text() for path in sorted((CASES / "passes").glob("*.txt"))]
    inputs = [case.split("---")[1].strip() + "\n" for case in cases if "---" in case]
    return (*inputs, *map(to_text, RANDOM))


def bytes_of(text: Mutator, rng: Random) -> bytes:
    """A text in some encoding, with some bytes changed."""
    code = rng.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"))
    data = bytearray(text(rng).encode(code, errors="replace"))
    for _ in range(rng.choice((0, 0, 1, 3)) if data else 0):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def read_bytes(data: bytes) -> object:
    """What the command does with a file of unknown kind."""
    return read_text_of(text_of(data, "fuzz"), path="fuzz")


def ending(end: str) -> Callable[[str], object]:
    """Read a text as from a file with this ending."""
    return lambda text: read_text_of(text, path=f"fuzz{end}")


_QASM3 = (*SEEDS3, *map(to_openqasm3, RANDOM), *compiled_texts(".qasm"))
_TEXT = (*text_seeds(), *compiled_texts(".txt"))

QASM2 = Format("qasm2", Mutator(SEEDS2), ending(".qasm"), 150_000, SEEDS2)
QASM3 = Format("qasm3", Mutator(_QASM3), ending(".qasm"), 150_000, SEEDS3)
STIM = Format("stim", Mutator(STIM_SEEDS, STIM_WORDS), ending(".stim"), 150_000, STIM_SEEDS[:2])
TEXT = Format("text", Mutator(_TEXT), ending(".txt"), 150_000, _TEXT)

_ANY = Mutator((*SEEDS2, *STIM_SEEDS, *SEEDS3[:3], *_TEXT[:3]))
BYTES = Format(
    "bytes",
    lambda rng: bytes_of(_ANY, rng),
    read_bytes,
    50_000,
    tuple(text.encode() for text in (SEEDS2[0], STIM_SEEDS[0], SEEDS3[0], _TEXT[0])),
)
