"""Workarounds for bugs of botocore and urllib3 that redirects make common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from botocore.awsrequest import AWSHTTPResponse
from botocore.exceptions import ClientError

import botocore_redirect
from botocore_redirect import RedirectPolicy
from botocore_redirect.policy import WORKAROUNDS
from wire.aiobotocore_differences import about_urllib3
from wire.conftest import answer, to

if TYPE_CHECKING:
    from wire.conftest import Follow, MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
TARGETS = 12  # more than the ten hosts that urllib3 keeps connections to

pytestmark = about_urllib3


def without(workaround: str) -> RedirectPolicy:
    return RedirectPolicy(workarounds=WORKAROUNDS - {workaround})


def test_the_pools_of_a_client_that_was_never_redirected_are_unchanged(
    serve: Serve, make_client: MakeClient, follow: Follow
) -> None:
    client = follow(make_client(serve(answer()).url))
    client.get_object(**KEY)
    pools = client._endpoint.http_session._manager.pools
    assert pools._maxsize == 10


def test_a_workaround_that_was_wrapped_does_nothing_after_uninstall(
    serve: Serve, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing: list[bool] = []
    before = AWSHTTPResponse.begin
    with botocore_redirect.install():
        workaround = AWSHTTPResponse.begin

        def traced(self: Any) -> None:
            workaround(self)
            closing.append(self.will_close)

        monkeypatch.setattr(AWSHTTPResponse, "begin", traced)
        _put_early(serve, make_client)
    assert AWSHTTPResponse.begin is traced
    _put_early(serve, make_client)
    assert closing == [True, False]
    monkeypatch.setattr(AWSHTTPResponse, "begin", before)


def _put_early(serve: Serve, make_client: MakeClient) -> None:
    """Upload to a gateway that refuses before the body."""
    client = make_client(serve(answer(403), expect="early").url)
    with pytest.raises(ClientError):
        client.put_object(Body=b"content", **KEY)


def test_a_workaround_applies_only_to_the_client_that_is_followed(
    serve: Serve, make_client: MakeClient, follow: Follow
) -> None:
    gateway = serve(answer(403), expect="early")
    client = make_client(gateway.url)
    follow(make_client(gateway.url))
    for _ in range(2):
        with pytest.raises(ClientError):
            client.put_object(Body=b"content", **KEY)
    assert gateway.connections == 1


@pytest.mark.usefixtures("collect_open_responses")
@pytest.mark.parametrize("workaround", [True, False])
def test_the_connection_on_which_a_303_came_is_used_again(
    serve: Serve, make_client: MakeClient, follow: Follow, workaround: bool
) -> None:
    target = serve(answer(200, b"content"))
    gateway = serve(to(f"{target.url}/bkt/key", 303))
    client = follow(
        make_client(gateway.url), RedirectPolicy() if workaround else without("see-other")
    )
    for _ in range(3):
        assert client.get_object(**KEY)["Body"].read() == b"content"
    lost = not workaround and tuple(map(int, urllib3.__version__.split(".")[:2])) >= (2, 7)
    assert gateway.connections == (3 if lost else 1)


@pytest.mark.usefixtures("collect_open_responses")
def test_a_303_to_another_service_ends_as_it_does_unpatched(
    serve: Serve, make_client: MakeClient
) -> None:
    gateway = serve(to("http://127.0.0.1:9/", 303))

    def failure() -> str:
        with pytest.raises(Exception) as raised:  # noqa: PT011  # botocore's, whichever it is
            make_client(gateway.url, "sqs", s3=None).list_queues()
        return repr(raised.value)

    stock = failure()
    with botocore_redirect.install():
        assert failure() == stock
