"""Error-corrected Stim circuits over modules.

>>> import stim
>>> from bellwire.qec import Noise, by_cut, distribute
>>> memory = stim.Circuit.generated("surface_code:rotated_memory_z", distance=3, rounds=3)
>>> done = distribute(memory, by_cut(memory, "x<=3"), noise=Noise(p=1e-3, bell_infidelity=0.02))
>>> done.report["ebits_per_round"], done.link_distances()
(5, [3])
"""

from __future__ import annotations

from bellwire.passes.qec.assign import by_cut, by_file, by_metis, by_packets
from bellwire.passes.qec.distance import link_distances
from bellwire.passes.qec.distribute import Distributed, distribute
from bellwire.passes.qec.noise import Noise

__all__ = [
    "Distributed",
    "Noise",
    "by_cut",
    "by_file",
    "by_metis",
    "by_packets",
    "distribute",
    "link_distances",
]
