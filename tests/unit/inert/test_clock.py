"""The time that stands still."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid

from inert.clock import MOMENT, Clock


def test_every_call_begins_with_the_same_moment_ids_and_random_numbers() -> None:
    clock = Clock()
    made = []
    with clock.stopped():
        for _ in range(2):
            clock.begin()
            made.append(
                (dt.datetime.now(dt.timezone.utc), time.time(), uuid.uuid4(), random.random())
            )
            uuid.uuid4()
    assert made[0] == made[1]
    assert made[0][0] == MOMENT
    assert time.time() > MOMENT.timestamp()


def test_a_moment_that_was_made_before_is_one_still() -> None:
    with Clock().stopped():
        assert isinstance(MOMENT, dt.datetime)
        assert not isinstance("2026", dt.datetime)


def test_who_waits_is_written_down() -> None:
    clock = Clock()
    with clock.stopped():
        notes = clock.begin()
        time.sleep(600)
    assert notes == ["slept 600.000000"]
