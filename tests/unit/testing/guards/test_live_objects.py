"""What is alive: each change of a client or a session is seen, also among objects that are odd."""

from __future__ import annotations

import gc
import operator
import types
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.stub import Stubber

from botocore_redirect.testing.guards import live_objects

Patch = pytest.MonkeyPatch


class _Incomparable(type):
    def __eq__(cls, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]  # how Python says it


class _Odd(metaclass=_Incomparable):
    """An object that is in the list of the collector."""

    def __init__(self) -> None:
        self.held: list[object] = []


class _Double(BaseClient):  # type: ignore[misc]  # botocore is untyped
    """A client that botocore never made; BaseClient looks for its attributes for ever."""

    def __init__(self) -> None:
        self.calls: list[str] = []


@pytest.fixture
def client() -> Any:
    return boto3.session.Session("key", "secret", region_name="us-east-1").client("s3")


@pytest.fixture
def _frozen() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.collect()


def _found(client: Any) -> list[str]:
    found = live_objects.find().values()
    return [text for text in found if "a client of s3" in text and client]


@pytest.mark.parametrize("odd", [_Odd, _Double, lambda: object.__new__(Stubber)])
def test_an_odd_object_raises_no_alarm(odd: Any) -> None:
    before = {*live_objects.find()}
    kept = odd()
    assert {*live_objects.find()} == before
    del kept


def test_unreachable_objects_are_not_live() -> None:
    before = {*live_objects.find()}
    gc.disable()
    try:
        connection: Any = HTTPConnection("127.0.0.1")
        connection.sock = types.SimpleNamespace(close=lambda: None)
        assert {*live_objects.find()} - before
        connection.held_by = connection
        del connection
        assert {*live_objects.find()} <= before
    finally:
        gc.enable()


_PLACES = (
    "_make_api_call",
    "_endpoint._send",
    "_endpoint.http_session.send",
    "_request_signer.sign",
)


def test_a_method_of_each_part_of_a_client_is_seen(client: Any) -> None:
    for place in _PLACES:
        owner, _, name = f"client.{place}".rpartition(".")
        part = operator.attrgetter(owner.partition(".")[2])(client) if "." in owner else client
        setattr(part, name, lambda *_, **__: None)
    found = {text.partition(" is ")[0] for text in _found(client)}
    assert found == {f"a client of s3.{place}" for place in _PLACES}


def test_a_method_of_the_class_of_a_client_is_seen(client: Any) -> None:
    assert not _found(client)
    type(client).list_buckets = lambda *_, **__: {}
    (text,) = _found(client)
    assert "a client of s3.list_buckets is " in text


def test_another_class_of_a_client_is_seen(client: Any) -> None:
    class Mine(type(client)):  # type: ignore[misc]  # botocore makes it at run time
        def _make_api_call(self, *_: object) -> None: ...

    client.__class__ = Mine
    (text,) = _found(client)
    assert "a client of s3._make_api_call is " in text


def test_a_handler_on_a_client_or_a_session_is_seen(client: Any) -> None:
    client.meta.events.register("before-send.s3", lambda **_: None)
    (text,) = _found(client)
    assert " for before-send.s3 is on a client of s3" in text
    session = botocore.session.Session()
    session.register("before-sign", lambda **_: None)
    assert " for before-sign is on a session" in "".join(live_objects.find().values())


def test_a_part_without_attributes_of_its_own_raises_no_alarm(client: Any) -> None:
    client._endpoint = None
    client._request_signer = object()
    assert not _found(client)


@pytest.mark.usefixtures("_frozen")
def test_frozen_objects_are_inspected_and_stay_frozen(client: Any) -> None:
    stubber = Stubber(client)
    stubber.activate()
    gc.freeze()
    assert len(_found(client)) == 1
    assert gc.get_freeze_count()
    stubber.deactivate()
    assert not _found(client)


@pytest.mark.usefixtures("_frozen")
def test_objects_that_were_inspected_before_the_freeze_are_not_inspected_again(
    client: Any, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(live_objects, "_knows_frozen", [False])
    before = {*live_objects.freeze()}
    client._make_api_call = lambda *_: None
    assert {*live_objects.find()} <= before
    gc.unfreeze()
    assert len(_found(client)) == 1
    assert len({*live_objects.freeze()} - before) == 1
