"""The handlers of botocore's events: which there are, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import importers
from .authors import Place, author, judge
from .origin import Source

_FAMILY = frozenset({"botocore", "boto3", "s3transfer", "urllib3"})
_ANYWHERE = Place(
    Source("", {}, frozenset(), frozenset(), _FAMILY, compile("", "", "exec", dont_inherit=True))
)


def foreign(handler: Any) -> str:
    """Describe a handler that is none of botocore's family; nothing for one that is, or is off."""
    if judge(handler, _ANYWHERE) is None:
        return ""
    enabled = getattr(handler, "enabled", None)
    if enabled is False:  # as that of moto, which is there for ever once moto was imported
        return ""
    if enabled is True and type(handler).__module__.partition(".")[0] == "moto":
        return f"the handler of moto, whose mock is on,{by(handler)}"
    return f"the handler {told(handler)}"


def told(value: Any) -> str:
    """Describe a function or an object by its name and author, and by who imported that."""
    name = getattr(value, "__qualname__", "") or type(value).__qualname__
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
