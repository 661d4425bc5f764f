"""The steps of a gateway: one for each request, in order of arrival."""

from __future__ import annotations

import threading
from typing import Any

from botocore_redirect.testing.server.exchange import Received, Reply, Rule

_CHOICES = "None, a Redirect, Fault or Response, HANG_UP, SILENCE, or a function of the request"


class Script:
    """Steps for the next requests. A step is what a rule can be."""

    def __init__(self) -> None:
        self._steps: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, *steps: Rule) -> None:
        """Add these steps at the end; raise TypeError if one of them is not a step."""
        checked = [check_rule(step) for step in steps]
        with self._lock:
            self._steps += checked

    def reply(self, received: Received, rule: Rule) -> Reply | None:
        """Take the next step for this request, or apply the rule if there is none."""
        with self._lock:
            step = self._steps.pop(0) if self._steps else rule
        return apply_rule(step, received)

    @property
    def unused(self) -> list[Rule]:
        """The steps that no request has taken."""
        with self._lock:
            return [*self._steps]


def apply_rule(rule: Rule, received: Received) -> Reply | None:
    """Return what a rule replies to this request; None: the request is relayed."""
    reply = rule(received) if callable(rule) else rule
    if reply is not None and not _is_reply(reply):
        raise TypeError(f"A rule returned {reply!r}, which is not a reply: return {_CHOICES}.")
    return reply


def check_rule(rule: Any) -> Any:
    """Return a rule or step as it is; raise TypeError, saying what to write, for anything else."""
    if isinstance(rule, type):
        raise TypeError(f"{rule!r} is a class, not a step: write {rule.__name__}() instead.")
    if isinstance(rule, (list, tuple)):
        raise TypeError(f"{rule!r} is not a step: give its steps one by one, as script(*steps).")
    if rule is None or callable(rule) or _is_reply(rule):
        return rule
    raise TypeError(f"{rule!r} is not a step: give {_CHOICES}.")


def describe_step(step: Rule) -> str:
    """Write a step as its author did; a function by its name."""
    return getattr(step, "__qualname__", None) or repr(step)


def _is_reply(value: Any) -> bool:
    return not isinstance(value, type) and callable(getattr(value, "respond", None))
