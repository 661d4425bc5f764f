"""The outcome of one call as text: its requests, its result, and its waits."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Callable

from inert.calls.endpoint import Request
from inert.exemptions import normalize

_KEPT = 20  # requests
_WIDTH = 120  # of a line in a diff
_LINES = 16  # of a diff: enough to recognize a difference


@dataclass(frozen=True)
class Outcome:
    """Everything about a call that is compared."""

    requests: tuple[str, ...]
    result: str
    raised: str = ""  # the error, if it was one
    connections: tuple[int, ...] = ()  # that of each request, as `Request` numbers them
    notes: tuple[str, ...] = ()  # waits and tokens of the rate limiter

    def __str__(self) -> str:
        """Return lines for a diff."""
        connections = f"On connections {self.connections}"
        return "\n".join([*self.requests, connections, *self.notes, self.result])


def record_call(
    call: Callable[[], Any], received: Sequence[Request], notes: Sequence[str] = ()
) -> Outcome:
    """Make a call, read all that it returns, and record its outcome."""
    raised = ""
    try:
        result = f"returned {_text(call())}"
    except Exception as error:  # noqa: BLE001 - the other worker must raise it too
        raised = f"{_name(type(error))}: {error}"
        result = f"raised {raised}\n{_text(getattr(error, 'response', None))}"
    connections = tuple(each.connection for each in received)
    return Outcome(_requests(received), result, raised, connections, tuple(notes))


def diff(stock: str, patched: str) -> str:
    """Show the first lines in which two texts differ; nothing if they are equal."""
    if stock == patched:
        return ""
    lines = difflib.unified_diff(
        _lines(stock), _lines(patched), "unpatched", "patched", n=0, lineterm=""
    )
    shown = [*islice(lines, _LINES + 1)]
    return "\n".join([*shown[:_LINES], *(["..."] if shown[_LINES:] else [])])


def _lines(text: str) -> list[str]:
    """Split a text into lines, and long lines, such as bodies, into pieces."""
    return [
        line[start : start + _WIDTH]
        for line in text.splitlines()
        for start in range(0, max(len(line), 1), _WIDTH)
    ]


def _requests(received: Sequence[Request]) -> tuple[str, ...]:
    requests = [
        normalize(each.head.decode("latin-1").replace("\r\n", "\n")) + each.body.decode("latin-1")
        for each in received[:_KEPT]
    ]
    more = len(received) - _KEPT
    return (*requests, f"and {more} more") if more > 0 else tuple(requests)


def _text(value: Any) -> str:
    return json.dumps(_plain(value), sort_keys=True, indent=1)


def _plain(value: Any) -> Any:
    """Convert what botocore returns into JSON; streams are read."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).decode("latin-1")}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    kind = _name(type(value))
    try:
        if hasattr(value, "read"):
            return {kind: _plain(value.read())}
        if hasattr(value, "__iter__"):
            return {kind: [_plain(each) for each in value]}
    except Exception as error:  # noqa: BLE001 - an outcome like others
        return {kind: f"raised {_name(type(error))}: {error}"}
    return {kind: str(value)}


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
