"""What `bellwire run` reports beside its counts: metrics, traces, objectives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bellwire.command.options import check_place, options_of, write_whole
from bellwire.command.values import whole
from bellwire.errors import MachineError, NotSupported, ParseError

if TYPE_CHECKING:
    from bellwire.compiler.program import Program
    from bellwire.runtime.faults.live import FaultyRun
    from bellwire.runtime.slo import Objective, Verdict
    from bellwire.runtime.telemetry.measurements import Measurements
    from bellwire.targets.machine import Machine

_about_reports = options_of("Reports")

MetricsFile = Annotated[
    Path | None,
    _about_reports("--metrics", metavar="FILE", help="Write what was measured as Prometheus text."),
]
MetricsPort = Annotated[
    int | None,
    _about_reports(
        metavar="PORT",
        parser=whole(1, 65535),
        help="After the run, offer it to Prometheus until Ctrl-C.",
    ),
]
TracesFile = Annotated[
    Path | None,
    _about_reports(
        "--traces",
        metavar="FILE",
        help="Write spans of remote gates as OpenTelemetry (OTLP JSON).",
    ),
]
SloFile = Annotated[
    Path | None,
    _about_reports(
        "--slo",
        metavar="FILE",
        help="Check a TOML file of objectives; exit code 1 when one is missed.",
    ),
]


@dataclass(frozen=True)
class Made:
    """What came of the objectives, and what was measured."""

    verdicts: tuple[Verdict, ...] = ()
    measured: Measurements | None = None


@dataclass(frozen=True)
class Reports:
    """The reports that were asked for."""

    metrics: Path | None
    port: int | None
    traces: Path | None
    slo: Path | None

    @property
    def wanted(self) -> bool:
        """Whether there are any."""
        return any(x is not None for x in (self.metrics, self.port, self.traces, self.slo))

    def objectives(self, machine: Machine | None, *, faults: bool) -> tuple[Objective, ...]:
        """Find, before the run, whatever would keep a report from being made; read objectives.

        Raises MachineError without a machine, NotSupported for what is not measured under faults,
        RunError for a package that is not installed, ParseError for a bad file of objectives.
        """
        if faults and self.traces is not None:
            raise NotSupported("--traces: found it with --faults; give one of them")
        if self.wanted and machine is None:
            raise MachineError("found a report but no machine to measure; give --machine FILE")
        for path in (self.metrics, self.traces):
            if path is not None:
                check_place(path)
        if self.metrics is not None or self.port is not None:
            from bellwire.runtime.telemetry.prometheus import need_prometheus

            need_prometheus()
        if self.traces is not None:
            from bellwire.runtime.telemetry.traces import need_opentelemetry

            need_opentelemetry()
        return () if self.slo is None or machine is None else _load(self.slo, machine, faults)

    def make(
        self,
        program: Program,
        machine: Machine | None,
        objectives: tuple[Objective, ...],
        shots: int,
        seed: int,
        faulty: FaultyRun | None,
    ) -> Made:
        """Measure the shots of a run, write the files, check the objectives."""
        if not self.wanted or machine is None:
            return Made()
        from bellwire.runtime.slo import check_objectives
        from bellwire.runtime.telemetry.of_faults import measure_faulty_run
        from bellwire.runtime.telemetry.of_run import measure_run

        if faulty is None:
            measured = measure_run(program, machine, shots, seed)
        else:
            measured = measure_faulty_run(faulty, machine)
        if self.metrics is not None:
            from bellwire.runtime.telemetry.prometheus import prometheus_text

            write_whole(self.metrics, prometheus_text(measured))
        if self.traces is not None:
            from bellwire.runtime.telemetry.spans import run_spans
            from bellwire.runtime.telemetry.traces import otlp_json

            spans = run_spans(program, machine, shots, seed)
            write_whole(self.traces, otlp_json(spans, seed=seed))
        return Made(check_objectives(objectives, measured), measured)

    def serve(self, made: Made) -> None:
        """Offer what was measured on the port until the user stops it, if a port was given."""
        if self.port is not None and made.measured is not None:
            _serve(made.measured, self.port)


def _load(path: Path, machine: Machine, faults: bool) -> tuple[Objective, ...]:
    from bellwire.runtime.slo_file import load_objectives
    from bellwire.runtime.telemetry.of_faults import INDICATORS

    objectives = load_objectives(path)
    links = ["-".join(link.between) for link in machine.links]
    for goal in objectives:
        if goal.link and goal.link not in links:
            wanted = f"it must be one of {', '.join(links)}"
            raise ParseError(f"{goal.name}: link: found {goal.link!r}; {wanted}", str(path))
        if faults and not goal.sli.startswith(INDICATORS):
            wanted = f"with --faults it must be one of {', '.join(INDICATORS)}"
            raise ParseError(f"{goal.name}: sli: found {goal.sli}; {wanted}", str(path))
    return objectives


def _serve(measured: Measurements, port: int) -> None:
    from threading import Event

    from bellwire.runtime.telemetry.prometheus import serve_metrics

    server = serve_metrics(measured, port)
    typer.echo(f"metrics on http://127.0.0.1:{port}/metrics; stop with Ctrl-C", err=True)
    try:
        Event().wait()
    except KeyboardInterrupt:
        server.shutdown()


def print_verdicts(verdicts: tuple[Verdict, ...]) -> None:
    """Each objective: what was wanted, what was, how much of the error budget is spent."""
    for verdict in verdicts:
        goal = verdict.objective
        where = f" of {goal.link}" if goal.link else ""
        found = "nothing to measure" if verdict.value is None else f"{verdict.value:.4g}"
        typer.echo(
            f"{'met' if verdict.met else 'MISSED':6} {goal.name}: {goal.sli}{where}: {found}, "
            f"target {goal.target:g}, {verdict.burn:.0%} of the error budget"
        )
