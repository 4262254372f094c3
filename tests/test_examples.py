"""Every script and notebook in examples/ runs and says what it should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAYS = {
    "demo.py": ("equal, exact", "best counts: 1011 ", "written to out/qft_adder_ring4.qasm"),
    "01_hello.py": ("1 e-bit for 2 spanning gates", "proved: True", "'0000': "),
    "02_your_own_pass.py": ("link A - B: ", "SCHEDULED"),
    "03_which_link.py": ("0.999", " ms"),
    "06_seam.py": ("packet       z                5  3\n", "never", "9,000,000 Bell pairs"),
    "04_link_layer.py": ("strict ", "UNSUPP", "A_comm[0]", "goodness 0.9221"),
    "05_qaoa.py": ("50 sets of angles, compiled 1 time", "2 e-bits", "noise False: 5.", ", 8"),
}


def test_every_script_is_listed_here() -> None:
    assert {p.name for p in (ROOT / "examples").glob("*.py")} == set(SAYS)


@pytest.mark.parametrize("name", sorted(SAYS))
def test_script(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    for words in SAYS[name]:
        assert words in done.stdout
