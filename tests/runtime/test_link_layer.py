"""The link layer answers as it should: admission, codes, delivery, cut-off, measuring, faults."""

from dataclasses import replace
from math import exp, inf

import pytest
from protocols import machine_of

from bellwire.errors import MachineError, RunError
from bellwire.runtime.link_layer.codes import Code, code_of, name_in
from bellwire.runtime.link_layer.estimates import aged, lifetime_ns
from bellwire.runtime.link_layer.events import Ack, Expire, Failure, Ok, PhysicalError, Refusal
from bellwire.runtime.link_layer.service import LinkLayer
from bellwire.targets.link import Fabric
from bellwire.targets.machine import GateQuality, Module
from bellwire.targets.noise import store_pair, werner_state
from bellwire.targets.remote_gates import swap_pairs

GOOD = werner_state(0.95)


def decaying(t_ns: float = 1e6) -> Module:
    return Module("A", 2, gate_1q=GateQuality(30), t1_ns=t_ns, t2_ns=t_ns)


def oks(events) -> list[Ok]:
    return [e for e in events if isinstance(e, Ok)]


def test_ten_codes_and_their_aliases():
    assert len(Code) == 10
    assert code_of("MEMEXCEEDED") is Code.NORES
    assert code_of("DENIED") is Code.REJECTED
    assert name_in(Code.OUTOFMEM, "qlink") == "NORES"
    assert name_in(Code.NOTIME, "draft") is None
    with pytest.raises(RunError, match="LATE"):
        code_of("LATE")


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"min_fidelity": 0.96}, Code.UNSUPP, "min_fidelity: found 0.96; pairs over A-B have 0.95"),
        ({"deadline_ns": 1100}, Code.UNSUPP, "1200 is the soonest"),
        ({"number": 3}, Code.NORES, "3 communication qubits of A"),
        ({"purpose": 9}, Code.REJECTED, "B takes no requests for purpose 9"),
        ({"deadline_ns": 20_000}, Code.NOTIME, "100000 ns are expected"),
        ({"number": 0}, Code.CREATE, "number: found 0; it must be a whole number from 1"),
        ({"min_fidelity": 1.2}, Code.CREATE, "min_fidelity: found 1.2"),
        ({"kind": "lend"}, Code.CREATE, "kind: found 'lend'; it must be keep or measure"),
        ({"at_ns": 0.5}, Code.CREATE, "at_ns: found 0.5"),
    ],
)
def test_what_can_never_be_is_refused(fields, code, words):
    machine = machine_of(success=0.01, state=GOOD, comm_qubits=2)
    service = LinkLayer(machine, purposes={"B": (0, 7)})
    refusal = service.create("A", "B", **fields)
    assert isinstance(refusal, Refusal)
    assert not refusal
    assert refusal.code is code
    assert words in refusal.detail
    assert service.run() == ()
    assert service.refused == {("A-B", code): 1}


def test_pairs_that_are_too_old_when_they_are_known():
    service = LinkLayer(machine_of(herald_ns=300, cutoff_ns=200))
    refusal = service.create("A", "B")
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.detail) == (
        Code.UNSUPP, "cut-off: found 200 ns; 300 ns pass until A-B is heralded",
    )  # fmt: skip
    service.create("A", "B", kind="measure")  # measured at the herald, kept nowhere
    assert [ok.at_ns for ok in oks(service.run())] == [1500]


def test_ways_that_do_not_exist():
    machine = machine_of(3, comm_qubits=2, state=GOOD)
    service = LinkLayer(machine)
    with pytest.raises(MachineError, match="'Q'"):
        service.create("A", "Q")
    with pytest.raises(RunError, match="colour"):
        service.create("A", "B", colour=1)
    alone = type(machine)(machine.modules, machine.links[:1])
    refusal = LinkLayer(alone).create("A", "C")
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.detail) == (Code.UNSUPP, "no links lead from A to C; add one")
    assert service.create("A", "C", min_fidelity=0.91).code is Code.UNSUPP
    assert service.create("A", "C", atomic=True).code is Code.UNSUPP
    assert LinkLayer(machine_of(3, state=GOOD)).create("A", "C").code is Code.NORES
    for options in ({"scheduler": "lifo"}, {"weights": {0: 1}}):
        with pytest.raises(RunError):
            LinkLayer(machine, **options)
    with pytest.raises(RunError, match="above 0"):
        LinkLayer(machine, scheduler="wfq", weights={1: 0})


