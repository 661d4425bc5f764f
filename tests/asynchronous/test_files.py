"""A file is read in a thread: one that is still reading takes nothing from the next request."""

from __future__ import annotations

import io
import socketserver
import threading
from collections import deque
from contextlib import suppress
from http.client import parse_headers
from typing import TYPE_CHECKING, Any

import pytest

from asynchronous.clients import KEY, LIMIT, opened, run
from botocore_redirect.testing import Redirect
from wire.conftest import answer
from wire.servers.served import Served

if TYPE_CHECKING:
    from wire.conftest import Serve

pytestmark = pytest.mark.usefixtures("patched")

CONTENT = bytes(range(256)) * 4096


class SlowFile(io.RawIOBase):
    """A file whose second read in a thread takes until `go`, and reads where the file is then."""

    def __init__(self) -> None:
        self.place = 0
        self.reads = 0
        self.reading = threading.Event()
        self.go = threading.Event()

    def read(self, size: int = -1) -> bytes:
        # It is read for its checksum first, by botocore.
        self.reads += threading.current_thread() is not threading.main_thread()
        if self.reads == 2 and not self.reading.is_set():
            self.reading.set()
            self.go.wait(LIMIT)
        begin = self.place
        self.place = len(CONTENT) if size < 0 else min(begin + size, len(CONTENT))
        return CONTENT[begin : self.place]

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = 0) -> int:
        self.place = offset + {0: 0, 1: self.place, 2: len(CONTENT)}[whence]
        return self.place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


class Redirecting(Served):
    """Redirect an upload while its file is being read; let that go on when the client has gone."""

    def __init__(self, location: str, file: SlowFile) -> None:
        self.location, self.file = location, file
        super().__init__(_Handler)


class _Handler(socketserver.StreamRequestHandler):
    server: Redirecting

    def handle(self) -> None:
        self.rfile.readline()
        parse_headers(self.rfile)
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert self.server.file.reading.wait(LIMIT)
        head = f"HTTP/1.1 307 X\r\nLocation: {self.server.location}\r\nContent-Length: 0\r\n\r\n"
        self.wfile.write(head.encode())
        with suppress(ConnectionError):  # the client may reset it
            deque(iter(lambda: self.rfile.read1(65536), b""), maxlen=0)  # until it has gone
        self.server.file.go.set()


def test_the_target_gets_the_whole_file(serve: Serve) -> None:
    target, file = serve(answer()), SlowFile()

    async def main() -> None:
        with Redirecting(f"{target.url}/bkt/key", file) as gateway:
            async with opened(gateway.url) as client:
                await client.put_object(Body=file, **KEY)

    run(main())
    (received,) = target.received
    assert received.body == CONTENT


@pytest.mark.parametrize("offset", [0, 5])
def test_a_file_is_sent_from_where_it_was(serve: Serve, tmp_path: Any, offset: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    target = serve(answer())
    gateway = serve(answer(), expect="early")
    gateway.rule = lambda received: Redirect(307, f"{target.url}{received.target}")

    async def main() -> None:
        async with opened(gateway.url) as client:
            with path.open("rb") as file:
                file.seek(offset)
                await client.put_object(Body=file, **KEY)
                assert not file.closed

    run(main())
    assert [received.body for received in target.received] == [CONTENT[offset:]]
    assert [received.body_bytes for received in gateway.received] == [0]


class Asynchronous(io.RawIOBase):
    """A file whose position has to be awaited, as aiofiles has them."""

    async def tell(self) -> int:  # type: ignore[override]  # that is what it does
        return 0

    async def seek(self, *_: int) -> int:  # type: ignore[override]  # as above
        return 0

    async def read(self, _: int = -1) -> bytes:
        return b""


@pytest.mark.filterwarnings("error::RuntimeWarning")  # of a coroutine that was never awaited
def test_the_position_of_an_asynchronous_file_is_unknown() -> None:
    from botocore_redirect.attempt import request_body  # noqa: PLC0415  # the fixture patches first

    assert request_body.position(Asynchronous()) is None
    with pytest.raises(request_body.CannotRewind):
        request_body.rewind(Asynchronous(), 0)
