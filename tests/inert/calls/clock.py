"""A stopped clock, fixed random numbers and no waiting, so that signatures are the same."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
_STEP = 0.25  # seconds: the rate limiter would wait for ever on a stopped clock


class _AnyDatetime(type):
    """Accept real datetimes as instances."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _REAL)


_REAL = dt.datetime


class _Frozen(dt.datetime, metaclass=_AnyDatetime):
    """A `datetime` whose now is fixed."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return MOMENT.astimezone(tz) if tz else MOMENT.replace(tzinfo=None)

    @classmethod
    def utcnow(cls) -> Any:
        return MOMENT.replace(tzinfo=None)


class Clock:
    """Replace the time of this process, and record waits."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._ids = 0

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the time for code that looks it up in its module, as botocore does."""
        gmtime = time.gmtime

        def moment(seconds: float | None = None) -> time.struct_time:
            return gmtime(MOMENT.timestamp() if seconds is None else seconds)

        with ExitStack() as stack:
            for module, name, instead in (
                (dt, "datetime", _Frozen),
                (time, "time", MOMENT.timestamp),
                (time, "gmtime", moment),
                (time, "sleep", self.sleep),
                (uuid, "uuid4", self._id),
            ):
                stack.enter_context(mock.patch.object(module, name, instead))
            yield

    def restart(self) -> list[str]:
        """Start a call with the same ids and random numbers, and an empty list of notes."""
        self.notes = []
        self._ids = 0
        random.seed(0)
        return self.notes

    def sleep(self, seconds: float) -> None:
        """Record a wait, and do not wait."""
        self.notes.append(f"slept {seconds:.6f}")

    def _id(self) -> uuid.UUID:
        self._ids += 1
        return uuid.UUID(int=self._ids, version=4)

    def record_tokens(self, limiter: Any) -> None:
        """Record the tokens that the rate limiter of a client with adaptive retries takes.

        Only this limiter is changed: the classes of botocore must stay unpatched. Each look at its
        clock is a step in time.
        """
        bucket = limiter._token_bucket
        now = [MOMENT.timestamp()]

        def current() -> float:
            now[0] += _STEP
            return now[0]

        limiter._clock.current_time = current
        bucket._new_fill_rate_condition.wait = lambda seconds=None: self.sleep(seconds or 0)
        limiter._token_bucket = _Bucket(bucket, self)


class _Bucket:
    """A token bucket that records what is taken from it."""

    def __init__(self, bucket: Any, clock: Clock) -> None:
        self.__dict__.update(_bucket=bucket, _clock=clock)

    def acquire(self, *args: Any, **options: Any) -> Any:
        taken = self._bucket.acquire(*args, **options)
        left = self._bucket.available_capacity
        self._clock.notes.append(f"acquired {args} {options}: {taken}, {left:.6f} are left")
        return taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bucket, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._bucket, name, value)
