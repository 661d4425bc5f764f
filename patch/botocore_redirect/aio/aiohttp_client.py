"""The client of aiohttp for one request: it does not follow, and settles what a redirect leaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from botocore_redirect.aio.redirect_answer import answer, decode_fields
from botocore_redirect.aio.revocable_body import revocable, revoke
from botocore_redirect.policy import STATUSES
from botocore_redirect.state import policy_of
from botocore_redirect.transport.head import Head, is_followed, needs_body
from botocore_redirect.transport.redirect_body import LIMIT

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy


class AiohttpClient:
    """What `AIOHTTPSession.send` uses of a `ClientSession`, for one request."""

    __slots__ = ("_client", "_options", "_request")

    def __init__(self, client: Any, request: Any, session: Any) -> None:
        self._client = client
        self._request = request
        tls = vars(session).get("botocore_redirect_tls")
        self._options = {} if tls is None else {"ssl": tls}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def request(self, *args: Any, data: Any = None, **kwargs: Any) -> Any:
        """Send the request, and return its answer even if that is a redirect."""
        body = revocable(data)
        try:
            response = await self._client.request(
                *args, data=body, allow_redirects=False, **kwargs, **self._options
            )
        except BaseException:
            revoke(body)
            raise
        if response.status in STATUSES or _is_early(response):
            policy = policy_of(self._request)
            if policy is not None:
                return await self._settle(response, body, policy)
        return response

    async def _settle(self, response: Any, body: Any, policy: RedirectPolicy) -> Any:
        """Close or keep the connection, and read what is needed of a redirect."""
        early = _is_early(response)
        if early and "expect" in policy.workarounds:
            _close_after_answer(response)
        if not is_followed(self._request, response.status, policy):
            return response
        fields = decode_fields(response.raw_headers)
        if needs_body(fields):
            content, complete = await _read(response, self._client.timeout.sock_read)
        else:
            content, complete = _read_what_has_arrived(response)
        if not complete or _is_sending(response):
            _close_after_answer(response)
            response.close()
        revoke(body)
        head = Head(response.status, fields, early, content, complete)
        return answer(self._request, response.url, head)


def _is_early(response: Any) -> bool:
    """Return whether an answer came instead of `100 Continue`."""
    return getattr(response, "_continue", None) is not None


def _is_sending(response: Any) -> bool:
    """Return whether the body of the request is still under way."""
    return getattr(response, "_writer", None) is not None


def _close_after_answer(response: Any) -> None:
    """Have the connection closed once the answer is done with.

    Some servers still wait for the body; aiohttp before 3.14.4 would send the next request there.
    """
    connection = response.connection
    if connection is not None and connection.protocol is not None:
        connection.protocol.force_close()


def _read_what_has_arrived(response: Any) -> tuple[bytes, bool]:
    """Return what has arrived of a body, and whether that is all."""
    content = response.content
    try:
        return content.read_nowait(-1)[:LIMIT], content.at_eof()
    except Exception:  # noqa: BLE001  # it is broken: what is needed is in the head
        return b"", False


async def _read(response: Any, timeout: float | None) -> tuple[bytes, bool]:
    """Read a body within a limit and a deadline; return it, and whether that is all."""
    read = bytearray()

    async def read_all() -> None:
        while len(read) <= LIMIT and not response.content.at_eof():
            read.extend(await response.content.readany())

    try:
        await asyncio.wait_for(read_all(), timeout)
    except Exception:  # noqa: BLE001  # late or broken: what has arrived has to do
        return bytes(read[:LIMIT]), False
    return bytes(read[:LIMIT]), len(read) <= LIMIT
