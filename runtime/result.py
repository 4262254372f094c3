"""What a run gives: counts, times, pairs. Results of the same program add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from types import MappingProxyType
from typing import Any

import numpy as np

from bellwire.compiler.program import Ints
from bellwire.errors import RunError
from bellwire.runtime.counts import add_counts


@dataclass(frozen=True, eq=False)
class Result:
    """The outcome of `shots` runs.

    `counts` holds the user's bits alone, keys as Qiskit shows them; {} without user bits.
    `makespans_ns` are sampled timelines, fewer than shots for large programs with a state.
    `pairs` are Bell pairs of all shots together: made, consumed, expired; `attempts` were needed
    for them. `timelines`: over how many sampled ones, each with the noise of its own waits, the
    shots were shared out (0: waiting does no harm, or no state is kept). `fidelity_estimate` is
    the chance that nothing that can be seen goes wrong (compiler/outcome_fidelity.py), None without
    a machine. `aborted` counts shots
    that were given up, by reason. `program` is the fingerprint of what ran.
    """

    counts: Mapping[str, int]
    shots: int
    makespans_ns: Ints
    pairs: Mapping[str, int]
    fidelity_estimate: float | None
    backend: str
    seed: int | None
    program: str
    aborted: Mapping[str, int] = field(default_factory=dict)
    attempts: int = 0
    timelines: int = 0

    def __post_init__(self) -> None:
        for name in ("counts", "pairs", "aborted"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        self.makespans_ns.setflags(write=False)

    @property
    def makespan_s(self) -> dict[str, float]:
        """Mean, median and 99th percentile of the makespan, in seconds."""
        if not len(self.makespans_ns):
            return {"mean": 0.0, "p50": 0.0, "p99": 0.0}
        p50, p99 = np.percentile(self.makespans_ns, [50, 99]).tolist()
        mean = float(self.makespans_ns.mean())
        return {"mean": mean / 1e9, "p50": p50 / 1e9, "p99": p99 / 1e9}

    def __add__(self, other: Result) -> Result:
        """Pool two results of the same program. Raises RunError when the programs differ."""
        if (self.program, self.backend) != (other.program, other.backend):
            raise RunError(
                f"results add up only for the same program and backend; found {self.backend} of "
                f"{self.program} and {other.backend} of {other.program}"
            )
        return Result(
            counts=add_counts(self.counts, other.counts),
            shots=self.shots + other.shots,
            makespans_ns=np.concatenate((self.makespans_ns, other.makespans_ns)),
            pairs=add_counts(self.pairs, other.pairs),
            fidelity_estimate=self.fidelity_estimate,
            backend=self.backend,
            seed=self.seed if self.seed == other.seed else None,
            program=self.program,
            aborted=add_counts(self.aborted, other.aborted),
            attempts=self.attempts + other.attempts,
            timelines=self.timelines + other.timelines,
        )

    def to_dict(self) -> dict[str, Any]:
        """A JSON object: what `bellwire run --json` prints."""
        return {
            "counts": dict(self.counts),
            "shots": self.shots,
            "makespan_s": self.makespan_s,
            "pairs": dict(self.pairs),
            "attempts": self.attempts,
            "timelines": self.timelines,
            "fidelity_estimate": self.fidelity_estimate,
            "aborted": dict(self.aborted),
            "backend": self.backend,
            "seed": self.seed,
        }

    def most_common(self, how_many: int = 10) -> list[tuple[str, int]]:
        """The most frequent outcomes, best first."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))[:how_many]

    def __repr__(self) -> str:
        best = ", ".join(f"{k!r}: {v}" for k, v in self.most_common(4))
        more = ", ..." if len(self.counts) > 4 else ""
        return f"<Result of {self.shots} shots on {self.backend}: {{{best}{more}}}>"

    def draw(self, kind: str = "makespan") -> Any:
        """A Picture: the histogram of its makespans, or its "counts"."""
        # By name: the pictures belong to the front door, which the runtime must not know.
        return import_module("bellwire.pictures").draw(self, kind)

    def _repr_svg_(self) -> str:
        return str(self.draw("makespan" if len(self.makespans_ns) else "counts").svg)

    def _repr_html_(self) -> str:
        times = self.makespan_s
        estimate = self.fidelity_estimate
        facts = {
            "shots": f"{self.shots:,}",
            "backend": self.backend,
            "makespan": f"{times['mean'] * 1e3:.4g} ms on average, p99 {times['p99'] * 1e3:.4g} ms",
            "Bell pairs": ", ".join(f"{v:,} {k}" for k, v in self.pairs.items()),
            "attempts": f"{self.attempts:,}" if self.attempts else "",
            "expected fidelity": "" if estimate is None else f"{estimate:.4g}",
        }
        rows = [f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in facts.items() if v]
        rows += [
            f"<tr><td><code>{escape(key)}</code></td><td>{times_:,} "
            f"({times_ / max(1, self.shots):.1%})</td></tr>"
            for key, times_ in self.most_common()
        ]
        return f"<div><table>{''.join(rows)}</table>{self._repr_svg_()}</div>"
