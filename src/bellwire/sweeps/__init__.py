"""Sweeps over circuits, machines, recipes, links and seeds: `bellwire.sweep`, and what it needs.

>>> from bellwire.sweeps import read_study
>>> study = read_study({
...     "circuits": [{"family": "ghz", "qubits": [4, 6]}], "machines": ["ring4-demo"],
...     "links": {"fidelity": [0.9, 0.99]}, "seeds": 3,
... })
>>> len(study), study.varied
(12, ['circuit', 'link_fidelity', 'seed'])
"""

from bellwire.runtime.sweep.row_file import read_rows
from bellwire.sweeps.result import SweepResult
from bellwire.sweeps.run import Progress, sweep
from bellwire.sweeps.study import Study
from bellwire.sweeps.study_file import load_study, read_study

__all__ = ["Progress", "Study", "SweepResult", "load_study", "read_rows", "read_study", "sweep"]