def test_an_ok_says_everything():
    service = LinkLayer(machine_of(state=GOOD), seed=3)
    ack = service.create("A", "B", min_fidelity=0.9, purpose=7, priority=1)
    assert ack == Ack(1)
    (ok,) = service.run()
    assert ok == Ok(
        at_ns=1200,  # one message, one attempt
        create_id=1,
        entanglement=("A", "B", 1),
        bell_state="phi+",
        goodness=0.95,
        goodness_ns=1200,
        left=0,
        qubits=("A_comm[0]", "B_comm[0]"),
    )
    assert service.release(ok) == pytest.approx(GOOD)
    with pytest.raises(RunError, match="nobody holds"):
        service.release(ok)


def test_memory_decay_in_closed_form():
    memories = ((3e5, 4e5), (float("inf"), 2e5))
    for state in (GOOD, (0.7, 0.2, 0.06, 0.04)):
        stored = store_pair(state, 5e4, first=memories[0], second=memories[1])
        assert aged(state, 5e4, memories) == pytest.approx(stored)
        life = lifetime_ns(state, 0.6, memories)
        assert aged(state, life, memories)[0] >= 0.6 > aged(state, life + 1, memories)[0]
    assert lifetime_ns(GOOD, 0.96, memories) == -1
    assert lifetime_ns(GOOD, 0.2, memories) == inf


def test_cut_off_from_the_fidelity_and_the_memory():
    service = LinkLayer(machine_of(state=GOOD, module=decaying()))
    service.create("A", "B", min_fidelity=0.9, renew=1)
    first, gone, second, again = service.run()
    # 1/4 + 0.7 e^(-2 t / T) = 0.9
    life = first.expires_ns - first.goodness_ns
    assert 1 / 4 + 0.7 * exp(-2 * life / 1e6) == pytest.approx(0.9, abs=2e-6)
    assert gone == Expire(int(first.expires_ns), 1, first.entanglement, renewed_as=2)
    assert (second.create_id, second.entanglement) == (2, ("A", "B", 2))
    assert again.renewed_as is None
    assert [pair.fate for pair in service.world.pairs] == ["expired", "expired"]
    service.create("A", "B", cutoff_ns=700)
    assert oks(service.run())[0].expires_ns == service.now_ns


def test_released_in_time_nothing_expires():
    service = LinkLayer(machine_of(state=GOOD, module=decaying()))
    service.create("A", "B", min_fidelity=0.9, number=4, consecutive=True, hold_ns=1000)
    events = service.run()
    assert [e.left for e in events] == [3, 2, 1, 0]
    # One communication qubit: made, held, made ...
    assert [e.at_ns for e in events] == [1200, 3200, 5200, 7200]
    assert [p.used[0] for p in service.world.pairs] == pytest.approx([1 / 4 + 0.7 * exp(-2e-3)] * 4)


def test_pairs_are_delivered_together_unless_consecutive():
    machine = machine_of(comm_qubits=3, success=0.1, state=GOOD, module=decaying(1e5))
    service = LinkLayer(machine, seed=2)
    service.create("A", "B", number=3, min_fidelity=0.85)
    events = service.run(until_ns=3e5)
    good = oks(events)
    assert len({ok.at_ns for ok in good}) == 1
    assert {ok.qubits for ok in good} == {(f"A_comm[{i}]", f"B_comm[{i}]") for i in range(3)}
    assert all(ok.goodness_ns <= ok.at_ns <= ok.expires_ns for ok in good)


def test_atomic_requests_are_not_interrupted():
    def order(**fields):
        service = LinkLayer(machine_of(comm_qubits=4), scheduler="strict")
        service.create("A", "B", number=3, consecutive=True, hold_ns=0, **fields)
        service.create("A", "B", priority=3, hold_ns=0, at_ns=1500)
        return [ok.create_id for ok in oks(service.run())]

    assert order() == [1, 1, 2, 1]
    assert order(atomic=True) == [1, 1, 1, 2]


def test_measured_pairs_show_their_errors():
    state = (0.85, 0.08, 0.05, 0.02)
    wrong = {"Z": 0.05 + 0.02, "X": 0.08 + 0.02, "Y": 0.08 + 0.05}
    for basis, rate in wrong.items():
        service = LinkLayer(machine_of(state=state), seed=5)
        service.create("A", "B", number=4000, kind="measure", basis=basis, consecutive=True)
        outcomes = [ok.outcomes for ok in oks(service.run())]
        same = sum(a == b for a, b in outcomes) / 4000
        error = 1 - same if basis != "Y" else same
        assert error == pytest.approx(rate, abs=4 * (rate * (1 - rate) / 4000) ** 0.5)
        assert sum(a for a, _ in outcomes) == pytest.approx(2000, abs=130)


