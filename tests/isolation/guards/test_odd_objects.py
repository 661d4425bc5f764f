"""The guards among objects that answer nothing, or anything: they say a sentence, or nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from botocore.stub import Stubber

from botocore_redirect.testing.guards import event_handlers, live_objects, pristine


class _Incomparable(type):
    def __eq__(cls, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]  # how Python says it


class _Odd(metaclass=_Incomparable):
    """An object that is in the list of the collector."""

    def __init__(self) -> None:
        self.held: list[object] = []


class _Reticent:
    """Any question is answered by an error, also after a module."""

    def __call__(self) -> None: ...

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class _Nowhere(type):
    __module__ = property(lambda _: 1 / 0)


class _Double(BaseClient):  # type: ignore[misc]  # botocore is untyped
    """A client that botocore never made; BaseClient looks for its attributes for ever."""

    def __init__(self) -> None:
        self.calls: list[str] = []


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    return boto3.session.Session(region_name="us-east-1").client("s3")


@pytest.fixture
def _frozen() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.collect()


_ODD = {"reticent": _Reticent(), "of nowhere": _Nowhere("Nowhere", (), {}), "odd": _Odd()}


@pytest.mark.parametrize("odd", _ODD)
def test_an_odd_thing_in_place_of_a_function_is_seen(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Endpoint, "_send", _ODD[odd])
    assert str(pristine.look().changes["botocore.endpoint.Endpoint._send"])


@pytest.mark.parametrize("kind", ["incomparable", "double"])
def test_an_odd_thing_that_lives_raises_no_alarm(kind: str) -> None:
    before = {*live_objects.findings()}
    kept = _Odd() if kind == "incomparable" else _Double()
    assert {*live_objects.findings()} == before
    del kept


def test_a_stubber_of_a_double_is_nobodys_harm() -> None:
    before = {*live_objects.findings()}
    kept = object.__new__(Stubber)
    assert {*live_objects.findings()} == before
    del kept


def _said(client: Any) -> list[str]:
    return [
        said for said in live_objects.findings().values() if "a client of s3" in said and client
    ]


def test_a_method_of_the_class_of_a_client_is_seen(client: Any) -> None:
    assert not _said(client)
    type(client).list_buckets = lambda *_, **__: {}
    (said,) = _said(client)
    assert "a client of s3.list_buckets is " in said


def test_another_class_of_a_client_is_seen(client: Any) -> None:
    class Mine(type(client)):  # type: ignore[misc]  # botocore makes it at run time
        def _make_api_call(self, *_: object) -> None: ...

    client.__class__ = Mine
    (said,) = _said(client)
    assert "a client of s3._make_api_call is " in said


def test_a_part_without_attributes_of_its_own_raises_no_alarm(client: Any) -> None:
    client._endpoint = None
    client._request_signer = object()
    assert not _said(client)


@pytest.mark.usefixtures("_frozen")
def test_what_is_frozen_is_looked_at_and_stays_frozen(client: Any) -> None:
    stubber = Stubber(client)
    stubber.activate()
    gc.freeze()
    assert len(_said(client)) == 1
    assert gc.get_freeze_count()
    stubber.deactivate()
    assert not _said(client)


@pytest.mark.usefixtures("_frozen")
def test_what_was_looked_at_before_it_was_frozen_is_not_looked_at_again(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_objects, "_looked", [False])
    before = {*live_objects.freeze()}
    client._make_api_call = lambda *_: None
    assert {*live_objects.findings()} <= before
    gc.unfreeze()
    assert len(_said(client)) == 1
    assert len({*live_objects.freeze()} - before) == 1


def test_nothing_is_odd_about_a_handler_of_nobody() -> None:
    assert event_handlers.is_foreign(_Reticent())
    assert " of " in event_handlers.foreign(_Reticent())
