"""A call that is cancelled, at any point, leaves nothing behind for the calls after it."""

from __future__ import annotations

import asyncio
import io
import threading
from typing import TYPE_CHECKING, Any

import pytest

from asynchronous.clients import KEY, content, opened, run
from botocore_redirect import state
from botocore_redirect.testing import Received, Redirect
from wire.bodies.odd_bodies import OddServer, silence
from wire.conftest import answer, moved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire.conftest import Serve

pytestmark = pytest.mark.usefixtures("patched")

#: A body that fits into no buffer of a socket.
LARGE = b"x" * 16 * 1024 * 1024


class Held:
    """Hold the answer to one request until it is let go."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule
        self.arrived = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, received: Received) -> Any:
        if not self.arrived.is_set():
            self.arrived.set()
            self.let_go.wait(20)
        return self.rule(received) if callable(self.rule) else self.rule


@pytest.fixture
def held() -> Iterator[Any]:
    made = []

    def hold(rule: Any) -> Held:
        made.append(Held(rule))
        return made[-1]

    yield hold
    for each in made:
        each.let_go.set()


async def _cancelled(call: Any, held: Held) -> None:
    task = asyncio.ensure_future(call)
    assert await asyncio.to_thread(held.arrived.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not state.is_sending_hop()


@pytest.mark.parametrize("where", ["gateway", "target"])
@pytest.mark.parametrize("operation", ["get", "put"])
def test_the_next_call_is_answered_rightly(
    serve: Serve, held: Any, where: str, operation: str
) -> None:
    target = serve(answer(), verify=False)
    target.rule = lambda received: answer(200, b"content" if received.method == "GET" else b"")
    gateway = serve(moved(target.url), verify=False)
    slow = {"gateway": gateway, "target": target}[where]

    async def main() -> None:
        async with opened(gateway.url, max_pool_connections=1) as client:
            slow.rule = hold = held(slow.rule)
            call = content(client) if operation == "get" else client.put_object(Body=LARGE, **KEY)
            await _cancelled(call, hold)
            hold.let_go.set()
            assert await content(client) == b"content"
            await client.put_object(Body=LARGE, **KEY)

    run(main())
    assert target.received[-1].body_bytes == len(LARGE)


def test_a_file_can_be_sent_again(serve: Serve, held: Any) -> None:
    target = serve(answer())
    gateway = serve(moved(target.url))

    async def main() -> None:
        async with opened(gateway.url) as client:
            file = io.BytesIO(b"head tail")
            file.seek(5)
            target.rule = hold = held(target.rule)
            await _cancelled(client.put_object(Body=file, **KEY), hold)
            hold.let_go.set()
            file.seek(5)
            await client.put_object(Body=file, **KEY)

    run(main())
    assert target.received[-1].body == b"tail"


def test_a_call_that_waits_for_the_body_of_a_redirect_frees_its_connection() -> None:
    with OddServer(None, "Content-Length: 100", silence) as gateway:

        async def main() -> None:
            async with opened(gateway.url, max_pool_connections=1, read_timeout=20) as client:
                for _ in range(2):
                    with pytest.raises(asyncio.TimeoutError):
                        await asyncio.wait_for(client.get_object(**KEY), 0.5)

        run(main())
        assert gateway.connections == 2


def test_a_timeout_of_the_caller_ends_a_call_to_a_silent_target(serve: Serve, held: Any) -> None:
    target = serve(answer(200, b"content"), verify=False)
    gateway = serve(moved(target.url), verify=False)

    async def main() -> None:
        async with opened(gateway.url) as client:
            target.rule = held(target.rule)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.get_object(**KEY), 0.5)
            assert await content(client) == b"content"

    run(main())


def test_redirects_of_many_calls_at_once_are_kept_apart(serve: Serve) -> None:
    targets = [serve(answer(200, b"%d" % number)) for number in range(3)]

    def rule(received: Received) -> Redirect:
        number = int(received.path.rpartition("/")[2])
        return Redirect(307, f"{targets[number % 3].url}{received.target}")

    gateway = serve(answer())
    gateway.rule = rule

    async def main() -> None:
        async with opened(gateway.url, max_pool_connections=4) as client:
            read = await asyncio.gather(*(content(client, Key=f"{number}") for number in range(60)))
            assert read == [b"%d" % (number % 3) for number in range(60)]

    run(main())