@pytest.mark.parametrize(("kind", "period"), [("keep", 1000), ("measure", 800)])
def test_only_measured_attempts_overlap(kind, period):
    service = LinkLayer(machine_of(success=0.05), seed=6)
    service.create("A", "B", number=3000, kind=kind, consecutive=True, hold_ns=0)
    total = oks(service.run())[-1].at_ns
    tail = 0 if kind == "keep" else 200 * 3000  # the last herald comes a message later
    spread = (0.95 * 3000) ** 0.5 / 0.05 * period
    assert total - 200 - tail == pytest.approx(3000 / 0.05 * period, abs=4 * spread)


def test_a_deadline_ends_in_timeout_or_out_of_memory():
    service = LinkLayer(machine_of(success=1e-3), load_check=False)
    service.create("A", "B", deadline_ns=5000)
    (late,) = service.run()
    assert (late.code, late.at_ns, late.delivered) == (Code.TIMEOUT, 5000, 0)
    full = LinkLayer(machine_of())
    full.create("A", "B")
    full.create("A", "B", deadline_ns=5000)
    held, late = full.run()
    assert isinstance(held, Ok)
    assert (late.code, late.at_ns) == (Code.OUTOFMEM, 5000)


def test_the_load_check_at_a_later_time_ends_in_notime():
    service = LinkLayer(machine_of(success=0.1))
    service.create("A", "B", number=50, consecutive=True, hold_ns=0)
    assert service.create("A", "B", at_ns=1000, deadline_ns=30_000)
    events = service.run()
    failed = [e for e in events if isinstance(e, Failure)]
    assert [(e.at_ns, e.create_id, e.code) for e in failed] == [(1000, 2, Code.NOTIME)]


def test_a_link_goes_down_and_comes_back():
    service = LinkLayer(machine_of(success=0.1), seed=1)
    service.change_link("B", "A", at_ns=100, up=False, error="TIME_MISMATCH")
    service.change_link("A", "B", at_ns=90_000)
    service.create("A", "B")
    error, ok = service.run()
    assert error == PhysicalError(100, "A-B", "TIME_MISMATCH")
    assert ok.at_ns >= 91_000
    service.release(ok)
    service.change_link("A", "B", up=False)
    service.create("A", "B", deadline_ns=service.now_ns + 10**6)
    service.create("A", "B")
    assert [type(e) for e in service.run()] == [PhysicalError, Failure]
    assert [t.code for t in service.tickets] == [Code.OK, Code.TIMEOUT, None]
    with pytest.raises(RunError, match="no link joins"):
        service.change_link("A", "A", up=False)
    with pytest.raises(RunError, match="colour"):
        service.change_link("A", "B", colour=3)
    with pytest.raises(MachineError, match="success"):
        service.change_link("A", "B", success=3)


def test_a_link_that_is_down_holds_no_memory():
    service = LinkLayer(machine_of(3, success=0.1), seed=1)
    service.create("A", "B")
    service.create("B", "C", at_ns=5000)
    service.change_link("A", "B", at_ns=400, up=False)
    error, ok = service.run()
    assert (error.error, ok.create_id) == ("LINK_DOWN", 2)  # B has one communication qubit


def test_goodness_does_not_know_of_drift():
    service = LinkLayer(machine_of(state=GOOD), seed=1)
    service.change_link("A", "B", fidelity=0.8, success=0.5)
    service.create("A", "B")
    (ok,) = service.run()
    assert ok.goodness == 0.95
    assert service.release(ok)[0] == pytest.approx(0.8 * 0.95 + 0.2 / 4)


def test_false_heralds_look_like_true_ones():
    machine = machine_of(state=GOOD, dark=0.2, herald_ns=300, cutoff_ns=400)
    service = LinkLayer(machine, seed=1)
    service.change_link("A", "B", dark=0.5)
    service.create("A", "B", number=1000, consecutive=True, hold_ns=0)
    good = oks(service.run())
    assert (good[0].goodness_ns, good[0].at_ns, good[0].expires_ns) == (1200, 1500, 1600)
    assert good[0].goodness == pytest.approx(0.8 * 0.95 + 0.2 / 4)
    dark = service.servers[0].attempts["dark"]
    assert dark == pytest.approx(600, abs=62)
    assert [p.state[0] for p in service.world.pairs].count(0.25) == dark


