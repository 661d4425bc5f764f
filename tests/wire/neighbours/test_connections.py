"""Other code in the process sees connections as without the patch."""

from __future__ import annotations

import gc
import io
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import urllib3
from botocore import awsrequest
from botocore.awsrequest import (
    AWSConnection,
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPResponse,
    AWSHTTPSConnection,
)
from botocore.exceptions import ConnectionClosedError, HTTPClientError

import botocore_redirect
from botocore_redirect import RedirectPolicy
from botocore_redirect.testing import Redirect
from botocore_redirect.transport import connections
from botocore_redirect.transport.in_flight import find_request
from wire.aiobotocore_differences import about_urllib3, aiohttp_follows, hook_blocks
from wire.bodies.test_expect import CONTENT, OddGateway
from wire.botocore_versions import needs_checksums
from wire.conftest import answer, to
from wire.servers.tls import CA, server_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire.conftest import Follow, MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
OWNERS = (
    *(AWSConnection, AWSHTTPConnection, AWSHTTPSConnection, AWSHTTPResponse),
    *(AWSHTTPConnectionPool, awsrequest),
)


def contents() -> dict[Any, dict[str, Any]]:
    """Return the contents of botocore's classes and their module, except traces of warnings."""
    registry = "__warningregistry__"
    return {
        owner: {name: value for name, value in vars(owner).items() if name != registry}
        for owner in OWNERS
    }


STOCK = contents()


@pytest.fixture(params=["install", "follow"])
def switch(request: pytest.FixtureRequest, follow: Follow) -> Iterator[Any]:
    """Make a client follow, by either function."""
    yield follow if request.param == "follow" else lambda _: botocore_redirect.install()
    botocore_redirect.uninstall()


def pools_of(client: Any) -> list[Any]:
    return list(client._endpoint.http_session._manager.pools._container.values())


def take_away(client: Any) -> None:
    botocore_redirect.uninstall()
    botocore_redirect.unfollow(client)


def redirecting(serve: Serve) -> Any:
    """Start a gateway that redirects all but the first request."""
    target = serve(answer(200, b"content"))
    return serve(answer(), to(f"{target.url}/bkt/key"))


@about_urllib3
def test_no_pool_connection_or_session_of_a_client_references_the_patch(
    serve: Serve, make_client: MakeClient, switch: Any
) -> None:
    client = make_client(redirecting(serve).url)
    client.head_object(**KEY)
    switch(client)
    client.get_object(**KEY)["Body"].read()
    session = client._endpoint.http_session
    pools = pools_of(client)
    connections = [each for pool in pools for each in pool.pool.queue if each]
    assert len(connections) == 2
    assert {type(each) for each in connections} == {AWSHTTPConnection}
    for each in (session, session._manager, *pools, *connections):
        held = [*vars(each).values(), *gc.get_referents(vars(each))]
        assert not [value for value in held if "botocore_redirect" in f"{type(value)} {value!r}"]


def test_uninstalling_leaves_nothing_in_botocore(
    serve: Serve, make_client: MakeClient, switch: Any
) -> None:
    client = make_client(redirecting(serve).url)
    client.head_object(**KEY)
    switch(client)
    assert contents() != STOCK
    client.get_object(**KEY)
    take_away(client)
    assert contents() == STOCK


@about_urllib3
@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("owner", [urllib3.HTTPConnectionPool, AWSHTTPConnectionPool])
def test_a_mock_of_urlopen_that_is_set_after_a_client_was_used_gets_its_requests(
    serve: Serve, make_client: MakeClient, switch: Any, owner: Any, gone: bool
) -> None:
    gateway = redirecting(serve)
    client = make_client(gateway.url)
    client.head_object(**KEY)
    switch(client)
    client.get_object(**KEY)["Body"].read()
    if gone:
        take_away(client)
    seen = len(gateway.received)
    response = urllib3.HTTPResponse(io.BytesIO(), status=200, preload_content=False)
    with mock.patch.object(owner, "urlopen", return_value=response) as urlopen:
        client.head_object(**KEY)
    urlopen.assert_called_once()
    assert len(gateway.received) == seen


class Double(AWSHTTPConnection):  # type: ignore[misc]  # botocore is untyped
    """The connection class of a recorder."""

    asked = 0

    def getresponse(self) -> Any:
        type(self).asked += 1
        return super().getresponse()


class Below(urllib3.connection.HTTPConnection):  # type: ignore[misc]  # as above
    """A class between the connections of botocore and urllib3."""

    def getresponse(self) -> Any:
        Mixed.asked += 1
        return super().getresponse()


class Mixed(AWSHTTPConnection, Below):  # type: ignore[misc]  # botocore is untyped
    """A connection class with another order of bases."""

    asked = 0


@about_urllib3
@pytest.mark.parametrize("double", [Double, Mixed])
@pytest.mark.parametrize("gone", [False, True])
def test_a_connection_class_that_is_set_after_a_client_was_used_is_used_by_it(
    serve: Serve,
    make_client: MakeClient,
    switch: Any,
    monkeypatch: pytest.MonkeyPatch,
    gone: bool,
    double: Any,
) -> None:
    gateway = redirecting(serve)
    client = make_client(gateway.url)
    client.head_object(**KEY)
    switch(client)
    client.head_object(**KEY)
    for pool in pools_of(client):
        pool._get_conn()  # as another thread would, so that the next request needs a new one
    monkeypatch.setattr(double, "asked", 0)
    monkeypatch.setattr(AWSHTTPConnectionPool, "ConnectionCls", double)
    if gone:
        take_away(client)
        gateway.rule = answer()
    client.head_object(**KEY)
    assert double.asked == (1 if gone else 2)


