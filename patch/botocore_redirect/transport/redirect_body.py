"""Read no more of a redirect's body than is needed.

The body of a redirect may be endless, huge, slow or malformed. If it is needed, it is read within a
deadline and a limit. Otherwise only what has already arrived is read: a small body then does not
cost the connection. A connection whose body was not read to its end is closed. Later readers of the
answer get exactly what was read, as a complete body.
"""

from __future__ import annotations

import io
import time
from http.client import HTTPException, HTTPResponse
from typing import Any

#: How many bytes of a body are read at most, as they are sent.
LIMIT = 64 * 1024


def settle_body(
    connection: Any, sock: Any, answer: HTTPResponse, *, needed: bool
) -> tuple[bytes, bool]:
    """Read what is needed of an answer's body; return it, and whether it is complete.

    Afterwards `answer` can be read as if this had been its whole body.
    """
    if answer._method == "HEAD":  # type: ignore[attr-defined]  # noqa: SLF001  # there is no public name
        return b"", True
    timeout = _timeout(sock)
    arrived = answer.fp
    available = _Available(arrived, sock, timeout if needed else 0.0)
    answer.fp = io.BufferedReader(available)
    body, is_complete = _read(answer, available)
    if is_complete:
        sock.settimeout(timeout)
    else:
        _close(connection, answer)
    arrived.close()
    _replace_body(answer, body)
    return body, is_complete


class _Available(io.RawIOBase):
    """The bytes of a socket up to a deadline and a limit; then it is at its end."""

    def __init__(self, arrived: Any, sock: Any, seconds: float | None) -> None:
        self._arrived = arrived
        self._sock = sock
        self._waits = seconds != 0.0
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._left = LIMIT
        #: There may be more than was read.
        self.is_cut = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.is_cut:
            return 0
        view = memoryview(buffer)[: self._left]
        try:
            count = self._read(view) if view and self._set_timeout() else None
        except OSError:  # nothing has arrived, too late, or the connection is broken
            count = None
        if count is None:
            self.is_cut = True
            return 0
        self._left -= count
        return count

    def _set_timeout(self) -> bool:
        """Set the timeout of the next read to the time left; return False if there is none."""
        left = None if self._deadline is None else self._deadline - time.monotonic()
        if self._waits and left is not None and left <= 0:
            return False
        self._sock.settimeout(left if self._waits else 0.0)
        return True

    def _read(self, view: memoryview) -> int | None:
        """Read at most once from the socket; None if that would block."""
        data = self._arrived.read1(len(view))
        if data:
            view[: len(data)] = data
            return len(data)
        # An empty buffer does not say why it is empty; the raw stream does.
        count: int | None = self._arrived.raw.readinto(view)
        return count


def _timeout(sock: Any) -> float | None:
    # urllib3's wrapper of pyOpenSSL can set a timeout, but not return it.
    asked = sock if hasattr(sock, "gettimeout") else sock.socket
    timeout: float | None = asked.gettimeout()
    return timeout


def _read(answer: HTTPResponse, available: _Available) -> tuple[bytes, bool]:
    """Read the body by the rules of http.client."""
    try:
        body = answer.read(LIMIT + 1)
    except (HTTPException, ValueError) as problem:
        return getattr(problem, "partial", b""), False
    return body, not (answer.length or available.is_cut)


def _close(connection: Any, answer: HTTPResponse) -> None:
    """Close a connection without its last answer, which it would close as well."""
    answer.close = _do_nothing  # type: ignore[method-assign]  # restored below
    connection.close()
    del answer.close


def _do_nothing() -> None:
    pass


def _replace_body(answer: HTTPResponse, body: bytes) -> None:
    """Make `body` the body of an answer, framed as its headers say: urllib3 relies on them."""
    if "chunked" in ", ".join(answer.headers.get_all("transfer-encoding", [])).lower():
        encoded = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        answer.chunk_left = None
    else:
        encoded = body
        answer.length = len(body)
    answer.fp = io.BufferedReader(io.BytesIO(encoded))
