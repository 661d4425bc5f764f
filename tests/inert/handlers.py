"""Which handlers a client has for which events."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any


def registered(client: Any) -> tuple[str, ...]:
    """List the event handlers of a client, in the order in which they are called."""
    emitter = client.meta.events
    emitter = getattr(emitter, "_emitter", emitter)  # under the aliases of events
    return tuple(_below(emitter._handlers._root, ()))


def _below(node: Any, path: tuple[str, ...]) -> Iterator[str]:
    path = (*path, node["chunk"]) if node["chunk"] else path
    if node["values"]:
        event = ".".join(path)
        for place, handlers in zip(("first", "middle", "last"), node["values"]):
            yield from (f"{event} [{place}] {_name(handler)}" for handler in handlers)
    for key in sorted(node["children"]):
        yield from _below(node["children"][key], path)


def _name(handler: Any) -> str:
    if isinstance(handler, functools.partial):
        return f"partial of {_name(handler.func)}"
    named = handler if hasattr(handler, "__qualname__") else type(handler)
    return f"{named.__module__}.{named.__qualname__}"
