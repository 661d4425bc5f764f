"""Calls of AWS that are patient where it helps, and whose errors are those of `errors`."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Callable, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from workloads.cluster.errors import NotYet, ProviderError, RateLimited, Unavailable, translated

Refusals = tuple[type[ProviderError], ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Calls:
    """Make calls with a bounded back-off, and waits that end.

    A call that is throttled, or that the service or the network fails, is made again, `tries` times
    in all: after about `first` seconds, then twice as long, never longer than `longest`. `spread`
    chooses between the least and the greatest pause, so that those who were throttled together do
    not come back together. A wait asks `checks` times, every `delay` seconds.
    """

    tries: int = 6
    first: float = 1.0
    longest: float = 30.0
    delay: float = 15.0
    checks: int = 80
    sleep: Callable[[float], None] = time.sleep
    spread: Callable[[float, float], float] = random.uniform

    def __call__(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Return the answer of an operation of a client."""
        return self.despite((), operation, **parameters)

    def despite(self, refusals: Refusals, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Return the answer of an operation that may be refused at first, in one of these ways."""
        passing: Refusals = (RateLimited, Unavailable, *refusals)
        for pause in self._pauses():
            try:
                return _once(operation, parameters)
            except passing:  # noqa: PERF203 - to try again is what the loop is for
                self.sleep(pause)
        return _once(operation, parameters)

    def when_free(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Return the answer of an operation on what may be busy, for as long as a wait lasts."""
        for _ in range(self.checks - 1):
            try:
                return self(operation, **parameters)
            except NotYet:  # noqa: PERF203 - as above
                self.sleep(self.delay)
        return self(operation, **parameters)

    def watch(self, look: Callable[[], T], done: Callable[[T], bool]) -> T:
        """Look until what is seen is done, and return it; in the end it may still not be."""
        for _ in range(self.checks - 1):
            seen = look()
            if done(seen):
                return seen
            self.sleep(self.delay)
        return look()

    def found(self, look: Callable[[], Sequence[T]]) -> Sequence[T]:
        """Look, as often as a call is tried, for what may be there but not known everywhere yet."""
        for pause in self._pauses():
            if seen := look():
                return seen
            self.sleep(pause)
        return look()

    def listed(self, client: Any, operation: str, found: str, **parameters: Any) -> list[Any]:
        """Return what an operation lists on all of its pages; `found` is a JMESPath."""
        paginator = client.get_paginator(operation)
        # The whole list again, from a new iterator: one that has raised goes on where it was.
        listed: list[Any] = self(lambda: [*paginator.paginate(**parameters).search(found)])
        return listed

    def until(self, client: Any, waiter: str, **parameters: Any) -> None:
        """Wait until it is so: `waiter` is a name that `client.get_waiter` knows."""
        patience = {"Delay": self.delay, "MaxAttempts": self.checks}
        self(client.get_waiter(waiter).wait, WaiterConfig=patience, **parameters)

    def _pauses(self) -> Iterator[float]:
        for number in range(self.tries - 1):
            pause = min(self.longest, self.first * 2**number)
            yield self.spread(pause / 2, pause)


def _once(operation: Callable[..., Any], parameters: dict[str, Any]) -> Any:
    try:
        return operation(**parameters)
    except (BotoCoreError, ClientError) as error:
        meaning = translated(error)
        if meaning is error:
            raise
        raise meaning from error
