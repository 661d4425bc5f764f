"""Every way to change botocore that we know of: each is seen, and what is stock is not."""

from __future__ import annotations

import contextlib
import functools
import http.client
import socket
import ssl
import sys
import types
from typing import Any, Callable
from unittest import mock

import boto3.s3.inject
import boto3.session
import botocore.auth
import botocore.awsrequest
import botocore.endpoint
import pytest
import s3transfer.manager
import urllib3.connectionpool
import urllib3.util.wait
from botocore.client import BaseClient, ClientMeta
from botocore.endpoint import Endpoint
from botocore.httpsession import URLLib3Session

from botocore_redirect.testing.guards.changes import Change, Snapshot, take_snapshot

Patch = pytest.MonkeyPatch
_SEND = vars(Endpoint)["_send"]


def _nothing(*_: object, **__: object) -> None: ...


@functools.wraps(_SEND)
def _claims(*_: object) -> None: ...


_claims.__module__ = "botocore.endpoint"


class _Descriptor:
    def __get__(self, *_: object) -> None: ...


class _Callable:
    def __call__(self) -> None: ...


class _Reticent:
    """Any question is answered by an error."""

    def __call__(self) -> None: ...

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class _Nowhere(type):
    __module__ = property(lambda _: 1 / 0)


class _Incomparable(type):
    def __eq__(cls, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]  # how Python says it


class _Odd(metaclass=_Incomparable):
    def __call__(self) -> None: ...


class _Lazy(types.ModuleType): ...


class _Session(URLLib3Session):  # type: ignore[misc]  # botocore is untyped
    def send(self, request: Any) -> None: ...


class _SessionThatClaims(_Session): ...


_SessionThatClaims.__module__ = "botocore.httpsession"
_SessionThatClaims.__qualname__ = "URLLib3Session"


class _EndpointThatClaims(Endpoint):  # type: ignore[misc]  # botocore is untyped
    _send = _nothing


_EndpointThatClaims.__module__ = "botocore.endpoint"
_EndpointThatClaims.__qualname__ = "Endpoint"


class _Socks(socket.socket): ...


def _copied(function: Any, **names: Any) -> types.FunctionType:
    return types.FunctionType(function.__code__, {**function.__globals__, **names})


def _module(name: str, **names: Any) -> types.ModuleType:
    made = types.ModuleType(name)
    vars(made).update(names)
    return made


_E = "botocore.endpoint"
#: What is changed -> where it stands, and what stands there then.
CHANGES: dict[str, tuple[Any, str, Any]] = {
    "a method": (Endpoint, "_send", _nothing),
    "a method that claims to be the original": (Endpoint, "_send", _claims),
    "a method of botocore in place of another": (Endpoint, "_needs_retry", Endpoint.create_request),
    "botocore's code with other globals": (Endpoint, "_send", _copied(_SEND, time=None)),
    "data in place of a method": (Endpoint, "_needs_retry", None),
    "a built-in function": (Endpoint, "_needs_retry", print),
    "a mock": (Endpoint, "_send", mock.Mock()),
    "a mock that looks like the original": (Endpoint, "_send", mock.create_autospec(_SEND)),
    "an object that can be called": (Endpoint, "_send", _Callable()),
    "an object that answers nothing": (Endpoint, "_send", _Reticent()),
    "an object of a class that cannot be compared": (Endpoint, "_send", _Odd()),
    "a class of no module": (Endpoint, "_send", _Nowhere("Nowhere", (), {})),
    "a static method": (Endpoint, "_needs_retry", staticmethod(_nothing)),
    "a descriptor": (Endpoint, "http_session", _Descriptor()),
    "a method that was not there": (BaseClient, "__getattribute__", _nothing),
    "a property": (ClientMeta, "service_model", property(_nothing)),
    "another property of botocore": (
        *(ClientMeta, "service_model", property(vars(ClientMeta)["partition"].fget)),
    ),
    "a property of a method": (BaseClient, "_get_waiter_config", property(_nothing)),
    "a function of a module": (botocore.endpoint, "convert_to_response_dict", _nothing),
    "a function in place of another": (
        *(botocore.endpoint, "create_request_object", botocore.endpoint.convert_to_response_dict),
    ),
    "an object in place of an imported function": (
        *(botocore.endpoint, "create_request_object", mock.Mock()),
    ),
    "a class": (botocore.endpoint, "Endpoint", type("Endpoint", (Endpoint,), {})),
    "an imported class": (botocore.endpoint, "URLLib3Session", _Session),
    "an imported class that claims to be the original": (
        *(botocore.endpoint, "URLLib3Session", _SessionThatClaims),
    ),
    "the class of connections": (
        *(botocore.awsrequest.AWSHTTPConnectionPool, "ConnectionCls", _Socks),
    ),
    "names in place of a module": (botocore.endpoint, "time", types.SimpleNamespace(sleep=id)),
    "a module of the same name": (botocore.endpoint, "time", _module("time", sleep=id)),
    "a module of somebody else": (botocore.endpoint, "time", sys.modules[__name__]),
    "boto3": (boto3.session.Session, "client", _nothing),
    "s3transfer": (s3transfer.manager.TransferManager, "upload", _nothing),
    "urllib3": (urllib3.connectionpool.HTTPConnectionPool, "urlopen", _nothing),
    "http.client": (http.client.HTTPConnection, "putrequest", _nothing),
    "sockets": (socket, "socket", _Socks),
    "a class of botocore in place of a socket": (socket, "SocketType", Endpoint),
    "a lookup": (socket, "getaddrinfo", _nothing),
    "a method of sockets": (socket.socket, "connect", _nothing),
    "TLS": (ssl.SSLContext, "wrap_socket", _nothing),
    "TLS that checks nothing": (
        *(ssl, "_create_default_https_context", ssl._create_unverified_context),
    ),
    "the class of TLS": (ssl, "SSLContext", _Socks),
}


