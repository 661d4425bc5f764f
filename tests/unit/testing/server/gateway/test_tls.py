"""A gateway with a certificate speaks TLS."""

from __future__ import annotations

import http.client
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing import Gateway, Redirect
from wire.servers.tls import CA, server_context

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    rule = Redirect(200, location=None, body=b"content")
    with Gateway(NOWHERE, rule=rule, ssl_context=server_context()) as started:
        yield started


def _connect(gateway: Gateway, **trust: Any) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(**trust)
    return http.client.HTTPSConnection(gateway.url.partition("//")[2], context=context, timeout=5)


def test_clients_use_tls_and_requests_are_relayed_as_plain_http(gateway: Gateway) -> None:
    assert gateway.url.startswith("https://127.0.0.1:")
    connection = _connect(gateway, cafile=CA)
    connection.request("GET", "/a")
    assert connection.getresponse().read() == b"content"
    with Gateway(NOWHERE, rule=Redirect(200, location=None, body=b"behind")) as upstream:
        gateway.rule, gateway.upstream = None, upstream.url
        connection.request("PUT", "/b", body=b"sent")
        assert connection.getresponse().read() == b"behind"
        assert upstream.received[0].body == b"sent"
    connection.close()
    assert gateway.connections == 1


def test_a_client_that_rejects_the_certificate_is_not_an_error_of_the_gateway(
    gateway: Gateway,
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        _connect(gateway).request("GET", "/")
    gateway.close()
    assert gateway.received == []


def test_a_client_without_tls_does_not_block_others(gateway: Gateway) -> None:
    silent = http.client.HTTPConnection(gateway.url.partition("//")[2], timeout=5)
    silent.connect()
    connection = _connect(gateway, cafile=CA)
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    silent.request("GET", "/in-the-clear")
    with pytest.raises((http.client.HTTPException, OSError)):
        silent.getresponse()
    connection.close()
    silent.close()


def test_close_closes_tls_connections(gateway: Gateway) -> None:
    connection = _connect(gateway, cafile=CA)
    connection.request("GET", "/")
    connection.getresponse().read()
    gateway.close()
    assert connection.sock.recv(1) == b""
    connection.close()