def failure(call: Any) -> str:
    with pytest.raises(Exception) as raised:  # noqa: PT011  # botocore's, whichever it is
        call()
    return f"{type(raised.value)} {raised.value}"


@pytest.mark.usefixtures("collect_open_responses")
@pytest.mark.parametrize("status", [301, 303, 307])
def test_another_client_gets_redirects_as_without_the_patch(
    serve: Serve, make_client: MakeClient, follow: Follow, status: int
) -> None:
    gateway = serve(to("http://127.0.0.1:9/bkt/key", status))

    def ask() -> tuple[str, int]:
        before = gateway.connections
        said = failure(make_client(gateway.url, "sqs", s3=None).list_queues)
        return said, gateway.connections - before

    stock = ask()
    follow(make_client(gateway.url))
    assert ask() == stock


@hook_blocks
@pytest.mark.parametrize("how", ["another client", "its session"])
def test_a_request_that_a_handler_sends_meanwhile_is_not_mistaken_for_the_call(
    serve: Serve, make_client: MakeClient, follow: Follow, how: str
) -> None:
    target = serve(answer(200, b"content"))
    elsewhere = serve(Redirect(301, "http://127.0.0.1:9/bkt/key", body=b"<Error/>"))
    client = follow(make_client(serve(to(f"{target.url}/bkt/key")).url))
    other = make_client(elsewhere.url, "sqs", s3=None)  # stock S3 clients would loop

    def send() -> str:
        request = awsrequest.AWSRequest("GET", f"{elsewhere.url}/bkt/key").prepare()
        return str(other._endpoint.http_session.send(request).content)

    ask = send if how == "its session" else lambda: failure(other.list_queues)
    stock, meanwhile, noted = ask(), [], []
    with mock.patch.object(connections, "Head", lambda *all_of_it: noted.append(all_of_it)):
        client.meta.events.register("before-send.s3", lambda **_: meanwhile.append(ask()))
        assert client.get_object(**KEY)["Body"].read() == b"content"
    assert meanwhile == [stock] * 2
    assert [status for status, *_ in noted] == [307]


@about_urllib3
def test_an_upload_of_another_client_that_breaks_off_fails_as_without_the_patch(
    make_client: MakeClient, follow: Follow
) -> None:
    with OddGateway("http://127.0.0.1:9", "resets without an answer") as gateway:
        follow(make_client(gateway.url))
        with pytest.raises((ConnectionClosedError, HTTPClientError)):
            make_client(gateway.url).put_object(Body=CONTENT, **KEY)


@needs_checksums
def test_another_client_sends_a_chunked_body_as_without_the_patch(
    serve: Serve, make_client: MakeClient, follow: Follow
) -> None:
    server = serve(answer(), ssl_context=server_context())
    clients = [make_client(server.url, verify=CA) for _ in range(3)]
    follow(clients[0])
    for client in clients:
        client.put_object(Body=io.BytesIO(b"content"), ChecksumAlgorithm="SHA256", **KEY)
    first, *others = (request.body for request in server.received)
    assert first.startswith(b"7\r\ncontent\r\n")
    assert others == [first] * 2


@aiohttp_follows
@pytest.mark.usefixtures("collect_open_responses")
def test_a_status_that_is_left_to_botocore_ends_as_without_the_patch(
    serve: Serve, make_client: MakeClient, follow: Follow
) -> None:
    body = b"<Error><Code>SeeOther</Code></Error>"
    gateway = serve(Redirect(303, "http://127.0.0.1:9/bkt/key", body=body))
    client = make_client(gateway.url)
    stock = failure(lambda: client.get_object(**KEY))
    follow(client, RedirectPolicy(statuses=frozenset({307})))
    assert failure(lambda: client.get_object(**KEY)) == stock


@about_urllib3
@pytest.mark.skipif(urllib3.__version__ < "2", reason="urllib3 1.26 takes no answer of its own")
def test_a_response_object_that_a_library_creates_is_followed(
    serve: Serve, make_client: MakeClient, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = serve(answer(200, b"content"))
    gateway = serve(answer())
    original = urllib3.connection.HTTPConnection.getresponse

    def make_up(self: Any) -> Any:
        if not gateway.url.endswith(f":{self.port}"):
            return original(self)
        location = {"Location": f"{target.url}/bkt/key"}
        return urllib3.HTTPResponse(
            io.BytesIO(b"<Error/>"), location, 307, preload_content=False, reason="Moved"
        )

    monkeypatch.setattr(urllib3.connection.HTTPConnection, "getresponse", make_up)
    client = follow(make_client(gateway.url))
    assert client.get_object(**KEY)["Body"].read() == b"content"


def test_no_request_is_found_outside_of_botocore() -> None:
    assert find_request() is None


def test_a_policy_is_for_its_client_alone(
    serve: Serve, make_client: MakeClient, follow: Follow
) -> None:
    target = serve(answer())
    first = make_client(serve(to(f"{target.url}/bkt/key")).url)
    second = make_client(serve(to(f"{target.url}/bkt/key", 301)).url)
    follow(first, RedirectPolicy(statuses=frozenset({307})))
    follow(second, RedirectPolicy(statuses=frozenset({301})))
    first.head_object(**KEY)
    second.head_object(**KEY)
    assert len(target.received) == 2
