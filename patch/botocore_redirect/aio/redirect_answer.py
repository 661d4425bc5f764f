"""A redirect as aiobotocore gets to see it: the head, and as much of the body as was read.

It stands in for the response of aiohttp or httpx, whose body may be endless, broken off or
malformed, and whose connection is done with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from urllib3._collections import HTTPHeaderDict  # urllib3 1 does not export it

from botocore_redirect.transport.head import Head, set_head

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocore_redirect.transport.head import Fields


class RedirectAnswer:
    """What aiobotocore uses of a response of aiohttp (`status`, `read`) or httpx."""

    def __init__(self, url: Any, head: Head) -> None:
        self.url = url
        self.status = self.status_code = head.status
        self.headers = HTTPHeaderDict(head.fields)
        #: aiobotocore decodes these as UTF-8, whatever was sent.
        self.raw_headers = [(name.encode(), _as_utf8(value)) for name, value in head.fields]
        self._body = head.body

    async def read(self) -> bytes:
        """Return what was read of the body."""
        return self._body

    aread = read


def answer(request: Any, url: Any, head: Head) -> RedirectAnswer:
    """Keep a redirect on its request, and return what stands in for the response."""
    set_head(request, head)
    return RedirectAnswer(url, head)


def decode_fields(raw: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Return header fields as `http.client` has them, decoded as latin-1."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _as_utf8(value: str) -> bytes:
    raw = value.encode("latin-1")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return value.encode("utf-8")
    return raw
