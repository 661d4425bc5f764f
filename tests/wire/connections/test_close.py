"""Redirects work with gateways and targets that close their connections."""

from __future__ import annotations

import socketserver
from http.client import parse_headers
from typing import TYPE_CHECKING

import pytest

from botocore_redirect.testing import Redirect
from botocore_redirect.testing.server.request_body import read_body
from wire.conftest import answer
from wire.servers.served import Served

if TYPE_CHECKING:
    from wire.conftest import MakeClient, Serve, Silent

KEY = {"Bucket": "bkt", "Key": "key"}
CLOSE = ("Connection", "close")
CALLS = {
    "GET": lambda client: client.get_object(**KEY)["Body"].read(),
    "HEAD": lambda client: client.head_object(**KEY),
    "LIST": lambda client: client.list_objects_v2(Bucket="bkt"),
    "PUT": lambda client: client.put_object(Body=b"content", **KEY),
    "DELETE": lambda client: client.delete_object(**KEY),
}


pytestmark = pytest.mark.usefixtures("patched")


@pytest.mark.parametrize("expect", ["early", "late"])
@pytest.mark.parametrize("operation", CALLS)
def test_a_gateway_that_closes_costs_one_connection_a_request(
    serve: Serve, make_client: MakeClient, operation: str, expect: str
) -> None:
    target = serve(answer())
    gateway = serve(Redirect(headers=(CLOSE,)), target=target.url, expect=expect)
    client = make_client(gateway.url)
    for _ in range(3):
        CALLS[operation](client)
    assert (gateway.connections, len(gateway.received)) == (3, 3)
    assert (target.connections, len(target.received)) == (1, 3)


@pytest.mark.parametrize("operation", CALLS)
def test_a_target_that_closes_costs_one_connection_a_request(
    serve: Serve, make_client: MakeClient, operation: str
) -> None:
    target = serve(answer(200, b"", CLOSE))
    gateway = serve(Redirect(), target=target.url)
    client = make_client(gateway.url)
    for _ in range(3):
        CALLS[operation](client)
    assert (gateway.connections, len(gateway.received)) == (1, 3)
    assert (target.connections, len(target.received)) == (3, 3)


class OldServer(Served):
    """Speak HTTP/1.0: one request for each connection, no length, no Expect."""

    def __init__(self, location: str | None, *, early: bool = False) -> None:
        self.location, self.early = location, early
        self.bodies: list[bytes] = []
        self.failures: list[object] = []
        super().__init__(_OldHandler)


class _OldHandler(socketserver.StreamRequestHandler):
    server: OldServer

    def handle(self) -> None:
        target = self.rfile.readline().split()[1].decode()
        headers = parse_headers(self.rfile)
        if not self.server.early:
            self.server.bodies.append(read_body(self.rfile, headers).data)
        if self.server.location is None:
            self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        else:
            where = f"{self.server.location}{target}"
            self.wfile.write(f"HTTP/1.0 307 Moved\r\nLocation: {where}\r\n\r\n".encode())


@pytest.mark.boto3_alone(
    "aiohttp waits for 100 Continue without a limit, with and without the patch"
)
@pytest.mark.parametrize("operation", CALLS)
def test_http_1_0_gateways_and_targets_work(
    make_client: MakeClient, silent: Silent, operation: str
) -> None:
    early = operation == "PUT"
    with OldServer(None) as target, OldServer(target.url, early=early) as gateway:
        silent(target)
        client = make_client(gateway.url)
        for _ in range(2):
            CALLS[operation](client)
        assert target.bodies == [b"content" if operation == "PUT" else b""] * 2


@pytest.mark.boto3_alone(
    "aiohttp waits for 100 Continue without a limit, with and without the patch"
)
def test_an_http_1_0_gateway_that_ignores_expect_gets_the_body_and_so_does_the_target(
    make_client: MakeClient, silent: Silent
) -> None:
    with OldServer(None) as target, OldServer(target.url) as gateway:
        silent(gateway)
        silent(target)
        CALLS["PUT"](make_client(gateway.url))
        assert gateway.bodies == target.bodies[:1] == [b"content"]
