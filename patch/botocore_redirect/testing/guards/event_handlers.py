"""The handlers of botocore's events: which there are, and who wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore_redirect.testing.guards import importers
from botocore_redirect.testing.guards.baseline import baseline
from botocore_redirect.testing.guards.fingerprint import attribute, builtin_handlers, handler_name
from botocore_redirect.testing.guards.ownership import find_author, is_of_family


def describe_foreign(handler: Any) -> str:
    """Describe a handler that is none of botocore's family; nothing for one that is."""
    if is_of_family(handler):
        return ""
    if _is_of_moto(handler):  # it stays for ever once moto was imported
        on = attribute(handler, "enabled")
        return f"the handler of moto, whose mock is on,{describe_importer(handler)}" if on else ""
    return f"the handler {describe(handler)}"


def describe(value: Any) -> str:
    """Name a function or an object, its author, and who imported that."""
    return f"{handler_name(value)} of {find_author(value)[0]}{describe_importer(value)}"


def describe_importer(value: Any) -> str:
    """Say who imported the module of the author, if that is known."""
    return importers.describe([find_author(value)[1]])


def changes_of_builtin() -> Iterator[tuple[str, object, str]]:
    """Compare BUILTIN_HANDLERS with the baseline: the event, an identity, what is wrong."""
    where = "among botocore's BUILTIN_HANDLERS, so on every session made since"
    listed = builtin_handlers()
    if not listed:
        return
    names = {(event, handler_name(handler)) for event, handler in listed}
    for event, handler in listed:
        problem = describe_foreign(handler)
        is_stock = (event, handler_name(handler)) in baseline().handlers or _is_of_moto(handler)
        if not problem and not is_stock:
            problem = f"the handler {describe(handler)}"
        if problem:
            yield event, id(handler), f"{problem} for {event} is {where}"
    for event, name in sorted(baseline().handlers - names):
        yield event, name, f"the handler {name} for {event} is no longer {where}"


def registered_handlers(emitter: Any) -> Iterator[tuple[str, Any]]:
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


def _is_of_moto(handler: Any) -> bool:
    switch = attribute(handler, "enabled")
    return find_author(handler)[1].partition(".")[0] == "moto" and switch in (True, False)
