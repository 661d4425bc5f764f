"""Calls of AWS with retries where they help, which raise the errors of `errors`."""

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

    A call that is throttled, or that fails in the service or the network, is made up to `tries`
    times: the first pause is about `first` seconds, each next one twice as long, at most `longest`.
    `spread` picks a pause between half and the whole, so that clients that were throttled together
    do not return together. A wait asks `checks` times, every `delay` seconds.
    """

    tries: int = 6
    first: float = 1.0
    longest: float = 30.0
    delay: float = 15.0
    checks: int = 80
    sleep: Callable[[float], None] = time.sleep
    spread: Callable[[float, float], float] = random.uniform

    def __call__(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Call an operation of a client, and return its answer."""
        return self.retry_on((), operation, **parameters)

    def retry_on(self, refusals: Refusals, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Call an operation, and retry it also on these refusals, which pass."""
        retried: Refusals = (RateLimited, Unavailable, *refusals)
        for pause in self._pauses():
            try:
                return _once(operation, parameters)
            except retried:  # noqa: PERF203 - the loop is there to retry
                self.sleep(pause)
        return _once(operation, parameters)

    def when_free(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Call an operation on a resource that may be busy, for as long as a wait lasts."""
        for _ in range(self.checks - 1):
            try:
                return self(operation, **parameters)
            except NotYet:  # noqa: PERF203 - as above
                self.sleep(self.delay)
        return self(operation, **parameters)

    def watch(self, look: Callable[[], T], done: Callable[[T], bool]) -> T:
        """Look until the result is done; return the last one, done or not."""
        for _ in range(self.checks - 1):
            seen = look()
            if done(seen):
                return seen
            self.sleep(self.delay)
        return look()

    def look_until_found(self, look: Callable[[], Sequence[T]]) -> Sequence[T]:
        """Look as often as a call is tried: a new resource may not be visible at once."""
        for pause in self._pauses():
            if seen := look():
                return seen
            self.sleep(pause)
        return look()

    def list_all(self, client: Any, operation: str, found: str, **parameters: Any) -> list[Any]:
        """Return what an operation lists on all pages; `found` is a JMESPath."""
        paginator = client.get_paginator(operation)
        # A retry lists everything anew: an iterator that has raised would go on where it was.
        listed: list[Any] = self(lambda: [*paginator.paginate(**parameters).search(found)])
        return listed

    def wait_until(self, client: Any, waiter: str, **parameters: Any) -> None:
        """Wait with a waiter of the client, by its name."""
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
