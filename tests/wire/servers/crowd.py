"""A gateway and a thousand targets in one thread, for the fixtures in `crowd_fixtures`."""

from __future__ import annotations

import asyncio
import resource
import threading
from collections import Counter
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from botocore_redirect.transport import pools

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import pytest

DESCRIPTORS = 4096  # two for each connection of a thousand, and some
STOCK = 10  # how many hosts a client keeps connections to without the patch


class Crowd:
    """A gateway and any number of targets on one socket, which differ in their host names.

    The gateway has the address itself; it redirects each path to the target given by `target_of`,
    before it reads a body. The targets `t0.test`, `t1.test` and so on share one store. `opened`
    counts the connections made to each name, `open` those that are still open.
    """

    def __init__(self, targets: int) -> None:
        self.targets = targets
        self.opened: Counter[str] = Counter()
        self.open: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.store: dict[str, bytes] = {}
        self.straight = False  # whether the gateway answers without a redirect
        self._next = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def target_of(self, path: str) -> int:
        """Distribute objects by their key, and lists to one target after the other."""
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
        """Notice all connections that clients have closed so far."""
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


def allow_files(monkeypatch: pytest.MonkeyPatch, limit: int | None) -> None:
    """Let the patch find this limit of open files, or no way to read it."""
    soft = SimpleNamespace(
        RLIMIT_NOFILE=resource.RLIMIT_NOFILE,
        RLIM_INFINITY=resource.RLIM_INFINITY,
        getrlimit=lambda _: (limit, limit),
    )
    monkeypatch.setattr(pools, "resource", None if limit is None else soft)


def ask_each(client: Any, targets: range) -> None:
    for number in targets:
        client.head_object(Bucket="bkt", Key=f"key-{number}")
