"""The client of aiohttp for one request: it does not follow, and settles what a redirect leaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from botocore_redirect.aio.redirect_answer import answer, decode_fields
from botocore_redirect.aio.revocable_body import revocable, revoke, stop
from botocore_redirect.policy import STATUSES
from botocore_redirect.transport.head import Head, is_followed, needs_body
from botocore_redirect.transport.redirect_body import LIMIT

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy


#: Attribute of a session for a hop: the TLS context without the client's certificate.
TLS = "botocore_redirect_tls"


class AiohttpClient:
    """The client of one request, mixed into its session; see `http_sessions`."""

    __slots__ = ()
    client_of_call: Any
    request_of_call: Any

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Send the request, and return its answer even if that is a redirect."""
        kwargs["allow_redirects"] = False  # each request pays for this
        body = kwargs.get("data")
        if body is not None:
            body = kwargs["data"] = revocable(body)
        if TLS in self.__dict__:
            kwargs["ssl"] = self.__dict__[TLS]
        try:
            response = await self.client_of_call.request(*args, **kwargs)
        except Exception:
            await revoke(body)  # botocore may rewind it now
            raise
        except BaseException:
            stop(body)
            raise
        if response.status in STATUSES or getattr(response, "_continue", None) is not None:
            timeout = kwargs.get("timeout") or self.client_of_call.timeout
            try:
                return await self._settle(response, body, timeout)
            except BaseException:  # a cancellation
                response.close()
                raise
        return response

    async def _settle(self, response: Any, body: Any, timeout: Any) -> Any:
        """Close or keep the connection, and read what is needed of a redirect."""
        policy: RedirectPolicy = self.request_of_call.botocore_redirect_patch.policy
        # It came instead of `100 Continue`. A mock of aiohttp may lack what is private there.
        early = getattr(response, "_continue", None) is not None
        if early and "expect" in policy.workarounds:
            _close_after_answer(response)
        if not is_followed(self.request_of_call, response.status, policy):
            return response
        fields = decode_fields(response.raw_headers)
        stop(body)
        if needs_body(fields):
            content, complete = await _read(response, timeout.sock_read)
        else:
            content, complete = _read_what_has_arrived(response)
        if not complete or _is_sending(response):
            _close_after_answer(response)
            response.close()
        await revoke(body)
        head = Head(response.status, fields, early, content, complete)
        return answer(self.request_of_call, response.url, head)


def _is_sending(response: Any) -> bool:
    """Return whether the body of the request is still under way."""
    return getattr(response, "_writer", None) is not None


def _close_after_answer(response: Any) -> None:
    """Have the connection closed once the answer is done with.

    Some servers still wait for the body; aiohttp before 3.14.4 would send the next request there.
    """
    connection = getattr(response, "connection", None)
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
