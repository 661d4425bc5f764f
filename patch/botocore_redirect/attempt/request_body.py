"""Rewind a body to where it began, so that it can be sent again.

botocore rewinds a body to 0. A file that the caller had advanced to an offset would then be stored
whole, with status 200.
"""

from __future__ import annotations

import inspect
from typing import Any

try:
    from botocore.httpchecksum import AwsChunkedWrapper
except ImportError:  # before checksums in trailers no body was wrapped

    class AwsChunkedWrapper:  # type: ignore[no-redef]  # a stand-in
        """Matches no body."""


_STATIC = (bytes, str, bytearray, memoryview, dict, type(None))


class CannotRewind(Exception):  # internal: it never leaves the package
    """The body cannot be sent a second time."""


def is_stream(body: Any) -> bool:
    """Return whether sending `body` consumes it."""
    return not isinstance(body, _STATIC)


def is_empty(body: Any) -> bool:
    """Return whether `body` has nothing to send."""
    return not is_stream(body) and not body


def position(body: Any) -> int | None:
    """Return the position of a stream, or None if it has none."""
    try:
        return int(_now(unchunked(body).tell()))
    except Exception:  # noqa: BLE001  # a user's stream may raise anything; only a redirect needs the position
        return None


def rewind(body: Any, start: int | None) -> None:
    """Rewind a stream to `start`; raise `CannotRewind` if it cannot be rewound."""
    if not is_stream(body):
        return
    if start is None:
        raise CannotRewind
    try:
        if is_chunked(body):
            body.seek(0)  # resets its encoder and its checksum
        _now(unchunked(body).seek(start))
    except Exception:  # noqa: BLE001  # as above
        raise CannotRewind from None


def is_chunked(body: Any) -> bool:
    """Return whether botocore wrapped the body to send it as aws-chunked, with a checksum."""
    return isinstance(body, AwsChunkedWrapper)


def unchunked(body: Any) -> Any:
    """Return the caller's body, without botocore's aws-chunked wrapper."""
    return body._raw if is_chunked(body) else body  # noqa: SLF001  # it has no public name


def _now(result: Any) -> Any:
    """Return what a method of a stream returned; raise `TypeError` if it has to be awaited."""
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError("the stream is asynchronous")
    return result
