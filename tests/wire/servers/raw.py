"""A server that answers with raw bytes from a script, or breaks off."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from typing import Literal, Union

from wire.servers.served import Served

#: The bytes of an answer, or how to fail after the request was read.
Raw = Union[bytes, Literal["reset", "close", "silence"]]


def response(status: int, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """Return an answer; after one with a greater `length` the connection is closed."""
    lines = [
        f"HTTP/1.1 {status} Status",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    if length is not None:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + body


def reset(connection: socket.socket) -> None:
    """End a connection with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class RawServer(Served):
    """Answer complete requests from a script, whose last line is repeated."""

    def __init__(self, *script: Raw) -> None:
        self._script = list(script)
        self.requests: list[tuple[bytes, bytes]] = []
        self.ended = threading.Event()
        super().__init__(_Handler)

    def next(self) -> Raw:
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def __exit__(self, *exception: object) -> None:
        self.ended.set()
        super().__exit__(*exception)


class _Handler(socketserver.StreamRequestHandler):
    server: RawServer

    def handle(self) -> None:
        while True:
            head = self._head()
            if not head:
                return
            fields = dict(
                line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
            )
            if fields.get(b"expect"):
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = self.rfile.read(int(fields.get(b"content-length", 0)))
            self.server.requests.append((head, body))
            line = self.server.next()
            if isinstance(line, bytes):
                self.wfile.write(line)
                if b"Connection: close" in line:
                    return
                continue
            if line == "silence":
                self.server.ended.wait(20)
            elif line == "reset":
                reset(self.connection)
            return

    def finish(self) -> None:
        """Do not flush: a connection that was reset cannot."""

    def _head(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            try:
                line = self.rfile.readline()
            except OSError:
                return b""
            if not line:
                return b""
            head += line
        return head
