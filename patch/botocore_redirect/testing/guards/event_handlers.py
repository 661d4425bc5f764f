"""The handlers of botocore's events: which there are, and whose they are."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from botocore_redirect.testing.guards import importers, module_source
from botocore_redirect.testing.guards.module_source import FAMILY, Source
from botocore_redirect.testing.guards.ownership import Place, author, judge
from botocore_redirect.testing.guards.safe_inspect import attribute

_ANYWHERE = Place(Source("", {}, frozenset(), frozenset(), FAMILY, {}))


def foreign(handler: Any) -> str:
    """Describe a handler that is none of botocore's family; nothing for one that is, or is off."""
    if not is_foreign(handler):
        return ""
    enabled = attribute(handler, "enabled")
    if author(handler)[1].partition(".")[0] == "moto" and enabled in (True, False):
        # It is there for ever once moto was imported.
        return f"the handler of moto, whose mock is on,{by(handler)}" if enabled else ""
    return f"the handler {told(handler)}"


def is_foreign(function: Any) -> bool:
    """Whether somebody else wrote a function, or an object that can be called: also Python."""
    while type(function) is functools.partial:
        function = function.func
    package = author(function)[1].partition(".")[0]
    return package not in FAMILY or judge(function, _ANYWHERE) is not None


def entry(event: str, handler: Any) -> tuple[str, str]:
    """Name what is registered for an event."""
    name = attribute(handler, "__qualname__") or attribute(type(handler), "__qualname__")
    return event, str(name)


@functools.cache
def builtin() -> dict[tuple[str, str], Any]:
    """Name the BUILTIN_HANDLERS that the source of botocore makes, whatever became of them."""
    source = module_source.source("botocore.handlers")
    names: dict[str, Any] = {"__name__": "botocore.handlers", "__package__": "botocore"}
    if source is not None:
        exec(source.scopes[""][0], names)  # noqa: S102 - botocore's own, as at its import
    made = names.get("BUILTIN_HANDLERS", ())
    return {entry(event, handler): handler for event, handler, *_ in made}


def told(value: Any) -> str:
    """Describe a function or an object by its name and author, and by who imported that."""
    _, name = entry("", value)
    return f"{name} of {author(value)[0]}{by(value)}"


def by(value: Any) -> str:
    """Say who imported the module of whoever wrote this, if that was seen."""
    module = author(value)[1]
    return importers.of([module]) if importers.was_seen(module) else ""


def handlers(emitter: Any) -> Iterator[tuple[str, Any]]:
    """Give the events and handlers that are registered with a session's or a client's emitter."""
    emitter = getattr(emitter, "_emitter", emitter)  # of the aliaser, since botocore 1.12
    root = getattr(getattr(emitter, "_handlers", None), "_root", None)
    waiting = [("", root)] if root else []
    for prefix, node in waiting:
        chunk = node["chunk"]
        name = chunk if not prefix else f"{prefix}.{chunk}"
        for handler in (each for part in node["values"] or () for each in part):
            yield name or "", handler
        waiting += [(name or "", child) for child in (node["children"] or {}).values()]
