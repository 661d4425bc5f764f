"""Many threads use one client and many targets without interference or leaks."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect
from botocore_redirect import RedirectPolicy
from botocore_redirect.policy import WORKAROUNDS
from wire.conftest import answer, to
from wire.servers.crowd import Crowd

if TYPE_CHECKING:
    from wire.conftest import Follow, MakeClient, Serve

pytest_plugins = ["wire.crowd_fixtures"]
pytestmark = pytest.mark.usefixtures("descriptors", "names")

THREADS = 32
TARGETS = 16
KEPT = 4  # connections to each target
WAIT = 60


def in_threads(work: Any) -> list[Any]:
    """Call `work` in each thread with its number, all at once; raise the error of any."""
    barrier = threading.Barrier(THREADS)

    def start(number: int) -> Any:
        barrier.wait(WAIT)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(start, range(THREADS), timeout=WAIT))


def read_and_write(client: Any, thread: int, rounds: int) -> list[int]:
    """Write, read and list objects of this thread; return the hops of each call."""
    metadata = []
    for number in range(rounds):
        key = f"of-{thread}-{number * THREADS + thread}"
        content = f"{key} ".encode() * (1 + thread * 50)
        metadata.append(client.put_object(Bucket="bkt", Key=key, Body=content))
        got = client.get_object(Bucket="bkt", Key=key)
        assert got["Body"].read() == content
        listed = client.list_objects_v2(Bucket="bkt", Prefix=f"of-{thread}-")
        assert len(listed["Contents"]) == number + 1
        metadata += [got, listed]
    return [len(each["ResponseMetadata"]["Redirects"]) for each in metadata]


def live_call_state() -> int:
    """Count the state of calls: requests of botocore and objects of the attempt."""
    gc.collect()
    state = ("botocore.awsrequest", "botocore_redirect.attempt.", "botocore_redirect.state")
    return sum(
        # Classes that are written in C may have a descriptor there.
        str(type(each).__module__).startswith(state) and "Connection" not in type(each).__name__
        for each in gc.get_objects()
    )


@pytest.mark.usefixtures("patched")
def test_threads_do_not_interfere_and_connections_are_limited(make_client: MakeClient) -> None:
    with Crowd(TARGETS) as crowd:
        client = make_client(crowd.url, max_pool_connections=KEPT)
        client.head_object(Bucket="bkt", Key="key-0")  # what a client creates once is no leak
        before = live_call_state()
        hops = in_threads(lambda thread: read_and_write(client, thread, 4))
        assert hops == [[1] * 12] * THREADS
        assert len(crowd.store) == THREADS * 4
        assert len(crowd.opened) == 1 + TARGETS
        crowd.settle()
        assert max(crowd.open.values()) <= KEPT
        assert live_call_state() == before


@pytest.mark.usefixtures("patched")
def test_no_more_connections_are_opened_than_threads_use_at_once(make_client: MakeClient) -> None:
    with Crowd(TARGETS) as crowd:
        client = make_client(crowd.url, max_pool_connections=THREADS)
        in_threads(
            lambda thread: [
                client.head_object(Bucket="bkt", Key=f"key-{thread + number}")
                for number in range(2 * TARGETS)
            ]
        )
        assert max(crowd.opened.values()) <= THREADS
        assert sum(crowd.requests.values()) == 2 * THREADS * 2 * TARGETS


def test_switching_the_patch_on_and_off_breaks_no_call_of_other_threads(
    make_client: MakeClient, follow: Follow
) -> None:
    with Crowd(TARGETS) as crowd:
        client = follow(make_client(crowd.url, max_pool_connections=THREADS))
        others = [
            RedirectPolicy(max_hops=3),
            RedirectPolicy(workarounds=WORKAROUNDS - {"pools"}),
            None,
        ]

        def work(thread: int) -> list[int]:
            if thread:
                return read_and_write(client, thread, 3)
            for policy in others * 30:
                with botocore_redirect.install(policy):
                    client.head_object(Bucket="bkt", Key="key-1")
            return []

        assert in_threads(work) == [[], *[[1] * 9] * (THREADS - 1)]
    assert not botocore_redirect.is_installed()


@pytest.mark.parametrize("operation", ["get_object", "put_object"])
def test_a_call_in_flight_is_followed_though_the_patch_is_uninstalled(
    serve: Serve, make_client: MakeClient, operation: str
) -> None:
    target = serve(answer())
    gateway, arrived, go_on = held(serve, f"{target.url}/bkt/key")
    client = make_client(gateway.url)
    arguments = {"Body": b"content"} if operation == "put_object" else {}
    with ThreadPoolExecutor(1) as pool:
        with botocore_redirect.install():
            call = pool.submit(getattr(client, operation), Bucket="bkt", Key="key", **arguments)
            assert arrived.wait(WAIT)
        go_on.set()
        assert len(call.result(WAIT)["ResponseMetadata"]["Redirects"]) == 1
    assert len(gateway.received) == len(target.received) == 1


def test_a_call_in_flight_is_not_followed_by_a_patch_that_is_installed_later(
    serve: Serve, make_client: MakeClient
) -> None:
    gateway, arrived, go_on = held(serve, "http://127.0.0.1:9/bkt/key")
    client = make_client(gateway.url)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.list_buckets)
        assert arrived.wait(WAIT)
        with botocore_redirect.install():
            go_on.set()
            # The error depends on botocore alone, as the patch does not know the request.
            assert not isinstance(call.exception(WAIT), botocore_redirect.RedirectError)
    assert len(gateway.received) == 1


def held(serve: Serve, location: str) -> tuple[Any, threading.Event, threading.Event]:
    """Start a gateway that sets an event for a request, and redirects it after another event."""
    arrived, go_on = threading.Event(), threading.Event()
    gateway = serve(answer())

    def hold(_: Any) -> Any:
        arrived.set()
        assert go_on.wait(WAIT)
        return to(location)

    gateway.rule = hold
    return gateway, arrived, go_on
