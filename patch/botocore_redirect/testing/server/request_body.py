"""Read a request body from a socket, by Content-Length or in chunks, and count its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from io import BufferedIOBase

_LONGEST_LINE = 65536


@dataclass(frozen=True)
class Body:
    """A body without its framing. `problem` says why it is incomplete, if it is."""

    data: bytes = b""
    wire_bytes: int = 0
    problem: str | None = None


def is_chunked(headers: Message) -> bool:
    """Tell whether the body comes in chunks (HTTP's own, not aws-chunked)."""
    return "chunked" in headers.get("Transfer-Encoding", "").lower()


def read_body(stream: BufferedIOBase, headers: Message) -> Body:
    """Read the body that these headers announce, and not a byte more: keep-alive needs the rest."""
    if is_chunked(headers):
        return _read_chunks(stream)
    announced = headers.get("Content-Length", "0")
    if not announced.strip().isdecimal():
        return Body(problem=f"Content-Length is {announced!r}, which is not a number.")
    length = int(announced)
    data = stream.read(length) if length else b""
    if len(data) < length:
        return Body(data, len(data), f"The body ended after {len(data)} of {length} bytes.")
    return Body(data, len(data))


def _read_chunks(stream: BufferedIOBase) -> Body:
    data = bytearray()
    count = 0
    while True:
        line = stream.readline(_LONGEST_LINE)
        count += len(line)
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            return Body(bytes(data), count, f"A chunk begins with {line!r}, not with its size.")
        if size == 0:
            break
        chunk = stream.read(size)
        end = stream.readline(_LONGEST_LINE)
        count += len(chunk) + len(end)
        data += chunk
        if len(chunk) < size or end not in (b"\r\n", b"\n"):
            return Body(bytes(data), count, f"A chunk of {size} bytes is incomplete.")
    while True:  # trailers
        line = stream.readline(_LONGEST_LINE)
        count += len(line)
        if line in (b"\r\n", b"\n"):
            return Body(bytes(data), count)
        if not line:
            return Body(bytes(data), count, "The body ended before the line that ends its chunks.")
