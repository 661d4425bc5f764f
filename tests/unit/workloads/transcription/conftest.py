"""A transcriber with stubbed clients and its own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workloads.transcription import Transcriber

if TYPE_CHECKING:
    from unittest import mock


class Clock:
    """A clock that only sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transcriber(aws: mock.Mock, clock: Clock) -> Transcriber:
    return Transcriber(aws, "http://127.0.0.1:1", clock=clock, sleep=clock.sleep)
