"""Runs that would need more memory than is free are refused before they start."""

import pytest
from protocols import machine_of, teleport

from bellwire.errors import RunError
from bellwire.runtime import room
from bellwire.runtime.execute import prepare
from bellwire.runtime.room import Need, check_room


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(room, "free_bytes", lambda: 10**9)


def test_a_run_that_fits_is_allowed(small):
    check_room([Need("makespans", per_shot=8)], 1_000_000, 0)


def test_what_would_fit_is_said(small):
    with pytest.raises(RunError, match=r"8 GB of memory, most of it for makespans, and 1 GB") as no:
        check_room([Need("makespans", per_shot=8), Need("states", once=1e6)], 10**9, 0)
    assert "what would fit: 60,000,000 shots" in str(no.value)
    with pytest.raises(RunError, match="what would fit: 50,000 timelines"):
        check_room([Need("waits", per_timeline=10_000)], 10**6, 10**6)
    with pytest.raises(RunError, match="fewer qubits, or backend timing"):
        check_room([Need("states", once=1e10)], 1, 0)


@pytest.mark.parametrize("backend", ["timing", "aer"])
def test_too_many_shots_are_refused_before_anything_is_done(small, backend):
    machine = machine_of(success=0.5)
    ready = prepare(teleport(machine, "ry"), machine, backend=backend)
    with pytest.raises(RunError, match=r"would fit: .* shots"):
        ready.run(10**11)


def test_this_machine_tells_how_much_is_free():
    free = room.free_bytes()
    assert free is None or free > 1e6
