"""The patches of the process and of a client, installed and removed around requests."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError
from urllib3.exceptions import HTTPError

import botocore_redirect
from botocore_redirect import (
    RedirectPolicy,
    TooManyRedirects,
)
from botocore_redirect.testing import Redirect
from wire.aiobotocore_differences import aiohttp_follows, calls_endpoint
from wire.conftest import answer, to

if TYPE_CHECKING:
    from wire.conftest import Follow, MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}


pytestmark = pytest.mark.usefixtures("patched")


def test_the_policy_of_the_client_precedes_that_of_the_process(
    serve: Serve, make_client: MakeClient, follow: Follow
) -> None:
    target = serve(answer())
    client = make_client(serve(to(f"{target.url}/bkt/key")).url)
    with botocore_redirect.install(RedirectPolicy(max_hops=0)):
        with pytest.raises(TooManyRedirects):
            client.get_object(**KEY)
        follow(client)
        client.get_object(**KEY)
        follow(client, RedirectPolicy(max_hops=0))
        with pytest.raises(TooManyRedirects) as failure:
            client.get_object(**KEY)
    assert failure.value.response["ResponseMetadata"]["RetryAttempts"] == 0


@aiohttp_follows
def test_a_redirect_from_before_the_patch_is_not_followed_later(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer(204))
    gateway = serve(answer(), to(f"{target.url}/bkt/precious", 308))
    client = make_client(gateway.url)
    policy = RedirectPolicy()
    with botocore_redirect.install(policy):
        client.get_object(**KEY)
        botocore_redirect.uninstall()
        with pytest.raises(ClientError):
            client.get_object(Bucket="bkt", Key="precious")
        botocore_redirect.install(policy)
        gateway.close()
        with pytest.raises(EndpointConnectionError):
            client.delete_object(Bucket="bkt", Key="junk")
        botocore_redirect.uninstall()
    assert not target.received


@aiohttp_follows
def test_a_request_from_before_the_patch_is_not_followed_though_its_answer_breaks(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer())
    cut_short = (("Transfer-Encoding", "chunked"), ("Connection", "close"))
    broken = Redirect(307, f"{target.url}/bkt/key", body=b"5\r\nhe", headers=cut_short)
    client = make_client(serve(answer(), broken).url)
    client.get_object(**KEY)
    botocore_redirect.uninstall()
    client.meta.events.register("before-sign.s3", lambda **_: botocore_redirect.install())
    try:
        with pytest.raises((HTTPClientError, HTTPError)):
            client.get_object(**KEY)
    finally:
        botocore_redirect.uninstall()
    assert not target.received


@pytest.mark.parametrize("of_the_client", [True, False])
def test_an_invalid_answer_of_the_target_is_an_error_of_botocore(
    serve: Serve, make_client: MakeClient, follow: Follow, of_the_client: bool
) -> None:
    nonsense = serve(answer(200, b"", ("Last-Modified", "the day before")))
    client = make_client(serve(to(f"{nonsense.url}/bkt/key")).url)
    with pytest.raises(ValueError, match="the day before"):
        (follow(client) if of_the_client else client).head_object(**KEY)
    with pytest.raises(ValueError, match="the day before"):  # the same without a hop
        follow(make_client(nonsense.url)).head_object(**KEY)


def test_a_method_that_was_set_on_the_endpoint_before_is_still_called(
    serve: Serve, make_client: MakeClient, follow: Follow
) -> None:
    target = serve(answer())
    client = make_client(serve(to(f"{target.url}/bkt/key")).url)
    before, seen = client._endpoint._get_response, []

    @functools.wraps(before)
    def traced(request: Any, *args: Any) -> Any:
        seen.append(request.url)
        return before(request, *args)

    client._endpoint._get_response = traced
    follow(client).get_object(**KEY)
    assert [url.rpartition("/bkt")[0] for url in seen][-1] == target.url
    botocore_redirect.unfollow(client)
    assert client._endpoint._get_response is traced


@calls_endpoint
def test_a_wrapper_over_a_patch_that_is_gone_sees_what_one_over_stock_sees(
    serve: Serve, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = serve(answer())
    client = make_client(serve(to(f"{target.url}/bkt/key")).url)
    stock, seen = Endpoint._get_response, []

    def traced(self: Any, request: Any, *args: Any) -> Any:
        seen.append(request.url)
        return stock(self, request, *args)

    monkeypatch.setattr(Endpoint, "_get_response", traced)  # over the patch of the fixture
    botocore_redirect.uninstall()
    with botocore_redirect.install():
        client.head_object(**KEY)
    assert [url.rpartition("/bkt")[0] for url in seen][-1] == target.url
    assert len(seen) == 2


@calls_endpoint
def test_a_client_with_another_http_session_is_followed(make_client: MakeClient) -> None:
    """Such a session need not use urllib3."""
    client = make_client("http://gateway.test")

    class Session:
        sent: list[str] = []  # noqa: RUF012 - one for the class

        def send(self, request: Any) -> Any:
            self.sent.append(request.url)
            there = request.url.startswith("http://target.test")
            headers = {} if there else {"Location": "http://target.test/bkt/key"}
            return AWSResponse(request.url, 200 if there else 307, headers, Empty())

    client._endpoint.http_session = Session()
    client.head_object(**KEY)
    assert Session.sent == ["http://gateway.test/bkt/key", "http://target.test/bkt/key"]


class Empty:
    """The body of an answer that has none."""

    def stream(self) -> list[bytes]:
        return []
