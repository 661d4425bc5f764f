"""The patch is installed and removed while requests of a client are in flight."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Callable

import pytest

import botocore_redirect
from botocore_redirect import RedirectPolicy
from botocore_redirect.state import CLIENT_PATCH
from wire.botocore_versions import NUMBERS_REQUESTS
from wire.conftest import answer, to
from wire.following.test_threads import WAIT, held

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire.conftest import MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
ROUNDS = 100
THREADS = 8


@pytest.fixture(autouse=True)
def _uninstalled() -> Iterator[None]:
    yield
    botocore_redirect.uninstall()


def test_a_client_of_a_patched_process_is_followed_throughout_follow_and_unfollow(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer(200, b"content"))
    client = make_client(serve(to(f"{target.url}/bkt/key")).url, max_pool_connections=THREADS)
    over = threading.Event()

    def call() -> list[int]:
        hops = []
        while not over.is_set():
            got = client.get_object(**KEY)
            assert got["Body"].read() == b"content"
            hops.append(len(got["ResponseMetadata"]["Redirects"]))
        return hops

    botocore_redirect.install()
    with ThreadPoolExecutor(THREADS) as pool:
        calls = [pool.submit(call) for _ in range(THREADS)]
        try:
            for _ in range(ROUNDS):
                botocore_redirect.follow(client)
                botocore_redirect.follow(client, RedirectPolicy(max_hops=1))
                client.head_object(**KEY)
                botocore_redirect.unfollow(client)
                client.head_object(**KEY)
        finally:
            over.set()
    assert {number for each in calls for number in each.result()} == {1}
    if NUMBERS_REQUESTS:
        numbers = {request.headers["amz-sdk-request"] for request in target.received}
        assert all("attempt=2" in each for each in numbers), numbers


def follow(client: Any) -> object:
    return botocore_redirect.follow(client)


def install(_: Any) -> object:
    return botocore_redirect.install()


def unfollow(client: Any) -> object:
    return botocore_redirect.unfollow(client)


def uninstall(_: Any) -> None:
    botocore_redirect.uninstall()


@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [
        ([follow], [unfollow]),
        ([follow], [install]),
        ([follow], [unfollow, install]),
        ([follow, install], [unfollow]),
        ([follow, install], [uninstall]),
        ([install], [follow]),
        ([install], [follow, uninstall]),
        ([install], [uninstall, install]),
        ([install], [follow, unfollow]),
    ],
)
def test_a_request_in_flight_is_followed_by_the_patch_that_it_began_with(
    serve: Serve, make_client: MakeClient, before: list[Any], meanwhile: list[Any]
) -> None:
    target = serve(answer())
    gateway, arrived, go_on = held(serve, f"{target.url}/bkt/key")
    client = make_client(gateway.url)
    changes: list[Callable[[Any], object]] = before
    for change in changes:
        change(client)
    body = io.BytesIO(b"not content")
    body.seek(4)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.put_object, Body=body, **KEY)
        assert arrived.wait(WAIT)
        for change in meanwhile:
            change(client)
        go_on.set()
        assert len(call.result(WAIT)["ResponseMetadata"]["Redirects"]) == 1
    botocore_redirect.unfollow(client)
    assert [request.body for request in target.received] == [b"content"]


def test_a_request_of_a_client_that_is_unfollowed_before_it_is_sent_is_followed_by_the_process(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer(200, b"content"))
    client = make_client(serve(to(f"{target.url}/bkt/key")).url)
    with botocore_redirect.install(RedirectPolicy(max_hops=0)):
        botocore_redirect.follow(client)
        client.meta.events.register_last(
            "request-created.s3", lambda **_: botocore_redirect.unfollow(client)
        )
        assert client.get_object(**KEY)["Body"].read() == b"content"


def test_the_process_follows_while_the_patch_of_a_client_is_removed(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer(200, b"content"))
    client = make_client(serve(to(f"{target.url}/bkt/key")).url)
    with botocore_redirect.install():
        botocore_redirect.follow(client)
        vars(client._endpoint)[CLIENT_PATCH].active = False  # the first thing that unfollow() does
        assert client.get_object(**KEY)["Body"].read() == b"content"
    botocore_redirect.unfollow(client)
