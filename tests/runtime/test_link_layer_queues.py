"""Queues, waits and ways against closed forms; random requests with faults end as they must."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protocols import machine_of

from bellwire.runtime.link_layer.codes import Code
from bellwire.runtime.link_layer.events import Expire, Failure, Ok, PhysicalError
from bellwire.runtime.link_layer.service import LinkLayer
from bellwire.targets.link import Fabric
from bellwire.targets.machine import GateQuality, Module
from bellwire.targets.noise import werner_state, werner_weight


def loaded(load: float, requests: int, *, seed: int, priorities=(0,), success=0.1, **options):
    """A link with requests that come at random, each for one measured pair."""
    machine = machine_of(success=success, message_ns=0)
    service = LinkLayer(machine, seed=seed, load_check=False, **options)
    random = np.random.default_rng(seed)
    times = np.cumsum(random.exponential(1000 / success / load, requests)).astype(int)
    for at, priority in zip(times.tolist(), random.choice(priorities, requests).tolist()):
        service.create("A", "B", kind="measure", at_ns=at, priority=priority)
    return service


def waits(service: LinkLayer, priority: int = 0) -> np.ndarray:
    """From request to first attempt, in attempts of 1000 ns."""
    mine = [t for t in service.tickets if t.request.priority == priority]
    return np.array([t.first_start_ns - t.request.at_ns for t in mine]) / 1000


def test_one_request_waits_one_over_p():
    machine = machine_of(success=0.02)
    service = LinkLayer(machine, seed=1)
    for k in range(3000):
        service.create("A", "B", at_ns=k * 10**6, hold_ns=0)
    service.run()
    spans = np.array([t.ok_ns[0] - t.request.at_ns for t in service.tickets])
    attempts = (spans - 200) / 1000
    assert attempts.min() >= 1
    error = 0.98**0.5 / 0.02 / 3000**0.5
    assert attempts.mean() == pytest.approx(50, abs=4 * error)
    assert attempts.var() == pytest.approx(0.98 / 0.02**2, rel=0.2)


def test_first_in_first_out_waits_as_pollaczek_and_khinchine_say():
    service = loaded(0.6, 10_000, seed=3)
    service.run()
    rate, second = 0.6 * 0.1, (2 - 0.1) / 0.1**2  # arrivals per attempt, E[N^2]
    assert waits(service).mean() == pytest.approx(rate * second / 2 / (1 - 0.6), rel=0.1)


def test_strict_priorities_wait_as_cobham_says():
    service = loaded(0.7, 10_000, seed=4, priorities=(0, 1), scheduler="strict")
    service.run()
    residual = 0.07 * (2 - 0.1) / 0.1**2 / 2
    high, low = waits(service, 1).mean(), waits(service, 0).mean()
    assert high == pytest.approx(residual / (1 - 0.35), rel=0.1)
    assert low == pytest.approx(residual / (1 - 0.35) / (1 - 0.7), rel=0.15)


def test_weights_share_out_a_loaded_link():
    service = LinkLayer(machine_of(), scheduler="wfq", weights={0: 1, 1: 3, 2: inf})
    for priority in (0, 1):
        for _ in range(3):
            service.create(
                "A", "B", number=500, priority=priority, kind="measure", consecutive=True
            )
    service.create("A", "B", number=5, priority=2, kind="measure", at_ns=100_500, consecutive=True)
    events = service.run(until_ns=400_000)
    got = [service.tickets[e.create_id - 1].request.priority for e in events]
    assert got.count(1) == pytest.approx(3 * got.count(0), abs=3)
    first = got.index(2)
    assert got[first : first + 5] == [2] * 5


def test_weighted_fair_against_first_come_first_served():
    # The ordering by priority of Dahlberg et al.: NL strictly first, then weights 10 and 1.
    def latency(**options):
        service = loaded(0.95, 3000, seed=5, priorities=(0, 1, 2), **options)
        service.run()
        return [waits(service, p).mean() for p in (0, 1, 2)]

    md, ck, nl = latency(scheduler="wfq", weights={2: inf, 1: 10, 0: 1})
    fifo = latency()
    assert nl < ck < md
    assert nl < min(fifo)
    assert max(fifo) < 1.2 * min(fifo)


def test_rare_losses_of_messages_matter_little():
    def mean(loss: float) -> float:
        service = loaded(0.5, 4000, seed=6)
        service.change_link("A", "B", message_loss=loss)
        service.run()
        return waits(service).mean()

    assert mean(1e-4) == pytest.approx(mean(0.0), rel=0.05)


def test_the_nearest_deadline_first_misses_fewer():
    def missed(scheduler: str) -> int:
        service = LinkLayer(machine_of(success=0.1), scheduler=scheduler, load_check=False, seed=7)
        random = np.random.default_rng(7)
        at = 0
        for _ in range(3000):
            at += int(random.exponential(11_500))
            spare = int(random.choice([40_000, 400_000]))
            service.create("A", "B", kind="measure", at_ns=at, deadline_ns=at + spare)
        service.run()
        return sum(t.code is Code.TIMEOUT for t in service.tickets)

    assert missed("edf") < 0.8 * missed("fifo")


@pytest.mark.parametrize(("slots", "mean"), [(5, 285.2), (20, 122.97), (100, 78.49)])
def test_two_hops_with_a_cut_off(slots, mean):
    # Restart on expiry: P = p/(2-p) + 2q/(2-p) (1-q^m), E = [1/(1-q^2) + 2q/(2-p) (1-q^m)/p] / P.
    p, q = 0.02, 0.98
    chance = p / (2 - p) + 2 * q / (2 - p) * (1 - q**slots)
    exact = (1 / (1 - q**2) + 2 * q / (2 - p) * (1 - q**slots) / p) / chance
    assert exact == pytest.approx(mean, rel=1e-3)
    machine = machine_of(
        3, comm_qubits=2, success=p, attempt_ns=1000, message_ns=0, module=_instant()
    )
    service = LinkLayer(machine, seed=slots)
    pairs = 1000
    service.create("A", "C", number=pairs, consecutive=True, hold_ns=0, cutoff_ns=1000 * slots)
    service.run()
    spans = np.diff([0, *service.tickets[0].ok_ns]) / 1000
    assert spans.mean() == pytest.approx(exact, abs=4 * spans.std() / pairs**0.5)


def _instant(t_ns: float = inf) -> Module:
    instant = GateQuality(0)
    return Module("A", 2, gate_2q=instant, readout=instant, t1_ns=t_ns, t2_ns=t_ns)


def test_two_hops_without_a_cut_off_pay_for_the_wait():
    # E[e^(-x |N1 - N2|)] = p/(2-p) [1 + 2 q e^-x / (1 - q e^-x)]; both halves decay, x = 2 / T.
    p, q, x = 0.02, 0.98, 0.005
    kept = p / (2 - p) * (1 + 2 * q * np.exp(-x) / (1 - q * np.exp(-x)))
    assert kept == pytest.approx(0.80162, abs=1e-5)
    machine = machine_of(
        3, comm_qubits=2, success=p, message_ns=0, state=werner_state(0.97), module=_instant(4e5)
    )
    service = LinkLayer(machine, seed=1)
    service.create("A", "C", number=1500, consecutive=True, hold_ns=0)
    found = np.array([ok.goodness for ok in service.run()])
    expected = 1 / 4 + 3 / 4 * werner_weight(0.97) ** 2 * kept
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / 1500**0.5)
    assert found.std() / 1500**0.5 < 0.005


def test_same_seed_same_events():
    def events(seed: int):
        service = loaded(0.9, 200, seed=8, scheduler="wfq", priorities=(0, 1))
        service.world.random = np.random.default_rng(seed)
        service.change_link("A", "B", at_ns=200_000, success=0.5, message_loss=0.1)
        return service.run()

    assert events(1) == events(1)
    assert events(1) != events(2)


REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["AB", "BC", "AC", "CA", "AD", "DB"]),
        st.fixed_dictionaries(
            {
                "number": st.integers(1, 4),
                "min_fidelity": st.sampled_from([0.0, 0.5, 0.8, 0.9]),
                "kind": st.sampled_from(["keep", "measure"]),
                "atomic": st.booleans(),
                "consecutive": st.booleans(),
                "priority": st.integers(0, 2),
                "at_ns": st.integers(0, 300_000),
                "deadline_ns": st.sampled_from([inf, 50_000, 400_000]),
                "hold_ns": st.sampled_from([0, 3000, inf]),
                "renew": st.integers(0, 2),
            }
        ),
    ),
    max_size=12,
)
FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["AB", "BC", "CD", "DA"]),
        st.fixed_dictionaries(
            {
                "at_ns": st.integers(0, 400_000),
                "up": st.booleans(),
                "success": st.sampled_from([0.0, 0.3, 1.0]),
                "fidelity": st.sampled_from([0.5, 1.0]),
                "message_loss": st.sampled_from([0.0, 0.2, 1.0]),
            }
        ),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(
    requests=REQUESTS,
    faults=FAULTS,
    scheduler=st.sampled_from(["fifo", "strict", "wfq", "edf"]),
    switched=st.booleans(),
    seed=st.integers(0, 99),
)
def test_random_requests_and_faults_lose_nothing(requests, faults, scheduler, switched, seed):
    module = Module("A", 2, t1_ns=1e6, t2_ns=5e5)
    machine = machine_of(
        4, shape="ring", comm_qubits=2, success=0.2, state=werner_state(0.97), module=module
    )
    if switched:
        hub = Fabric("hub", ("A", "B", "C"), ports=2, reconfigure_ns=1500)
        machine = replace(machine, fabrics=(hub,))
    service = LinkLayer(machine, scheduler=scheduler, seed=seed)
    for (a, b), fault in faults:
        service.change_link(a, b, **fault)
    taken = [ack for (a, b), fields in requests if (ack := service.create(a, b, **fields))]
    events = service.run()
    assert len(service.tickets) >= len(taken)
    _check_conservation(service, events)


def _check_conservation(service: LinkLayer, events) -> None:
    held = service.holdings.held
    free = {m.name: service.world.memory.free(m.name) for m in service.machine.modules}
    making = {id(s.pair) for t in service.tickets for a in t.open for s in a.reaches}
    # Each pair has ended, is held by a user or waits to be swapped; never two of these.
    for pair in service.world.pairs:
        alive = (pair.entanglement in held) + (id(pair) in making)
        assert alive == (pair.fate == "")
    names = [pair.entanglement for pair in service.world.pairs]
    assert len(names) == len(set(names))
    # Each request has ended once, with all its pairs or one failure, or is queued still.
    for ticket in service.tickets:
        mine = [e for e in events if not isinstance(e, PhysicalError)]
        mine = [e for e in mine if e.create_id == ticket.create_id]
        delivered = sum(isinstance(e, Ok) for e in mine)
        failed = [e for e in mine if isinstance(e, Failure)]
        assert sum(isinstance(e, Expire) for e in mine) <= delivered
        if ticket.code is Code.OK:
            assert (delivered, failed) == (ticket.request.number, [])
        elif ticket.code is None:
            assert not failed
            assert all(ticket in server.queue for server in ticket.servers)
        else:
            assert [e.code for e in failed] == [ticket.code]
            assert delivered == failed[0].delivered < ticket.request.number
            assert ticket.open == []
    # Communication qubits are free, held by a user, or by a pair in the making.
    for name in free:
        used = sum(name in h.pair.entanglement[:2] for h in held.values())
        used += sum(
            len(a.qubits[name]) for t in service.tickets for a in t.open if name in a.qubits
        )
        assert free[name] + used == 2
    assert all(not server.works for server in service.servers)
    assert not any(any(switch.uses.values()) for switch in service.world.switches)
