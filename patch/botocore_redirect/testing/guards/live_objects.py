"""What lives in a process already: open connections, and clients and sessions that were changed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from itertools import compress, takewhile
from types import FunctionType
from typing import Any

from botocore_redirect.testing.guards import event_handlers
from botocore_redirect.testing.guards.leftovers import Findings, Key
from botocore_redirect.testing.guards.safe_inspect import attribute

_KINDS = (
    ("http.client", "HTTPConnection"),
    ("botocore.client", "BaseClient"),
    ("botocore.session", "Session"),
    ("botocore.stub", "Stubber"),
)
# Of a client, by the names of attributes.
_PARTS = ((), ("_endpoint",), ("_endpoint", "http_session"), ("_request_signer",))


_looked = [False]  # at all that is frozen


def findings() -> Findings:
    """Look at all objects, and again once what nobody holds any more is collected."""
    if not _looked[0] and gc.get_freeze_count():
        gc.unfreeze()  # what is frozen is not listed
        try:
            return _collected()
        finally:
            gc.freeze()
    return _collected()


def freeze() -> Findings:
    """Freeze all objects, for children that are forked, and tell what was found among them.

    The guards of a child do not look at them again.
    """
    _looked[0] = False
    gc.collect()
    found = findings()
    gc.freeze()
    _looked[0] = True
    return found


def _collected() -> Findings:
    if not _find():
        return {}
    gc.collect()
    return _find()


def _find() -> Findings:
    connections, clients, sessions, stubbers = (
        _with_subclasses(*_named(module, name)) for module, name in _KINDS
    )
    # By the ids of their classes: a class may refuse to be compared, or to be hashed.
    wanted = {*connections, *clients, *sessions, *stubbers}
    objects = gc.get_objects()
    kinds = map(id, map(type, objects))
    found: Findings = {}
    for each in [*compress(objects, map(wanted.__contains__, kinds))]:
        kind = id(type(each))
        if kind in connections:
            found.update(_connection(each))
        elif kind in clients:
            found.update(_client(each))
        elif kind in sessions:
            found.update(_session(each))
        else:
            found.update(_stubber(each))
    return found


def _connection(connection: Any) -> Iterator[tuple[Key, str]]:
    own = _own(connection)
    if own.get("sock") is not None:
        yield (
            ("open", id(connection)),
            f"an HTTP connection to {own.get('host')}:{own.get('port')} is open",
        )


def _client(client: Any) -> Iterator[tuple[Key, str]]:
    if "meta" not in _own(client):
        return  # a double of somebody's, that botocore never made
    owner = _named_after(client)
    for names in _PARTS:
        part = client
        for name in names:
            part = _own(part).get(name)
        for name, value in [*_own(part).items()]:
            if callable(value) and callable(attribute(type(part), name)):
                place = ".".join([owner, *names, name])
                yield ("instance", id(part), name), f"{place} is {event_handlers.told(value)}"
    yield from _methods(owner, type(client))
    yield from _handlers(owner, attribute(client.meta, "events"))


def _methods(owner: str, cls: type) -> Iterator[tuple[Key, str]]:
    """Look at the class of a client, which botocore makes of a model."""
    base = _named("botocore.client", "BaseClient")
    for each in takewhile(lambda each: each is not base[0], cls.__mro__):
        for name, value in [*vars(each).items()]:
            if type(value) is FunctionType and event_handlers.is_foreign(value):
                yield ("class", id(each), name), f"{owner}.{name} is {event_handlers.told(value)}"


def _session(session: Any) -> Iterator[tuple[Key, str]]:
    yield from _handlers("a session", attribute(session, "_events"))


def _stubber(stubber: Any) -> Iterator[tuple[Key, str]]:
    client = _own(stubber).get("client")
    for _, handler in event_handlers.handlers(attribute(attribute(client, "meta"), "events")):
        if attribute(handler, "__self__") is stubber:
            yield (
                ("stubber", id(stubber)),
                f"a Stubber of botocore answers for {_named_after(client)}",
            )


def _handlers(owner: str, emitter: Any) -> Iterator[tuple[Key, str]]:
    for event, handler in event_handlers.handlers(emitter):
        if said := event_handlers.foreign(handler):
            yield ("event", event, id(handler)), f"{said} for {event} is on {owner}"


def _named_after(client: Any) -> str:
    model = attribute(attribute(client, "meta"), "service_model")
    return f"a client of {attribute(model, 'service_name')}"


def _own(owner: Any) -> dict[str, Any]:
    """Give what an object keeps itself; it may answer anything, or run for ever, when asked."""
    try:
        own: dict[str, Any] = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        return {}
    return own


def _named(module: str, name: str) -> list[type]:
    cls = getattr(sys.modules.get(module), name, None)
    return [cls] if isinstance(cls, type) else []


def _with_subclasses(*classes: type) -> set[int]:
    found = list(classes)
    for each in found:
        found += type.__subclasses__(each)
    return set(map(id, found))
