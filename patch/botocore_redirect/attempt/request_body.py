"""Send the same body again: remember where it began, and go back to there.

botocore rewinds a body to 0 before it sends it again, which is not where a file that was opened
at an offset began: the whole file would be stored, with status 200.
"""

from __future__ import annotations

from typing import Any

try:
    from botocore.httpchecksum import AwsChunkedWrapper
except ImportError:  # before checksums in trailers no body was wrapped

    class AwsChunkedWrapper:  # type: ignore[no-redef]  # stands in for what does not exist yet
        """Matches no body."""


_STATIC = (bytes, str, bytearray, memoryview, dict, type(None))


class CannotRewind(Exception):  # says what happened; never leaves the package
    """The body cannot be sent a second time."""


def is_stream(body: Any) -> bool:
    """Return whether sending `body` consumes it."""
    return not isinstance(body, _STATIC)


def is_empty(body: Any) -> bool:
    """Return whether there is nothing to send."""
    return not is_stream(body) and not body


def position(body: Any) -> int | None:
    """Return where a stream stands, or None for one that cannot tell."""
    try:
        return int(unchunked(body).tell())
    except Exception:  # noqa: BLE001  # anybody's stream: without a redirect, nobody needs to know
        return None


def rewind(body: Any, start: int | None) -> None:
    """Bring a stream back to `start`; raises `CannotRewind` where that cannot be done."""
    if not is_stream(body):
        return
    if start is None:
        raise CannotRewind
    try:
        if is_chunked(body):
            body.seek(0)  # forgets what it has encoded and summed up so far
        unchunked(body).seek(start)
    except Exception:  # noqa: BLE001  # anybody's stream, as above
        raise CannotRewind from None


def is_chunked(body: Any) -> bool:
    """Return whether botocore wrapped the body to send it as aws-chunked, with a checksum."""
    return isinstance(body, AwsChunkedWrapper)


def unchunked(body: Any) -> Any:
    """Return the caller's body, without the aws-chunked wrapper of botocore."""
    return body._raw if is_chunked(body) else body  # noqa: SLF001  # it has no public name
