"""The base class of servers that misbehave."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self


class Served(socketserver.ThreadingTCPServer):
    """A server on a free port of loopback, as a context manager."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, handler: Any) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._loop = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._loop.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            # On Linux this wakes the loop, which would otherwise sleep until its next poll.
            self.socket.shutdown(socket.SHUT_RDWR)
        self.shutdown()
        self._loop.join()
        self.server_close()
