"""The client of httpx for one request: it settles what a redirect leaves.

httpx does not follow by itself, and sends a body to its end before it reads the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio

from botocore_redirect.aio.redirect_answer import RedirectAnswer, answer, decode_fields
from botocore_redirect.policy import STATUSES
from botocore_redirect.state import policy_of
from botocore_redirect.transport.head import Head, is_followed, needs_body
from botocore_redirect.transport.redirect_body import LIMIT

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from botocore_redirect.transport.head import Fields

#: How long to wait, in seconds, for a body that is not needed: it keeps the connection.
GRACE = 0.1


class HttpxClient:
    """What `HttpxSession.send` uses of an `AsyncClient`, for one request."""

    __slots__ = ("_client", "_request")

    def __init__(self, client: Any, request: Any, _: Any) -> None:
        self._client = client
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def send(self, request: Any, **options: Any) -> Any:
        """Send the request, and return its answer even if that is broken."""
        heads: list[tuple[int, Fields]] = []

        async def trace(event: str, info: Any) -> None:
            if event == "http11.receive_response_headers.complete":
                _, status, _, raw, *_ = info["return_value"]
                heads.append((status, decode_fields(raw)))

        request.extensions["trace"] = trace
        try:
            response = await self._client.send(request, **options)
        except Exception:
            # httpx raises an error of its own for a Location that is malformed.
            if heads and self._is_followed(heads[-1][0]):
                return self._answer(request.url, *heads[-1], body=b"", complete=False)
            raise
        status = response.status_code
        if not self._is_followed(status):
            return response
        fields = decode_fields(response.headers.raw)
        seconds = self._client.timeout.read if needs_body(fields) else GRACE
        body, complete = await _read(response, seconds)
        return self._answer(response.url, status, fields, body, complete=complete)

    def _is_followed(self, status: int) -> bool:
        policy = policy_of(self._request) if status in STATUSES else None
        return policy is not None and is_followed(self._request, status, policy)

    def _answer(
        self, url: Any, status: int, fields: Fields, body: bytes, *, complete: bool
    ) -> RedirectAnswer:
        head = Head(status, fields, early=False, body=body, complete=complete)
        return answer(self._request, url, head)


async def _read(response: Any, seconds: float | None) -> tuple[bytes, bool]:
    """Read a body within a limit and a deadline; return it, and whether that is all."""
    read, complete = bytearray(), False
    deadline: AbstractContextManager[Any] = anyio.move_on_after(seconds)
    try:
        with deadline:
            async for part in response.aiter_raw():
                read.extend(part)
                if len(read) > LIMIT:
                    break
            else:
                complete = True
    except Exception:  # noqa: BLE001  # broken: what has arrived has to do
        complete = False
    if not complete:
        await response.aclose()
    return bytes(read[:LIMIT]), complete
