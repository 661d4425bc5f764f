"""What is alive in a process: open connections, and clients and sessions that were changed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from itertools import compress, takewhile
from types import FunctionType
from typing import Any

from botocore_redirect.testing.guards import event_handlers
from botocore_redirect.testing.guards.fingerprint import attribute
from botocore_redirect.testing.guards.leftovers import Key, Leftovers
from botocore_redirect.testing.guards.ownership import is_of_family

_KINDS = (
    ("http.client", "HTTPConnection"),
    ("botocore.client", "BaseClient"),
    ("botocore.session", "Session"),
    ("botocore.stub", "Stubber"),
)
# Of a client, by the names of attributes.
_PARTS = ((), ("_endpoint",), ("_endpoint", "http_session"), ("_request_signer",))


_knows_frozen = [False]  # whether `freeze` has looked at what is frozen


def find() -> Leftovers:
    """Look at all objects, and again once what nobody holds any more is collected."""
    if not _knows_frozen[0] and gc.get_freeze_count():
        gc.unfreeze()  # what is frozen is not listed
        try:
            return _find_collected()
        finally:
            gc.freeze()
    return _find_collected()


def freeze() -> Leftovers:
    """Freeze all objects, for processes that are forked, and return what `find` finds among them.

    The guards of a forked process do not look at them again.
    """
    _knows_frozen[0] = False
    gc.collect()
    found = find()
    gc.freeze()
    _knows_frozen[0] = True
    return found


def _find_collected() -> Leftovers:
    if not _find():
        return {}
    gc.collect()
    return _find()


def _find() -> Leftovers:
    connections, clients, sessions, stubbers = (
        _with_subclasses(*_loaded_class(module, name)) for module, name in _KINDS
    )
    # By the ids of their classes: a class may refuse to be compared, or to be hashed.
    wanted = {*connections, *clients, *sessions, *stubbers}
    objects = gc.get_objects()
    kinds = map(id, map(type, objects))
    found: Leftovers = {}
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
    held = _instance_dict(connection)
    if held.get("sock") is not None:
        yield (
            ("open", id(connection)),
            f"an HTTP connection to {held.get('host')}:{held.get('port')} is open",
        )


def _client(client: Any) -> Iterator[tuple[Key, str]]:
    if "meta" not in _instance_dict(client):
        return  # a test double, that botocore never made
    owner = _describe_client(client)
    for names in _PARTS:
        part = client
        for name in names:
            part = _instance_dict(part).get(name)
        for name, value in [*_instance_dict(part).items()]:
            if callable(value) and callable(attribute(type(part), name)):
                place = ".".join([owner, *names, name])
                yield ("instance", id(part), name), f"{place} is {event_handlers.describe(value)}"
    yield from _methods(owner, type(client))
    yield from _handlers(owner, attribute(client.meta, "events"))


def _methods(owner: str, cls: type) -> Iterator[tuple[Key, str]]:
    """Look at the class of a client, which botocore makes of a model."""
    base = _loaded_class("botocore.client", "BaseClient")
    for each in takewhile(lambda each: each is not base[0], cls.__mro__):
        for name, value in [*vars(each).items()]:
            if type(value) is FunctionType and not is_of_family(value):
                place = f"{owner}.{name}"
                yield ("class", id(each), name), f"{place} is {event_handlers.describe(value)}"


def _session(session: Any) -> Iterator[tuple[Key, str]]:
    yield from _handlers("a session", attribute(session, "_events"))


def _stubber(stubber: Any) -> Iterator[tuple[Key, str]]:
    client = _instance_dict(stubber).get("client")
    emitter = attribute(attribute(client, "meta"), "events")
    for _, handler in event_handlers.registered_handlers(emitter):
        if attribute(handler, "__self__") is stubber:
            yield (
                ("stubber", id(stubber)),
                f"a Stubber of botocore answers for {_describe_client(client)}",
            )


def _handlers(owner: str, emitter: Any) -> Iterator[tuple[Key, str]]:
    for event, handler in event_handlers.registered_handlers(emitter):
        if problem := event_handlers.describe_foreign(handler):
            yield ("event", event, id(handler)), f"{problem} for {event} is on {owner}"


def _describe_client(client: Any) -> str:
    model = attribute(attribute(client, "meta"), "service_model")
    return f"a client of {attribute(model, 'service_name')}"


def _instance_dict(owner: Any) -> dict[str, Any]:
    """Read the attributes of an object itself: its class may answer anything, or run for ever."""
    try:
        held: dict[str, Any] = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        return {}
    return held


def _loaded_class(module: str, name: str) -> list[type]:
    cls = getattr(sys.modules.get(module), name, None)
    return [cls] if isinstance(cls, type) else []


def _with_subclasses(*classes: type) -> set[int]:
    found = list(classes)
    for each in found:
        found += type.__subclasses__(each)
    return set(map(id, found))
