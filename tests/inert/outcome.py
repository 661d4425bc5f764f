"""What came of one call: the requests on the wire, and what the caller got."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable

from inert import normalize
from inert.endpoint import Request

_KEPT = 20


@dataclass(frozen=True)
class Outcome:
    """All of a call that can be compared, as text."""

    requests: tuple[str, ...]
    result: str
    raised: str = ""  # the error, if it was one
    connections: tuple[int, ...] = ()  # that of each request, as `Request` numbers them
    notes: tuple[str, ...] = ()  # what was waited for

    def __str__(self) -> str:
        """Write it down in lines, for a diff."""
        connections = f"On connections {self.connections}"
        return "\n".join([*self.requests, connections, *self.notes, self.result])


def of(call: Callable[[], Any], seen: Sequence[Request], notes: Sequence[str] = ()) -> Outcome:
    """Make the call, and read to its end what it returns."""
    raised = ""
    try:
        result = f"returned {_text(_plain(call()))}"
    except Exception as error:  # noqa: BLE001 - the other side must raise it too
        raised = f"{_name(type(error))}: {error}"
        result = f"raised {raised}\n{_text(_plain(getattr(error, 'response', None)))}"
    connections = tuple(each.connection for each in seen)
    return Outcome(_written(seen), result, raised, connections, tuple(notes))


def _written(seen: Sequence[Request]) -> tuple[str, ...]:
    requests = [
        normalize.masked(each.head.decode("latin-1").replace("\r\n", "\n"))
        + each.body.decode("latin-1")
        for each in seen[:_KEPT]
    ]
    more = len(seen) - _KEPT
    return (*requests, f"and {more} more") if more > 0 else tuple(requests)


def _plain(value: Any) -> Any:
    """Make JSON of what botocore returns; streams are read."""
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
    try:
        if hasattr(value, "read"):
            return {_name(type(value)): _plain(value.read())}
        if hasattr(value, "__iter__"):
            return {_name(type(value)): [_plain(each) for each in value]}
    except Exception as error:  # noqa: BLE001 - an outcome like others
        return {_name(type(value)): f"raised {_name(type(error))}: {error}"}
    return {_name(type(value)): str(value)}


def _text(plain: Any) -> str:
    return json.dumps(plain, sort_keys=True, indent=1)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