def _place(owner: Any, name: str) -> str:
    if isinstance(owner, types.ModuleType):
        return f"{owner.__name__}.{name}"
    return f"{owner.__module__}.{owner.__qualname__}.{name}"


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(what: str, monkeypatch: Patch) -> None:
    owner, name, value = CHANGES[what]
    place = _place(owner, name)
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, value, raising=False)
        assert str(take_snapshot().changes[place]).startswith(f"{place} is ")
    assert not take_snapshot().changes


# What Python's own decorators make of a function of botocore.
_DECORATORS: dict[str, Callable[[Any], Any]] = {
    "cached": functools.lru_cache(None),
    "partial method": lambda send: functools.partialmethod(send, None),
    "partial": lambda send: functools.partial(send, None),
    "static": staticmethod,
    "property": property,
    "context manager": contextlib.contextmanager,
    "mocked clock": mock.patch("time.sleep"),
    "mocked environment": mock.patch.dict("os.environ", {"AWS_REGION": "x"}),
}


@pytest.mark.parametrize("how", _DECORATORS)
def test_a_decorator_around_a_function_of_botocore_is_seen(how: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(Endpoint, "_send", _DECORATORS[how](_SEND))
    assert "botocore.endpoint.Endpoint._send" in take_snapshot().changes


def test_the_code_of_a_function_is_compared(monkeypatch: Patch) -> None:
    same_line = _nothing.__code__.replace(co_firstlineno=_SEND.__code__.co_firstlineno)
    monkeypatch.setattr(_SEND, "__code__", same_line)
    assert "botocore.endpoint.Endpoint._send" in take_snapshot().changes


def test_what_a_decorated_function_calls_is_compared() -> None:
    """The cells of a closure can be filled anew."""
    pytest.importorskip("botocore.context", reason="it has no such decorator")
    upload = boto3.s3.inject.upload_file
    cell = dict(zip(upload.__code__.co_freevars, upload.__closure__))["func"]
    original, cell.cell_contents = cell.cell_contents, _nothing
    try:
        change = take_snapshot().changes["boto3.s3.inject.upload_file"]
    finally:
        cell.cell_contents = original
    assert f"_nothing() of {__file__}:" in str(change)


def test_a_class_that_claims_to_be_the_original_is_seen_by_its_methods(monkeypatch: Patch) -> None:
    monkeypatch.setattr(botocore.endpoint, "Endpoint", _EndpointThatClaims)
    assert "botocore.endpoint.Endpoint._send" in take_snapshot().changes


def test_only_the_place_of_a_replaced_class_is_a_change(monkeypatch: Patch) -> None:
    monkeypatch.setattr(botocore.httpsession, "URLLib3Session", _Session)
    assert [*take_snapshot().changes] == ["botocore.httpsession.URLLib3Session"]


class _Auth(botocore.auth.SigV4Auth):  # type: ignore[misc]  # botocore is untyped
    def add_auth(self, request: Any) -> None: ...


def test_another_base_of_a_class_is_seen() -> None:
    cls = botocore.auth.S3SigV4Auth
    bases, cls.__bases__ = cls.__bases__, (_Auth,)
    try:
        assert "botocore.auth.S3SigV4Auth.__bases__[0]" in take_snapshot().changes
    finally:
        cls.__bases__ = bases


def test_a_module_of_another_class_is_seen(monkeypatch: Patch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(botocore.endpoint, "__class__", _Lazy)
        assert "class _Lazy of " in str(take_snapshot().changes["botocore.endpoint.__class__"])
    monkeypatch.setitem(sys.modules, "botocore.bare", _Lazy("botocore.bare"))
    assert "botocore.bare.__class__" in take_snapshot().changes


def test_what_is_in_a_module_that_botocore_does_not_have_is_seen(monkeypatch: Patch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.more", _module("botocore.more", send=_nothing))
    assert [*take_snapshot().changes] == ["botocore.more.send"]


def test_other_defaults_are_seen_by_the_next_snapshot(monkeypatch: Patch) -> None:
    before = take_snapshot()
    assert not take_snapshot().other_defaults_since(before)
    monkeypatch.setattr(Endpoint.__init__, "__defaults__", (1,) * 9)
    (change,) = take_snapshot().other_defaults_since(before)
    assert str(change) == "botocore.endpoint.Endpoint.__init__ is a function with other defaults"


def test_snapshots_tell_what_was_changed_and_what_was_restored() -> None:
    one, two = ({"place": Change("place", "it", value)} for value in (object(), object()))
    assert not Snapshot(one).changes_since(Snapshot(one))
    assert len(Snapshot(two).changes_since(Snapshot(one))) == 1
    assert Snapshot().restored_since(Snapshot(one)) == ["place"]
    assert not Snapshot(two).restored_since(Snapshot(one))
