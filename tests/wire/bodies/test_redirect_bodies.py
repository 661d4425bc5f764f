"""The body of a redirect is read only if it is needed, however long it is."""

from __future__ import annotations

import socket
import ssl
import sys
import time
from typing import TYPE_CHECKING, Any, Callable

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import botocore_redirect
from botocore_redirect.transport import redirect_body
from botocore_redirect.transport.head import Head
from wire.aiobotocore_differences import about_urllib3, skip_if_broken_at_once
from wire.bodies.odd_bodies import (
    BODIES,
    CHUNKED,
    OddServer,
    Send,
    at_the_limit,
    bodiless,
    chunks,
    late,
    nonsense,
    whole,
)
from wire.conftest import answer
from wire.servers.tls import CA, server_context

if TYPE_CHECKING:
    from wire.conftest import MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
LIMIT = redirect_body.LIMIT
LATE = 5  # seconds: no test may take as long

pytestmark = pytest.mark.usefixtures("patched")

CALLS: dict[str, Callable[[Any], object]] = {
    "GET": lambda client: client.get_object(**KEY),
    "PUT": lambda client: client.put_object(Body=b"content", **KEY),
}


@pytest.fixture(params=["http", "https"])
def context(request: pytest.FixtureRequest) -> ssl.SSLContext | None:
    return server_context() if request.param == "https" else None


@pytest.fixture
def client_of(make_client: MakeClient) -> Callable[..., Any]:
    def make(server: OddServer, **options: Any) -> Any:
        scheme = "https" if server.context else "http"
        options.setdefault("read_timeout", 20)
        return make_client(f"{scheme}://127.0.0.1:{server.port}", verify=CA, **options)

    return make


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Head]:
    """The heads of redirects, as connections record them."""
    heads: list[Head] = []

    def noted(*values: Any, **named: Any) -> Head:
        heads.append(Head(*values, **named))
        return heads[-1]

    for module in ("transport.connections", "aio.aiohttp_client", "aio.httpx_client"):
        noticing = sys.modules.get(f"botocore_redirect.{module}")
        if noticing is not None:
            monkeypatch.setattr(noticing, "Head", noted)
    return heads


@pytest.fixture(autouse=True)
def _what_aiohttp_notices(request: pytest.FixtureRequest, aiobotocore: str | None) -> None:
    parameters = getattr(request.node, "callspec", None)
    if parameters:
        skip_if_broken_at_once(aiobotocore, parameters.params.get("body", ""))


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("body", BODIES)
def test_a_redirect_is_followed_whatever_comes_after_its_head(
    serve: Serve,
    client_of: Callable[..., Any],
    context: Any,
    read: list[Head],
    body: str,
    operation: str,
) -> None:
    target = serve(answer(), ssl_context=context)
    with OddServer(f"{target.url}/bkt/key", *BODIES[body], context) as gateway:
        started = time.monotonic()
        client = client_of(gateway)
        for calls in (1, 2):
            CALLS[operation](client)
            assert gateway.connections == calls
        assert time.monotonic() - started < LATE
    assert len(target.received) == 2
    assert all(len(head.body) <= LIMIT and not head.complete for head in read)


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_may_name_the_target_is_awaited_no_longer_than_read_timeout(
    client_of: Callable[..., Any], context: Any, read: list[Head], body: str
) -> None:
    with OddServer(None, *BODIES[body], context) as gateway:
        client = client_of(gateway, read_timeout=0.4)
        started = time.monotonic()
        with pytest.raises(botocore_redirect.InvalidLocation):
            client.list_buckets()  # it has no bucket for a HEAD
        assert time.monotonic() - started < LATE
    (head,) = read
    assert len(head.body) <= LIMIT
    assert not head.complete


@pytest.mark.parametrize(
    ("framing", "send"),
    [
        ("Content-Length: 47", whole),
        ("Content-Length: 47", late),
        ("X-Framing: none", late),
        ("Content-Length: 47\r\nContent-Encoding: gzip", whole),
        (CHUNKED, chunks),
        (f"Content-Length: {LIMIT}", at_the_limit),
    ],
)
def test_a_body_that_may_name_the_target_is_read_and_parsed_by_botocore(
    client_of: Callable[..., Any],
    context: Any,
    read: list[Head],
    framing: str,
    send: Send,
) -> None:
    with (
        OddServer(None, framing, send, context) as gateway,
        pytest.raises(EndpointConnectionError, match=r"127\.0\.0\.1:9/"),
    ):
        client_of(gateway).list_buckets()
    (head,) = read
    assert head.body.strip() == b"<Error><Endpoint>127.0.0.1:9</Endpoint></Error>"
    assert head.complete


def test_the_connection_is_kept_when_the_body_has_arrived(
    serve: Serve,
    client_of: Callable[..., Any],
    context: Any,
    read: list[Head],
    aiobotocore: str | None,
) -> None:
    target = serve(answer(), ssl_context=context)
    with OddServer(None, "Content-Length: 47", whole, context) as gateway:
        gateway.location = f"{target.url}/bkt/key"
        client = client_of(gateway)
        for _ in range(3):
            client.get_object(**KEY)
        assert gateway.connections == 1
        if not aiobotocore:
            pools = client._endpoint.http_session._manager.pools._container.values()
            kept = [each for pool in pools for each in pool.pool.queue if each]
            assert {each.sock.gettimeout() for each in kept} == {20}
    assert [head.complete for head in read] == [True] * 3


@about_urllib3
@pytest.mark.parametrize(
    ("framing", "body", "error"),
    [("Content-Length: 47", whole, ClientError), ("Content-Length: 27", nonsense, TypeError)],
    ids=["whole", "nonsense"],
)
def test_the_body_of_a_redirect_of_aws_itself_is_left_to_botocore(
    make_client: MakeClient,
    read: list[Head],
    monkeypatch: pytest.MonkeyPatch,
    framing: str,
    body: Send,
    error: type[Exception],
) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *more: resolve("127.0.0.1", *more))
    with OddServer("http://elsewhere.test/bkt/key", framing, body) as gateway:
        gateway.status = 308  # for other statuses botocore asks this host again
        where = f"http://s3.us-east-1.amazonaws.com:{gateway.port}"
        with pytest.raises(error):
            make_client(where).get_object(**KEY)
    assert [(head.body, head.complete) for head in read] == [(b"", False)]


@pytest.mark.parametrize("framing", ["Content-Length: 100", CHUNKED])
def test_an_answer_to_head_has_no_body_whatever_its_head_says(
    serve: Serve, client_of: Callable[..., Any], context: Any, framing: str
) -> None:
    target = serve(answer(), ssl_context=context)
    with OddServer(f"{target.url}/bkt/key", framing, bodiless, context) as gateway:
        client = client_of(gateway)
        for _ in range(3):
            client.head_object(**KEY)
        assert gateway.connections == 1
