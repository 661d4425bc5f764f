"""After an early redirect the body is unsent, so its connection must not be used again.

Gateways disagree on the next data of such a connection: nginx reads it as the body and swallows the
next request, Ceph RGW reads it as a request. And botocore before about 1.43.117 remembers the early
status, and returns it for the next request that gets `100 Continue`.
"""

from __future__ import annotations

import socketserver
from contextlib import ExitStack
from http.client import parse_headers
from typing import TYPE_CHECKING, Any, Callable

import pytest
import urllib3
from botocore.exceptions import ClientError, ReadTimeoutError

from botocore_redirect import InvalidLocation, RedirectPolicy
from botocore_redirect.policy import WORKAROUNDS
from botocore_redirect.testing.server.request_body import read_body
from wire.aiobotocore_differences import about_stale_status
from wire.botocore_versions import VERSION
from wire.conftest import answer, to
from wire.servers.served import Served
from wire.servers.tls import CA, server_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire.conftest import Follow, MakeClient, Serve, Silent

    MakeGateway = Callable[..., "EarlyGateway"]

REMEMBERS = VERSION < (1, 43, 117)  # fixed between 1.43.68 and there
WITHOUT_EXPECT = WORKAROUNDS - {"expect"}
KEY = {"Bucket": "bkt", "Key": "key"}
BODY = b"0123456789" * 1000  # longer than any head, so that a head never fills it
NEXT: dict[str, Callable[[Any], Any]] = {
    "GET": lambda client: client.get_object(**KEY)["Body"].read(),
    "HEAD": lambda client: client.head_object(**KEY),
    "LIST": lambda client: client.list_objects_v2(Bucket="bkt"),
    "PUT": lambda client: client.put_object(Body=BODY, **KEY),
}


class EarlyGateway(Served):
    """Redirect the first request before its body, stay connected, and answer all others.

    With `waits`, the data after the redirect is read as the body, as by nginx.
    """

    def __init__(self, target: str, context: Any, *, waits: bool) -> None:
        self.target, self.waits, self.secure = target, waits, context is not None
        self.connections = 0
        self.first = True
        self.bodies: list[bytes] = []
        super().__init__(_Handler)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"http{'s' * self.secure}://127.0.0.1:{self.port}"

    def handle_error(self, *_: object) -> None:
        """Ignore clients that gave up, as some of these tests expect."""


class _Handler(socketserver.StreamRequestHandler):
    server: EarlyGateway
    disable_nagle_algorithm = True

    def handle(self) -> None:
        server = self.server
        server.connections += 1
        while first := self.rfile.readline():
            if not first.endswith(b"HTTP/1.1\r\n"):
                self._answer(400, "Connection: close")
                return
            headers = parse_headers(self.rfile)
            if server.first:
                server.first = False
                self._answer(307, f"Location: {server.target}{first.split()[1].decode()}")
                if server.waits and read_body(self.rfile, headers).problem:
                    self._answer(400, "Connection: close")
                    return
                continue
            if "Expect" in headers:
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            server.bodies.append(read_body(self.rfile, headers).data)
            self._answer(200, "Server: early")

    def _answer(self, status: int, header: str) -> None:
        self.wfile.write(f"HTTP/1.1 {status} X\r\n{header}\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.fixture(params=["http", "https"])
def make_gateway(request: pytest.FixtureRequest, serve: Serve) -> Iterator[MakeGateway]:
    context = server_context() if request.param == "https" else None
    target = serve(answer(), ssl_context=context)
    with ExitStack() as gateways:

        def make(*, waits: bool) -> EarlyGateway:
            return gateways.enter_context(EarlyGateway(target.url, context, waits=waits))

        yield make


@pytest.fixture
def client_of(make_client: MakeClient, follow: Follow) -> MakeClient:
    def make(gateway: EarlyGateway, workarounds: frozenset[str], **options: Any) -> Any:
        client = make_client(gateway.url, verify=CA, **options)
        return follow(client, RedirectPolicy(workarounds=workarounds))

    return make


@pytest.mark.parametrize("operation", NEXT)
@pytest.mark.parametrize("waits", [True, False], ids=["as nginx", "as RGW"])
def test_the_next_request_is_served_by_every_kind_of_gateway(
    make_gateway: MakeGateway, client_of: MakeClient, waits: bool, operation: str
) -> None:
    gateway = make_gateway(waits=waits)
    client = client_of(gateway, WORKAROUNDS, read_timeout=20)
    client.put_object(Body=BODY, **KEY)
    NEXT[operation](client)
    assert gateway.connections == 2
    assert [BODY in body for body in gateway.bodies] == [operation == "PUT"]


def _in_chunks(gateway: EarlyGateway) -> bool:
    """Return whether bodies are chunked, as over TLS since botocore 1.36."""
    chunked = gateway.secure and VERSION >= (1, 36)
    if chunked and urllib3.__version__.startswith("1."):
        pytest.skip("without the workaround, urllib3 1.26 sends a body in chunks without waiting")
    return chunked


@about_stale_status
@pytest.mark.parametrize("operation", NEXT)
def test_without_the_workaround_a_gateway_that_waits_for_the_body_swallows_the_next_request(
    make_gateway: MakeGateway, client_of: MakeClient, silent: Silent, operation: str
) -> None:
    gateway = make_gateway(waits=True)
    client = client_of(gateway, WITHOUT_EXPECT, read_timeout=0.3)
    client.put_object(Body=BODY, **KEY)
    # The gateway waits for the rest of a body with a length, and cannot read a chunk otherwise.
    chunked = _in_chunks(gateway)
    if not chunked:
        silent(gateway)
    with pytest.raises(ClientError if chunked else ReadTimeoutError):
        NEXT[operation](client)
    # After a HEAD that ended in 400, botocore asks for the region of the bucket.
    asked = operation == "HEAD" and chunked
    assert gateway.connections == 1 + asked
    assert len(gateway.bodies) == asked


@about_stale_status
@pytest.mark.parametrize("operation", NEXT)
def test_without_the_workaround_a_put_gets_the_stale_status_that_botocore_remembers(
    make_gateway: MakeGateway, client_of: MakeClient, operation: str
) -> None:
    gateway = make_gateway(waits=False)
    _in_chunks(gateway)
    spoilt = operation == "PUT" and REMEMBERS
    client = client_of(gateway, WITHOUT_EXPECT, read_timeout=0.5 if spoilt else 20)
    client.put_object(Body=BODY, **KEY)
    if spoilt:
        # The stale status is a redirect with the answer of another request. Newer releases ask for
        # the region of the bucket first.
        with pytest.raises(InvalidLocation):
            NEXT[operation](client)
    else:
        NEXT[operation](client)
    asked = spoilt and VERSION >= (1, 28)
    assert gateway.connections == 1 + asked
    assert len(gateway.bodies) == 1 + asked  # the gateway served it


@pytest.mark.parametrize("status", [403, 503])
def test_an_early_error_of_a_target_does_not_affect_the_next_put(
    serve: Serve, make_client: MakeClient, follow: Follow, status: int
) -> None:
    target = serve(answer(status), answer(), expect="early")
    gateway = serve(to(f"{target.url}/bkt/key"), expect="early")
    client = follow(make_client(gateway.url, read_timeout=5))
    with pytest.raises(ClientError):
        client.put_object(Body=b"one", **KEY)
    target.expect = "late"
    client.put_object(Body=b"two", **KEY)
    assert [request.body for request in target.received] == [b"", b"two"]
    assert target.connections == 2
