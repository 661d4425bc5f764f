"""Whoever else uses aiohttp or aiobotocore in the process keeps what it has."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

import botocore_redirect
from asynchronous.clients import KEY, content, opened, run
from botocore_redirect import RedirectPolicy
from botocore_redirect.testing import Redirect
from wire.conftest import answer, moved

if TYPE_CHECKING:
    from botocore_redirect.testing import Gateway
    from wire.conftest import Serve


@pytest.fixture
def stores(serve: Serve) -> tuple[Gateway, Gateway]:
    """A gateway and its target; stock clients are followed there unsigned."""
    target = serve(answer(200, b"content"), verify=False)
    return serve(moved(target.url), verify=False), target


@pytest.mark.usefixtures("patched")
def test_a_session_of_aiohttp_follows_while_a_client_of_s3_does_not(
    stores: tuple[Gateway, Gateway],
) -> None:
    gateway, target = stores

    async def main() -> None:
        async with aiohttp.ClientSession() as other, opened(gateway.url) as client:

            async def fetch() -> str:
                async with other.get(f"{gateway.url}/bkt/key") as response:
                    return str(response.url)

            pairs = [asyncio.gather(content(client), fetch()) for _ in range(10)]
            for read, url in await asyncio.gather(*pairs):
                assert (read, url) == (b"content", f"{target.url}/bkt/key")

    run(main())
    assert len(gateway.received) == len(target.received) == 20


@pytest.mark.usefixtures("patched")
def test_another_service_is_followed_by_aiohttp_as_without_the_patch(serve: Serve) -> None:
    target = serve(answer(200, b"{}"), verify=False)
    gateway = serve(moved(target.url), verify=False)

    async def main() -> None:
        async with opened(gateway.url, "kms", s3=None) as client:
            answered = await client.list_keys()
            assert "Redirects" not in answered["ResponseMetadata"]

    run(main())
    (redirected,) = target.received
    (original,) = gateway.received
    assert redirected.headers["x-amz-date"] == original.headers["x-amz-date"]


def test_follow_is_for_one_client_alone(stores: tuple[Gateway, Gateway]) -> None:
    gateway, target = stores

    async def main() -> None:
        async with opened(gateway.url) as one, opened(gateway.url) as other:
            assert botocore_redirect.follow(one) is one
            followed = await one.get_object(**KEY)
            left = await other.get_object(**KEY)
            assert len(followed["ResponseMetadata"]["Redirects"]) == 1
            assert "Redirects" not in left["ResponseMetadata"]
            botocore_redirect.unfollow(one)
            again = await one.get_object(**KEY)
            assert "Redirects" not in again["ResponseMetadata"]
            for answered in (followed, left, again):
                answered["Body"].close()

    run(main())
    signed = [each.headers["Authorization"] for each in target.received]
    assert signed[0] != gateway.received[0].headers["Authorization"]
    assert len(target.received) == 3


def test_the_policy_of_a_client_precedes_that_of_the_process(
    stores: tuple[Gateway, Gateway],
) -> None:
    gateway, _ = stores

    async def main() -> None:
        async with opened(gateway.url) as one, opened(gateway.url) as other:
            botocore_redirect.follow(one, RedirectPolicy(max_hops=0))
            with botocore_redirect.install():
                with pytest.raises(botocore_redirect.TooManyRedirects):
                    await content(one)
                assert await content(other) == b"content"
                botocore_redirect.unfollow(one)
                assert await content(one) == b"content"

    run(main())


def test_a_client_from_before_is_patched_and_restored(stores: tuple[Gateway, Gateway]) -> None:
    gateway, _ = stores

    async def main() -> None:
        async with opened(gateway.url) as client:
            seen = []
            await content(client)  # it has a session of aiohttp by now
            for patched in (True, False, True):
                if patched:
                    botocore_redirect.install()
                else:
                    botocore_redirect.uninstall()
                answered = await client.get_object(**KEY)
                answered["Body"].close()
                seen.append("Redirects" in answered["ResponseMetadata"])
            assert seen == [True, False, True]

    try:
        run(main())
    finally:
        botocore_redirect.uninstall()


def test_a_client_that_was_not_opened_is_refused() -> None:
    context = opened("http://127.0.0.1:9")
    with pytest.raises(TypeError, match="expected a client"):
        botocore_redirect.follow(context)


@pytest.mark.parametrize("hosts", [1, 12])
@pytest.mark.usefixtures("patched")
def test_a_pool_of_two_connections_serves_many_calls(serve: Serve, hosts: int) -> None:
    """The limit of aiohttp is for all hosts together: a hop must not need a second connection."""
    targets = [serve(answer(200, b"content")) for _ in range(hosts)]
    gateway = serve(answer())
    numbers = iter(range(1000))
    gateway.rule = lambda received: Redirect(
        307, f"{targets[next(numbers) % hosts].url}{received.target}"
    )

    async def main() -> None:
        async with opened(gateway.url, max_pool_connections=2) as client:
            read = await asyncio.gather(*(content(client) for _ in range(48)))
            assert read == [b"content"] * 48

    run(main())
    assert gateway.connections <= 2 + hosts
    assert sum(target.connections for target in targets) <= 2 * hosts


@pytest.mark.usefixtures("patched")
def test_a_loop_takes_one_connection(serve: Serve) -> None:
    gateway = serve(answer())
    gateway.rule = moved(gateway.url)

    async def main() -> None:
        async with opened(gateway.url) as client:
            with pytest.raises(botocore_redirect.RedirectLoop):
                await content(client)

    run(main())
    assert (len(gateway.received), gateway.connections) == (6, 1)


@pytest.mark.usefixtures("patched")
def test_adaptive_mode_takes_one_token_an_attempt_however_many_hops(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiobotocore.retries.bucket import AsyncTokenBucket  # noqa: PLC0415  # nobody else needs it

    taken: list[int] = []
    original = AsyncTokenBucket._acquire

    async def counted(self: object, amount: int, block: bool) -> object:
        taken.append(amount)
        return await original(self, amount, block)

    monkeypatch.setattr(AsyncTokenBucket, "_acquire", counted)
    target = serve(answer(503, b"<Error><Code>SlowDown</Code></Error>"), answer(200))
    middle = serve(moved(target.url))
    gateway = serve(moved(middle.url))

    async def main() -> None:
        retries = {"mode": "adaptive", "max_attempts": 1}
        async with opened(gateway.url, retries=retries) as client:
            client._endpoint._sleep = lambda _: asyncio.sleep(0)
            for _ in range(2):  # throttling starts the limiter
                await client.list_objects_v2(Bucket="bkt")

    run(main())
    assert taken == [1, 1]
