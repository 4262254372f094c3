"""What happened when, as spans of simulated time: requests, attempts, remote gates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bellwire.compiler.program import Program
from bellwire.compiler.timelines import Timelines
from bellwire.compiler.waits import ebit_links
from bellwire.runtime.link_layer.service import LinkLayer
from bellwire.runtime.link_layer.ticket import Ticket
from bellwire.runtime.telemetry.of_run import RunMeasurer
from bellwire.targets.machine import Machine

MOST_SHOTS = 10  # traced


@dataclass(frozen=True, slots=True)
class Span:
    """Something from `start_ns` to `end_ns` with parts of its own; `failed` says why it failed."""

    name: str
    start_ns: int
    end_ns: int
    attributes: Mapping[str, str | int | float] = field(default_factory=dict)
    parts: tuple[Span, ...] = ()
    failed: str = ""


def run_spans(program: Program, machine: Machine, shots: int, seed: int) -> tuple[Span, ...]:
    """One span for each of the first MOST_SHOTS shots of a run with that seed.

    Its parts are one span per remote gate, from the request for its pair to the last use of the
    halves, with the parts `request` (until the herald), `store` (until the first use) and `use`.
    """
    measurer = RunMeasurer(program, machine)
    drawn = measurer.draw(min(shots, MOST_SHOTS), seed)
    return tuple(
        Span(f"shot {shot}", 0, int(ns), {"dqc.shot": shot}, tuple(_gates(measurer, drawn, shot)))
        for shot, ns in enumerate(drawn.makespan_ns.tolist())
    )


def _gates(measurer: RunMeasurer, drawn: Timelines, shot: int) -> Iterator[Span]:
    start, end = measurer.replay.shot(drawn, shot)
    links = ebit_links(measurer.program, measurer.machine)
    place = {row: k for k, row in enumerate(drawn.pairs.tolist())}
    for gate in measurer.replay.gates:
        pair, link = place[gate.ebit], measurer.names[links[gate.ebit]]
        asked, heralded, last = int(start[gate.ebit]), int(end[gate.ebit]), int(end[gate.last])
        used = min(last, heralded + int(drawn.age_ns[pair, shot]))
        tries = {"dqc.link": link, "dqc.link.attempts": int(drawn.tries[pair, shot])}
        parts = (
            Span("request", asked, heralded, tries),
            Span("store", heralded, used),
            Span("use", used, last),
        )
        about: dict[str, str | int | float] = {
            "dqc.gate.mode": gate.mode,
            "dqc.gate.purpose": gate.use.purpose,
            "dqc.gate.count": gate.use.count,
            "dqc.link": link,
            "dqc.qubit": gate.use.qubit or "",
        }
        yield Span("remote gate", asked, last, about, parts)


def link_layer_spans(service: LinkLayer) -> tuple[Span, ...]:
    """One span per request, from its creation to its end (until now, when it is queued still).

    Its parts are `queue` (until the first attempt) and `deliver` (until the last pair).
    """
    return tuple(_request(ticket, service.now_ns) for ticket in service.tickets)


def _request(ticket: Ticket, now_ns: int) -> Span:
    request = ticket.request
    code = "QUEUED" if ticket.code is None else ticket.code.name
    end = max(request.at_ns, now_ns if ticket.end_ns is None else ticket.end_ns)
    about: dict[str, str | int | float] = {
        "dqc.link": ticket.where,
        "dqc.request.id": ticket.create_id,
        "dqc.request.kind": request.kind,
        "dqc.request.number": request.number,
        "dqc.request.priority": request.priority,
        "dqc.request.purpose": request.purpose,
        "dqc.request.code": code,
    }
    failed = "" if code in ("OK", "QUEUED") else code
    parts = tuple(_stages(ticket, end))
    return Span("request", request.at_ns, end, about, parts, failed)


def _stages(ticket: Ticket, end: int) -> Iterator[Span]:
    first = end if ticket.first_start_ns is None else ticket.first_start_ns
    yield Span("queue", ticket.request.at_ns, first)
    if ticket.ok_ns:
        yield Span("deliver", first, ticket.ok_ns[-1], {"dqc.pair.count": len(ticket.ok_ns)})