def test_links_of_a_fabric_take_turns():
    machine = machine_of(4, shape="complete", comm_qubits=4)
    fabric = Fabric("hub", ("A", "B", "C", "D"), ports=2, reconfigure_ns=5000)

    def times(ports: int, ends: list[str]) -> list[int]:
        service = LinkLayer(replace(machine, fabrics=(replace(fabric, ports=ports),)))
        for end in ends:
            service.create(*end, number=2, consecutive=True)
        return [ok.at_ns for ok in oks(service.run())]

    assert times(4, ["AB", "CD"]) == [6200, 6200, 7200, 7200]  # each reconfigured once
    assert times(2, ["AB"]) == [6200, 7200]
    assert times(2, ["AB", "CD"]) == [6200, 12_200, 18_200, 24_200]  # in turn
    assert times(4, ["AB", "AC"]) == [6200, 12_200, 18_200, 24_200]  # A has one fibre


def test_slower_links_take_longer():
    service = LinkLayer(machine_of(success=0.2), seed=1)
    service.change_link("A", "B", success=0.25)
    service.create("A", "B", number=2000, consecutive=True, hold_ns=0)
    total = oks(service.run())[-1].at_ns
    assert total / 1000 == pytest.approx(2000 / 0.05, abs=4 * 2000**0.5 / 0.05)


def test_lost_messages_cost_time_and_pairs_but_nothing_hangs():
    service = LinkLayer(machine_of(), seed=4)
    service.change_link("A", "B", message_loss=0.3)
    service.create("A", "B", number=100, consecutive=True, hold_ns=0)
    events = service.run()
    assert len(oks(events)) == 100
    lost = sum(e.error == "NO_CLASSICAL" for e in events if isinstance(e, PhysicalError))
    assert [p.fate for p in service.world.pairs].count("lost") == lost > 10
    service.change_link("A", "B", message_loss=1.0)
    service.create("A", "B")
    assert service.run()[-1].code is Code.OTHER  # the partner never hears of it
    service.change_link("A", "B")
    service.create("A", "B")
    service.change_link("A", "B", message_loss=1.0, at_ns=service.now_ns + 100)
    assert service.run()[-1].code is Code.OTHER  # no herald ever arrives


def test_a_way_is_swapped_with_its_frame():
    module = Module("A", 2, gate_2q=GateQuality(60, 0.99), readout=GateQuality(500, 0.98))
    machine = machine_of(4, comm_qubits=2, state=GOOD, module=module)
    service = LinkLayer(machine, seed=1)
    service.create("A", "D", number=200, consecutive=True, hold_ns=0)
    good = oks(service.run())
    # 3 messages, an attempt, both swaps at once, and the news from the far one: 2 messages
    assert good[0].at_ns == 600 + 1000 + 560 + 400
    joined = swap_pairs(GOOD, GOOD, gate_2q=0.99, readout=0.98)
    joined = swap_pairs(joined, GOOD, gate_2q=0.99, readout=0.98)
    assert {round(ok.goodness, 9) for ok in good} == {round(joined[0], 9)}
    assert {ok.bell_state for ok in good} == {"phi+", "phi-", "psi+", "psi-"}
    fates = [(p.hops, p.fate) for p in service.world.pairs]
    assert fates.count((1, "swapped")) == 600
    assert fates.count((2, "swapped")) == 200
    assert fates.count((3, "consumed")) == 200
    assert all(service.world.memory.free(m.name) == 2 for m in machine.modules)


def test_measured_ways_keep_their_promise():
    service = LinkLayer(machine_of(3, comm_qubits=2), seed=1)
    service.create("A", "C", number=64, kind="measure", basis="X", consecutive=True)
    for ok in oks(service.run()):
        expected = {"phi+": 0, "psi+": 0, "phi-": 1, "psi-": 1}[ok.bell_state]
        assert ok.outcomes[0] ^ ok.outcomes[1] == expected


def test_the_budget_of_a_way_gives_each_hop_a_cut_off():
    machine = machine_of(3, comm_qubits=2, success=0.05, state=GOOD, module=decaying(1e5))
    service = LinkLayer(machine, seed=1)
    service.create("A", "C", number=30, min_fidelity=0.85, consecutive=True, hold_ns=0)
    good = oks(service.run())
    assert len(good) == 30
    assert all(ok.expires_ns >= ok.at_ns for ok in good)
    assert all(p.used[1] >= 0.85 - 1e-9 for p in service.world.pairs if p.fate == "consumed")
    assert any(p.fate == "expired" for p in service.world.pairs)


def test_requests_may_be_made_while_events_come():
    service = LinkLayer(machine_of())
    service.create("A", "B")
    seen = 0
    for event in service.events(until_ns=50_000):
        seen += 1
        service.release(event)
        if seen < 5:
            service.create("A", "B")
    assert seen == 5
    assert service.now_ns == 50_000
    assert "0 queued" in repr(service)
