"""A client that follows redirects keeps its connections, to many targets and within bounds."""

from __future__ import annotations

import asyncio
import gc
import resource
import socket
import threading
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest
from botocore import UNSIGNED

import botocore_redirect
from botocore_redirect import RedirectPolicy
from botocore_redirect.hooks import workarounds
from botocore_redirect.policy import WORKAROUNDS

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from wire.conftest import Follow, MakeClient

DESCRIPTORS = 4096  # two for each connection of a thousand, and some


class Crowd:
    """A gateway and as many targets as one likes, on one socket; they differ in their names.

    The gateway is at the address itself and redirects each path to the target that `target_of`
    says, before it has read a body. The targets are `t0.test`, `t1.test` and so on, and share one
    store. `opened` counts the connections that were made to each name, `open` those that are left.
    """

    def __init__(self, targets: int) -> None:
        self.targets = targets
        self.opened: Counter[str] = Counter()
        self.open: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.store: dict[str, bytes] = {}
        self.straight = False  # whether the gateway answers itself
        self._next = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def target_of(self, path: str) -> int:
        """Spread objects by their key; give lists to one target after the other."""
        number = path.rpartition("-")[2]
        if number.isdecimal():
            return int(number) % self.targets
        self._next += 1
        return self._next % self.targets

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Crowd:
        self._thread.start()
        server = self._run(asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=512))
        self._server: Any = server
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def settle(self) -> None:
        """Have everything seen that clients have closed so far."""
        for _ in range(3):
            self._run(asyncio.sleep(0))

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _end(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: Any, writer: Any) -> None:
        name = ""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip().split("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in lines)
                if not name:
                    name = fields["host"].partition(":")[0]
                    self.opened[name] += 1
                    self.open[name] += 1
                self.requests[name] += 1
                method, target, _ = first.split()
                if name.startswith("127.") and not self.straight:
                    where = f"http://t{self.target_of(target)}.test:{self.port}{target}"
                    writer.write(_answer(307, b"", f"Location: {where}\r\n"))
                    continue
                if "expect" in fields:
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                content = b"" if method == "HEAD" else self._outcome(method, target, body)
                writer.write(_answer(200, content))
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open[name] -= 1
            with suppress(RuntimeError):
                writer.close()

    def _outcome(self, method: str, target: str, body: bytes) -> bytes:
        parts = urlsplit(target)
        key = unquote(parts.path).split("/", 2)[2:]
        if method == "PUT":
            self.store[key[0]] = body
            return b""
        if key and key[0]:
            return self.store.get(key[0], b"")
        prefix = parse_qs(parts.query).get("prefix", [""])[0]
        found = sorted(name for name in self.store.copy() if name.startswith(prefix))
        entries = "".join(f"<Contents><Key>{escape(name)}</Key></Contents>" for name in found)
        return f"<ListBucketResult>{entries}</ListBucketResult>".encode()


def _answer(status: int, body: bytes, more: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.fixture(scope="module", autouse=True)
def descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard not in (-1, resource.RLIM_INFINITY) and hard < DESCRIPTORS:
        pytest.skip(f"needs {DESCRIPTORS} file descriptors, and no more than {hard} are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, DESCRIPTORS), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_in_earnest = socket.getaddrinfo

    def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        known = isinstance(host, str) and host.endswith(".test")
        return resolve_in_earnest("127.0.0.1" if known else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture
def crowd(request: pytest.FixtureRequest) -> Iterator[Crowd]:
    with Crowd(getattr(request, "param", 30)) as crowd:
        yield crowd


def ask_each(client: Any, targets: range) -> None:
    for number in targets:
        client.head_object(Bucket="bkt", Key=f"key-{number}")


@pytest.mark.parametrize("crowd", [1000], indirect=True)
def test_connections_to_a_thousand_targets_are_reused_and_bounded(
    crowd: Crowd, make_client: MakeClient
) -> None:
    client = make_client(crowd.url, signature_version=UNSIGNED)
    with botocore_redirect.install():
        for _ in range(2):
            ask_each(client, range(1000))
        assert sum(crowd.opened.values()) == 1 + 1000
        assert sum(crowd.requests.values()) == 2 * 2 * 1000
        crowd.targets = 1100
        ask_each(client, range(1000, 1100))
    crowd.settle()
    assert sum(crowd.opened.values()) == 1 + 1100
    assert sum(crowd.open.values()) == workarounds.MAX_TARGETS


@pytest.mark.parametrize("used_before", [True, False])
@pytest.mark.parametrize("process_wide", [True, False])
def test_every_client_reuses_its_connections_also_one_that_was_there_before_the_patch(
    crowd: Crowd, make_client: MakeClient, follow: Follow, process_wide: bool, used_before: bool
) -> None:
    client = make_client(crowd.url)
    if used_before:
        crowd.straight = True
        client.head_object(Bucket="bkt", Key="key-0")
        crowd.straight = False
    if process_wide:
        botocore_redirect.install()
    else:
        follow(client)
    for _ in range(3):
        ask_each(client, range(30))
    botocore_redirect.uninstall()
    assert set(crowd.opened.values()) == {1}
    assert len(crowd.opened) == 1 + 30


def test_beyond_the_bound_the_target_that_was_not_used_for_longest_is_dropped_at_once(
    crowd: Crowd, make_client: MakeClient, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workarounds, "MAX_TARGETS", 15)
    client = follow(make_client(crowd.url))
    gc.disable()  # the connections must not wait for it
    try:
        for last in range(30):
            ask_each(client, range(last, last + 1))
            crowd.settle()
            assert sum(crowd.open.values()) == min(1 + last + 1, 15)
    finally:
        gc.enable()
    ask_each(client, range(16, 30))
    assert set(crowd.opened.values()) == {1}
    ask_each(client, range(1))
    assert crowd.opened["t0.test"] == 2


def test_a_client_without_the_cure_opens_connections_without_end(
    crowd: Crowd, make_client: MakeClient, follow: Follow
) -> None:
    client = follow(make_client(crowd.url), RedirectPolicy(workarounds=WORKAROUNDS - {"pools"}))
    for _ in range(2):
        ask_each(client, range(30))
    assert sum(crowd.opened.values()) == 1 + 2 * 30


def test_a_client_that_is_dropped_gives_its_connections_back(
    crowd: Crowd, make_client: MakeClient
) -> None:
    client = make_client(crowd.url)
    with botocore_redirect.install():
        ask_each(client, range(30))
    del client
    gc.collect()  # botocore's clients are cycles, patched or not
    crowd.settle()
    assert sum(crowd.open.values()) == 0
