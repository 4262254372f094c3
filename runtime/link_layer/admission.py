"""Refuse, before it is queued, what can never be: the checks of fidelity, time, memory and load."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import ceil

from bellwire.runtime.link_layer.codes import Code
from bellwire.runtime.link_layer.estimates import Route
from bellwire.runtime.link_layer.events import Refusal
from bellwire.runtime.link_layer.request import Request
from bellwire.runtime.link_layer.ticket import Ticket


def check_request(
    request: Request, route: Route, purposes: Mapping[str, Collection[int]]
) -> Refusal | None:
    """Refuse a request that could not be met even if nobody else asked for anything.

    `purposes`: what modules take requests for; all, where a module is not named.
    """
    if wrong := request.malformed():
        return Refusal(Code.CREATE, wrong)
    if request.purpose not in purposes.get(request.partner, (request.purpose,)):
        detail = f"{request.partner} takes no requests for purpose {request.purpose}"
        return Refusal(Code.REJECTED, detail)
    if not route.modules:
        ends = f"{request.origin} to {request.partner}"
        return Refusal(Code.UNSUPP, f"no links lead from {ends}; add one")
    if request.atomic and len(route.links) > 1:
        return Refusal(Code.UNSUPP, "atomic: found it for modules without a link; leave it out")
    found = (check(request, route) for check in (_memory, _fidelity, _time))
    return next((refusal for refusal in found if refusal is not None), None)


def _memory(request: Request, route: Route) -> Refusal | None:
    for name, need in route.needs(request.number if request.together else 1).items():
        has = route.machine.module(name).comm_qubits
        if need > has:
            detail = (
                f"{need} communication qubits of {name} are needed at once, it has {has}; ask for "
                "fewer pairs, or for consecutive ones"
            )
            return Refusal(Code.NORES, detail)
    return None


def _fidelity(request: Request, route: Route) -> Refusal | None:
    best = route.attainable(measure=request.kind == "measure")
    way = "-".join(route.modules)
    oldest = min(request.cutoff_ns, *(link.cutoff_ns for link in route.links))
    stored = request.kind == "keep" or len(route.links) > 1
    if stored and route.delay_ns > oldest:
        detail = f"cut-off: found {oldest:g} ns; {route.delay_ns} ns pass until {way} is heralded"
        return Refusal(Code.UNSUPP, detail)
    if request.min_fidelity <= best + 1e-12:
        return None
    found = f"min_fidelity: found {request.min_fidelity:g}"
    return Refusal(Code.UNSUPP, f"{found}; pairs over {way} have {best:.6g} at best")


def _time(request: Request, route: Route) -> Refusal | None:
    rounds = [ceil(request.number / link.capacity) * link.attempt_ns for link in route.links]
    soonest = request.at_ns + route.message_ns + max(rounds)
    if request.deadline_ns >= soonest:
        return None
    found = f"deadline_ns: found {request.deadline_ns:g}"
    return Refusal(Code.UNSUPP, f"{found}; {soonest:g} is the soonest even if all attempts succeed")


def check_load(ticket: Ticket) -> Refusal | None:
    """Refuse a request that those before it in the queues leave too little time, on average."""
    now, request = ticket.world.clock.now_ns, ticket.request
    measure = request.kind == "measure"
    expected = 0.0
    for hop, server in enumerate(ticket.servers):
        ahead = server.scheduler.ahead(ticket, server.queue)
        pairs = request.number + sum(t.request.number - t.delivered for t in ahead)
        share = server.scheduler.share(ticket, server.queue)
        expected = max(expected, pairs * ticket.route.mean_ns(hop, measure=measure) / share)
    if now + expected <= request.deadline_ns:
        return None
    left = request.deadline_ns - now
    detail = f"deadline_ns: {left:g} ns are left, {expected:.6g} ns are expected"
    return Refusal(Code.NOTIME, detail)
