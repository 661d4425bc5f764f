"""What lives in a process already: open connections, and clients and sessions that were changed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

from . import events
from .traces import Findings, Key

_KINDS = (
    ("http.client", "HTTPConnection"),
    ("botocore.client", "BaseClient"),
    ("botocore.session", "Session"),
    ("botocore.stub", "Stubber"),
)
# Of a client, by the names of attributes.
_PARTS = ((), ("_endpoint",), ("_endpoint", "http_session"), ("_request_signer",))


def findings() -> Findings:
    """Look at all objects, and again once what nobody holds any more is collected."""
    if not _find():
        return {}
    gc.collect()
    return _find()


def _find() -> Findings:
    classes = {name: _with_subclasses(*_named(module, name)) for module, name in _KINDS}
    wanted = set().union(*classes.values())
    found: Findings = {}
    for each in [each for each in gc.get_objects() if type(each) in wanted]:
        kind = type(each)
        if kind in classes["HTTPConnection"]:
            found.update(_connection(each))
        elif kind in classes["BaseClient"]:
            found.update(_client(each))
        elif kind in classes["Session"]:
            found.update(_session(each))
        else:
            found.update(_stubber(each))
    return found


def _connection(connection: Any) -> Iterator[tuple[Key, str]]:
    if vars(connection).get("sock") is not None:
        host, port = connection.host, connection.port
        yield ("open", id(connection)), f"an HTTP connection to {host}:{port} is open"


def _client(client: Any) -> Iterator[tuple[Key, str]]:
    for names in _PARTS:
        part = client
        for name in names:
            part = getattr(part, name, None)
        for name, value in [*getattr(part, "__dict__", {}).items()]:
            if callable(value) and callable(getattr(type(part), name, None)):
                place = ".".join([_named_after(client), *names, name])
                yield ("instance", id(part), name), f"{place} is {events.told(value)}"
    yield from _handlers(_named_after(client), client.meta.events)


def _session(session: Any) -> Iterator[tuple[Key, str]]:
    yield from _handlers("a session", getattr(session, "_events", None))


def _stubber(stubber: Any) -> Iterator[tuple[Key, str]]:
    for _, handler in events.handlers(stubber.client.meta.events):
        if getattr(handler, "__self__", None) is stubber:
            yield (
                ("stubber", id(stubber)),
                f"a Stubber of botocore answers for {_named_after(stubber.client)}",
            )


def _handlers(owner: str, emitter: Any) -> Iterator[tuple[Key, str]]:
    for event, handler in events.handlers(emitter):
        if said := events.foreign(handler):
            yield ("event", event, id(handler)), f"{said} for {event} is on {owner}"


def _named_after(client: Any) -> str:
    return f"a client of {client.meta.service_model.service_name}"


def _named(module: str, name: str) -> list[type]:
    cls = getattr(sys.modules.get(module), name, None)
    return [cls] if isinstance(cls, type) else []


def _with_subclasses(*classes: type) -> set[type]:
    found = list(classes)
    for each in found:
        found += type.__subclasses__(each)
    return set(found)
