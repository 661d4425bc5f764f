"""Which handlers a client has for which events."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any


def registered(client: Any) -> tuple[str, ...]:
    """List the event handlers of a client, in the order in which they are called."""
    return tuple(f"{event} [{place}] {_name(handler)}" for event, place, handler in _all(client))


def limiter(client: Any) -> Any:
    """Find the rate limiter of a client with adaptive retries."""
    owners = (getattr(handler, "__self__", None) for _, _, handler in _all(client))
    return next(owner for owner in owners if hasattr(owner, "_token_bucket"))


def _all(client: Any) -> Iterator[tuple[str, str, Any]]:
    emitter = client.meta.events
    emitter = getattr(emitter, "_emitter", emitter)  # under the aliases of events
    return _below(emitter._handlers._root, ())


def _below(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
    path = (*path, node["chunk"]) if node["chunk"] else path
    if node["values"]:
        event = ".".join(path)
        for place, handlers in zip(("first", "middle", "last"), node["values"]):
            yield from ((event, place, handler) for handler in handlers)
    for key in sorted(node["children"]):
        yield from _below(node["children"][key], path)


def _name(handler: Any) -> str:
    if isinstance(handler, functools.partial):
        return f"partial of {_name(handler.func)}"
    named = handler if hasattr(handler, "__qualname__") else type(handler)
    return f"{named.__module__}.{named.__qualname__}"
