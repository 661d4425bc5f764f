"""A worker: its clock, its clients, and mistakes of the comparison itself."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from inert import worker
from inert.calls.clock import MOMENT, Clock
from inert.calls.endpoint import Request
from inert.outcome import record_call


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Turn this process into an unpatched worker until the test has ended."""
    monkeypatch.setattr(worker, "_worker", [])
    worker.start(patched=False, name="none")
    (started,) = worker._worker
    with started._stack:
        yield started


def test_a_mistake_of_the_comparison_is_not_an_outcome(
    started: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> NoReturn:
        raise KeyError("x")

    assert time.time() == MOMENT.timestamp()  # the clock of a worker is stopped
    assert started.clock
    monkeypatch.setattr(worker, "build_parameters", broken)
    with pytest.raises(worker.HarnessError, match="sts: KeyError: 'x'"):
        worker.run_service(worker.Task("sts", 99))


def test_each_call_has_the_same_moment_ids_and_random_numbers_and_does_not_wait() -> None:
    clock = Clock()
    seen = []
    with clock.stopped():
        for _ in range(2):
            notes = clock.restart()
            now = dt.datetime.now(dt.timezone.utc)
            seen.append((now, time.time(), uuid.uuid4(), random.random()))
            uuid.uuid4()
        time.sleep(600)
        assert isinstance(MOMENT, dt.datetime)
        assert not isinstance("2026", dt.datetime)
    assert seen[0] == seen[1]
    assert seen[0][0] == MOMENT
    assert notes == ["slept 600.000000"]
    assert time.time() > MOMENT.timestamp()


@pytest.mark.parametrize(("count", "last"), [(20, "GET /19"), (23, "and 3 more")])
def test_the_first_requests_of_a_call_are_kept_and_the_others_counted(
    count: int, last: str
) -> None:
    received = [Request(f"GET /{number}".encode(), b"") for number in range(count)]
    kept = record_call(dict, received).requests
    assert kept[0] == "GET /0"
    assert kept[-1] == last
    assert len(kept) == min(count, 21)
