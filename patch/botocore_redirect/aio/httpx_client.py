"""The client of httpx for one request: it settles what a redirect leaves.

httpx does not follow by itself, and sends a body to its end before it reads the answer.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import anyio

from botocore_redirect.aio.redirect_answer import RedirectAnswer, answer, decode_fields
from botocore_redirect.transport.head import Head, is_followed, needs_body
from botocore_redirect.transport.redirect_body import LIMIT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractContextManager

    from botocore_redirect.policy import RedirectPolicy
    from botocore_redirect.transport.head import Fields

#: How long to wait, in seconds, for a body that is not needed: it keeps the connection.
GRACE = 0.1


class HttpxClient:
    """The client of one request, mixed into its session; see `http_sessions`."""

    __slots__ = ()
    client_of_call: Any
    request_of_call: Any

    def build_request(self, *args: Any, **kwargs: Any) -> Any:
        """Build a request as the client does."""
        return self.client_of_call.build_request(*args, **kwargs)

    async def send(self, request: Any, **options: Any) -> Any:
        """Send the request, and return its answer even if that is broken."""
        heads: list[tuple[int, Fields]] = []

        async def trace(event: str, info: Any) -> None:
            if event == "http11.receive_response_headers.complete":
                _, status, _, raw, *_ = info["return_value"]
                heads.append((status, decode_fields(raw)))

        request.extensions["trace"] = trace
        try:
            response = await self.client_of_call.send(request, **options)
        except Exception:
            # httpx raises an error of its own for a Location that is malformed.
            if heads and self._is_followed(heads[-1][0]):
                return self._answer(request.url, *heads[-1], body=b"", complete=False)
            raise
        status, keep = response.status_code, not self._must_close(request, response)
        if not self._is_followed(status):
            return response if keep else await _read_and_close(response)
        fields = decode_fields(response.headers.raw)
        body, complete = b"", False
        if needs_body(fields):
            body, complete = await _read(response, self.client_of_call.timeout.read, keep=keep)
        elif keep:
            body, complete = await _read(response, GRACE)
        await response.aclose()
        return self._answer(response.url, status, fields, body, complete=complete)

    @property
    def _policy(self) -> RedirectPolicy:
        policy: RedirectPolicy = self.request_of_call.botocore_redirect_patch.policy
        return policy

    def _is_followed(self, status: int) -> bool:
        return is_followed(self.request_of_call, status, self._policy)

    def _must_close(self, request: Any, response: Any) -> bool:
        """Return whether the server may still wait for a body that was sent, or not have read it.

        httpx sends `Expect` but does not wait, nor does it say whether `100 Continue` arrived.
        """
        return (
            "expect" in self._policy.workarounds
            and "expect" in request.headers
            and response.status_code >= HTTPStatus.MULTIPLE_CHOICES
        )

    def _answer(
        self, url: Any, status: int, fields: Fields, body: bytes, *, complete: bool
    ) -> RedirectAnswer:
        head = Head(status, fields, early=False, body=body, complete=complete)
        return answer(self.request_of_call, url, head)


async def _read(response: Any, seconds: float | None, *, keep: bool = True) -> tuple[bytes, bool]:
    """Read a body within a limit and a deadline; return it, and whether that is all."""
    read, complete = bytearray(), False
    deadline: AbstractContextManager[Any] = anyio.move_on_after(seconds)
    try:
        with deadline:
            async for part in _parts(response, keep=keep):
                read.extend(part)
                if len(read) > LIMIT:
                    break
            else:
                complete = True
    except Exception:  # noqa: BLE001  # broken: what has arrived has to do
        complete = False
    return bytes(read[:LIMIT]), complete


async def _read_and_close(response: Any) -> RedirectAnswer:
    """Return an error answer with its body, and close its connection."""
    read = bytearray()
    async for part in _parts(response, keep=False):
        read.extend(part)
    await response.aclose()
    fields = decode_fields(response.headers.raw)
    head = Head(response.status_code, fields, early=False, body=bytes(read), complete=True)
    return RedirectAnswer(response.url, head)


async def _parts(response: Any, *, keep: bool) -> AsyncIterator[bytes]:
    """Yield a body in parts.

    httpcore keeps a connection for the next request if it was read to the end of a body. If it is
    not to be kept, the reading stops at the length that the head tells, or it is shut here.
    """
    length = response.headers.get("content-length", "")
    left = int(length) if length.isdigit() else -1
    if left or keep:
        async for part in response.aiter_raw():
            yield part
            left -= len(part)
            if not left and not keep:
                return
    if left and not keep:
        await response.extensions["network_stream"].aclose()
