"""A stream that can be taken away from its reader.

aiohttp reads a file in a thread. If the request is redirected while its body is under way, that
thread may still read after the file was rewound, and the target would get a body with a hole in it.
So each request reads through an object of its own, which is revoked before the file is used again.
"""

from __future__ import annotations

import asyncio
import io
import threading
from typing import Any


class BodyRevoked(OSError):  # internal: aiohttp drops it with the request
    """The request that read this body is over."""


class RevocableBody(io.IOBase):
    """The body of one request, as aiohttp reads it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._is_revoked = False

    async def revoke(self) -> None:
        """Let nobody read any more, and wait for the end of a read that has begun."""
        self.stop()
        if not self._lock.acquire(blocking=False):
            await asyncio.get_running_loop().run_in_executor(None, self._lock.acquire)
        self._lock.release()

    def stop(self) -> None:
        """Let nobody begin to read any more."""
        self._is_revoked = True

    def read(self, *size: Any) -> Any:
        return self._call("read", *size)

    def tell(self) -> Any:
        return self._call("tell")

    def seek(self, *place: Any) -> Any:
        return self._call("seek", *place)

    def fileno(self) -> int:
        number: int = self._stream.fileno()
        return number

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """Leave the caller's stream open, as aiobotocore does."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _call(self, name: str, *arguments: Any) -> Any:
        with self._lock:
            if self._is_revoked:
                raise BodyRevoked
            return getattr(self._stream, name)(*arguments)


def revocable(body: Any) -> Any:
    """Return a body that can be revoked, for a file that aiohttp reads in a thread."""
    if type(body) is bytes:  # most are
        return body
    is_file = isinstance(body, io.IOBase) and not isinstance(body, (io.BytesIO, io.TextIOBase))
    return RevocableBody(body) if is_file else body


async def revoke(body: Any) -> None:
    """Revoke a body, if it can be."""
    if isinstance(body, RevocableBody):
        await body.revoke()


def stop(body: Any) -> None:
    """Stop the readers of a body that can be revoked."""
    if isinstance(body, RevocableBody):
        body.stop()
