"""What a gateway does with one request after the other."""

from __future__ import annotations

import threading

from .exchange import Received, Reply, Rule


class Script:
    """A rule that takes one step for each request, in order of arrival; afterwards `then` holds.

    A step is a rule itself: None relays, a reply answers, a function decides.
    """

    def __init__(self, *steps: Rule, then: Rule = None) -> None:
        self._left = list(steps)
        self._then = then
        self._lock = threading.Lock()

    def __call__(self, received: Received) -> Reply | None:
        with self._lock:
            step = self._left.pop(0) if self._left else self._then
        return step(received) if callable(step) else step
