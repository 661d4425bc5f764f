"""The patch of the process and that of a client, on and off, while requests go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import botocore_redirect
from botocore_redirect import (
    RedirectPolicy,
    TooManyRedirects,
)
from wire.conftest import answer, to
from wire.releases import needs_numbered_requests

if TYPE_CHECKING:
    from wire.conftest import Follow, MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}


pytestmark = pytest.mark.usefixtures("patched")


def test_the_policy_in_force_is_the_one_that_decides(
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


@needs_numbered_requests
def test_with_both_patches_each_request_still_has_its_own_number(
    serve: Serve, make_client: MakeClient, follow: Follow
) -> None:
    target = serve(answer())
    follow(make_client(serve(to(f"{target.url}/bkt/key")).url)).get_object(**KEY)
    assert "attempt=2" in target.received[0].headers["amz-sdk-request"]


def test_a_redirect_of_a_time_without_the_patch_is_not_followed_later(
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
