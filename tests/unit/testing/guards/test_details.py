"""Single rules of the guards that nothing else would miss."""

from __future__ import annotations

import functools
import gc
import json
import logging
import socket
import types
from http.client import HTTPConnection
from typing import Any
from unittest import mock

import boto3
import botocore.endpoint
import pytest
from botocore.client import BaseClient, ClientMeta
from botocore.endpoint import Endpoint
from botocore.handlers import disable_signing

from botocore_redirect.testing.guards import event_handlers, leftovers, live_objects, pristine
from botocore_redirect.testing.guards.ownership import Foreign
from botocore_redirect.testing.guards.pristine import Change, Look

Patch = pytest.MonkeyPatch


def test_what_only_waits_to_be_collected_is_no_finding() -> None:
    before = {*live_objects.findings()}
    gc.disable()
    try:
        connection: Any = HTTPConnection("127.0.0.1")
        connection.sock = types.SimpleNamespace(close=lambda: None)
        assert {*live_objects.findings()} - before
        connection.held_by = connection
        del connection
        assert {*live_objects.findings()} <= before
    finally:
        gc.enable()


def test_a_property_of_botocore_in_place_of_another_is_seen(monkeypatch: Patch) -> None:
    monkeypatch.setattr(ClientMeta, "service_model", property(ClientMeta.partition.fget))
    assert "botocore.client.ClientMeta.service_model" in pristine.look().changes


def test_a_bare_function_is_no_property_where_its_class_has_some(monkeypatch: Patch) -> None:
    monkeypatch.setattr(BaseClient, "_get_waiter_config", property(BaseClient._get_waiter_config))
    assert "botocore.client.BaseClient._get_waiter_config" in pristine.look().changes


def test_an_object_in_place_of_an_imported_function_is_seen(monkeypatch: Patch) -> None:
    monkeypatch.setattr(botocore.endpoint, "create_request_object", mock.Mock())
    assert "botocore.endpoint.create_request_object" in pristine.look().changes


def test_what_is_botocores_is_no_socket(monkeypatch: Patch) -> None:
    monkeypatch.setattr(socket, "SocketType", Endpoint)
    monkeypatch.setattr(pristine, "modules", lambda: ["botocore.endpoint", "socket"])
    assert "socket.SocketType" in pristine.look().changes


def test_a_part_of_a_function_is_its_authors() -> None:
    assert not event_handlers.is_foreign(functools.partial(disable_signing, None))
    for function in (functools.partial(print), print, json.dumps):
        assert event_handlers.is_foreign(function)


def test_botocores_code_with_other_globals_is_seen(monkeypatch: Patch) -> None:
    names = {**vars(botocore.endpoint), "convert_to_response_dict": lambda *_: {}}
    other = types.FunctionType(Endpoint._send.__code__, names)
    monkeypatch.setattr(Endpoint, "_send", other)
    assert "botocore.endpoint.Endpoint._send" in pristine.look().changes


def test_a_function_of_botocore_in_place_of_another_is_seen(monkeypatch: Patch) -> None:
    """The name is given once in its module, so nothing else may stand there."""
    monkeypatch.setattr(
        botocore.endpoint, "convert_to_response_dict", botocore.endpoint.create_request_object
    )
    assert "botocore.endpoint.convert_to_response_dict" in pristine.look().changes


def test_another_patch_at_the_same_place_is_news() -> None:
    one, two = ({"place": Change("place", Foreign("one"), value)} for value in (object(), object()))
    assert not Look(one).news(Look(one))
    assert len(Look(two).news(Look(one))) == 1


@pytest.mark.parametrize(
    "name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"]
)
def test_other_authorities_are_seen(name: str, monkeypatch: Patch) -> None:
    monkeypatch.delenv(name, raising=False)
    before = leftovers.environment()
    monkeypatch.setenv(name, "other")
    assert [key for key, _ in leftovers.changed(before, leftovers.environment())] == [
        ("variable", name)
    ]


@pytest.mark.parametrize("name", ["boto", "boto3", "botocore", "s3transfer", "urllib3.connection"])
def test_a_log_of_each_package_is_seen(name: str) -> None:
    before, logger, handler = leftovers.findings(), logging.getLogger(name), logging.StreamHandler()
    logger.addHandler(handler)
    try:
        news = [said for key, said in leftovers.findings().items() if key not in before]
    finally:
        logger.removeHandler(handler)
    assert news == [f"logger {name} has a handler, StreamHandler"]


@pytest.mark.parametrize(
    "place",
    ["_make_api_call", "_endpoint._send", "_endpoint.http_session.send", "_request_signer.sign"],
)
def test_a_method_of_each_part_of_a_client_is_seen(place: str) -> None:
    client = boto3.session.Session("key", "secret", region_name="us-east-1").client("s3")
    part: Any = client
    *names, name = place.split(".")
    for each in names:
        part = getattr(part, each)
    setattr(part, name, lambda *_, **__: None)
    said = [said for said in live_objects.findings().values() if "a client of s3" in said]
    assert [f"a client of s3.{place} is " in each for each in said] == [True]
