"""What a gateway does with one request after the other."""

from __future__ import annotations

import threading
from typing import Any

from botocore_redirect.testing.server.exchange import Received, Reply, Rule

_WORDS = "None, a Redirect, Fault or Answer, HANG_UP, SILENCE, or a function of the request"


class Script:
    """Steps for the requests to come, one for each, in order of arrival.

    A step is a rule itself: None relays, a reply answers, a function decides.
    """

    def __init__(self) -> None:
        self._steps: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, *steps: Rule) -> None:
        """Add these after the steps that are left; raises TypeError if one of them is none."""
        checked = [check(step) for step in steps]
        with self._lock:
            self._steps += checked

    def reply(self, received: Received, then: Rule) -> Reply | None:
        """Take the next step for this request; with no step left, do what `then` says."""
        with self._lock:
            step = self._steps.pop(0) if self._steps else then
        return decide(step, received)

    @property
    def left(self) -> list[Rule]:
        """The steps that no request has taken."""
        with self._lock:
            return [*self._steps]


def decide(rule: Rule, received: Received) -> Reply | None:
    """Find out what a rule answers to this request; None: nothing, so it is relayed."""
    reply = rule(received) if callable(rule) else rule
    if reply is not None and not _is_reply(reply):
        raise TypeError(f"{reply!r} is no answer to a request: have the function return {_WORDS}.")
    return reply


def check(rule: Any) -> Any:
    """Return what can be a rule, or a step; raise TypeError, with the way out, for all else."""
    if isinstance(rule, type):
        raise TypeError(f"{rule!r} is a class, not a step: write {rule.__name__}() instead.")
    if isinstance(rule, (list, tuple)):
        raise TypeError(f"{rule!r} is no step: give its steps one by one, as script(*steps).")
    if rule is None or callable(rule) or _is_reply(rule):
        return rule
    raise TypeError(f"{rule!r} is no step: give {_WORDS}.")


def name(step: Rule) -> str:
    """Name a step as its author wrote it; a function by its name."""
    return getattr(step, "__qualname__", None) or repr(step)


def _is_reply(value: Any) -> bool:
    return not isinstance(value, type) and callable(getattr(value, "answer", None))
