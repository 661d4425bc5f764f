"""Sockets, TLS, clocks and the handlers that botocore makes: each as its source says."""

from __future__ import annotations

import datetime as dt
import functools
import json
import socket
import ssl
import sys
import time
import types
from typing import Any

import boto3
import botocore.handlers
import pytest

from botocore_redirect.testing.guards import event_handlers, leftovers, module_source, pristine
from botocore_redirect.testing.sandbox.loopback import loopback_only

Patch = pytest.MonkeyPatch


def _nothing(*_: object, **__: object) -> None: ...


class _Socks(socket.socket):
    pass


class _Date(dt.date):
    pass


class _Datetime(dt.datetime):
    pass


# As PySocks does it, and suites that trust every certificate.
_NET: dict[str, tuple[Any, Any]] = {
    "socket.socket": (socket, _Socks),
    "socket.getaddrinfo": (socket, _nothing),
    "socket.create_connection": (socket, _nothing),
    "socket.socket.connect": (socket.socket, _nothing),
    "ssl.create_default_context": (ssl, _nothing),
    "ssl._create_default_https_context": (ssl, ssl._create_unverified_context),
    "ssl.SSLContext.wrap_socket": (ssl.SSLContext, _nothing),
    "ssl.SSLContext": (ssl, _Socks),
}


@pytest.mark.parametrize("place", _NET)
def test_sockets_and_tls_of_others_are_seen(place: str, monkeypatch: Patch) -> None:
    owner, value = _NET[place]
    assert place not in pristine.look().changes
    monkeypatch.setattr(owner, place.rpartition(".")[2], value)
    assert place in pristine.look().changes


def _written(module: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": module, "socket": socket}
    exec("class Guarded(socket.socket): pass\ndef guarded(*_): pass", names)
    return names


def test_what_keeps_calls_here_hides_nothing(monkeypatch: Patch) -> None:
    with loopback_only():
        assert not [each for each in pristine.look().changes if each.startswith("socket.")]
    guarded = _written("botocore_redirect.testing.sandbox.loopback")["guarded"]
    monkeypatch.setattr(socket, "getfqdn", functools.wraps(socket.getfqdn)(guarded))
    assert "socket.getfqdn" not in pristine.look().changes
    guarded.__wrapped__ = _nothing
    assert "socket.getfqdn" in pristine.look().changes


def test_a_guard_of_sockets_raises_no_alarm(monkeypatch: Patch) -> None:
    """That of pytest-socket, which says nothing of what it is around."""
    names = _written("pytest_socket")
    with monkeypatch.context() as patched:
        patched.setattr(socket, "socket", names["Guarded"])
        assert "socket.socket" not in pristine.look().changes
    monkeypatch.setattr(socket.socket, "connect", names["guarded"])
    assert "socket.socket.connect" not in pristine.look().changes


# Any that has another name, or another author, is another.
_WORLD: dict[str, tuple[types.ModuleType, Any]] = {
    "time.sleep": (time, print),
    "time.time": (time, time.monotonic),
    "time.perf_counter": (time, _nothing),
    "time.localtime": (time, _nothing),
    "time.gmtime": (time, type("gmtime", (), {"__module__": "time"})),
    "time.strftime": (time, types.SimpleNamespace),
    "datetime.datetime": (dt, _Datetime),
    "datetime.date": (dt, _Date),
    "datetime.timezone": (dt, type("timezone", (), {"__module__": "datetime"})),
}


@pytest.mark.parametrize("place", _WORLD)
def test_clocks_and_calendars_of_others_are_seen(place: str, monkeypatch: Patch) -> None:
    module, value = _WORLD[place]
    before = leftovers.findings()
    with monkeypatch.context() as patched:
        patched.setattr(module, place.partition(".")[2], value)
        after = leftovers.findings()
    assert [said.partition(" is ")[0] for key, said in after.items() if key not in before] == [
        place
    ]


def _of_moto(enabled: object) -> Any:
    made = type("Stubber", (), {"__module__": "moto.core", "__call__": _nothing})()
    made.enabled = enabled
    return made


def _switched_off(**_: object) -> None: ...


_switched_off.enabled = False  # type: ignore[attr-defined]  # functions may have any

# Added to what botocore registers for every session, and whether that is harmless.
_HANDLERS = {
    "a function of botocore at another event": (botocore.handlers.disable_signing, False),
    "a function written in C": (print, False),
    "a function of Python's library": (json.dumps, False),
    "a function that says it is off": (_switched_off, False),
    "the mock of moto that is on": (_of_moto(enabled=True), False),
    "the mock of moto that is off": (_of_moto(enabled=False), True),
    "something of moto that is no mock": (_of_moto(enabled=None), False),
}


@pytest.mark.parametrize("what", _HANDLERS)
def test_a_handler_that_botocore_does_not_make_is_seen(what: str, monkeypatch: Patch) -> None:
    handler, harmless = _HANDLERS[what]
    listed = [*botocore.handlers.BUILTIN_HANDLERS, ("choose-signer", handler)]
    before = leftovers.findings()
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", listed)
    news = [said for key, said in leftovers.findings().items() if key not in before]
    assert [" for choose-signer is among botocore's " in said for said in news] == (
        [] if harmless else [True]
    )


def test_a_handler_that_is_gone_is_seen(monkeypatch: Patch) -> None:
    monkeypatch.setattr(
        botocore.handlers, "BUILTIN_HANDLERS", botocore.handlers.BUILTIN_HANDLERS[1:]
    )
    event, handler, *_ = botocore.handlers.BUILTIN_HANDLERS[0]
    gone = [said for said in leftovers.findings().values() if " is no longer among " in said]
    assert len(gone) == 1
    assert event
    assert handler


def test_handlers_without_a_source_are_not_compared(monkeypatch: Patch) -> None:
    monkeypatch.setattr(module_source, "source", lambda _: None)
    monkeypatch.setattr(event_handlers, "builtin", event_handlers.builtin.__wrapped__)
    assert event_handlers.builtin() == {}
    assert not [said for said in leftovers.findings().values() if " is no longer among " in said]


def test_without_botocore_there_are_no_handlers(monkeypatch: Patch) -> None:
    monkeypatch.delitem(sys.modules, "botocore.handlers")
    assert not [said for said in leftovers.findings().values() if "BUILTIN_HANDLERS" in said]
    assert boto3.session.Session
