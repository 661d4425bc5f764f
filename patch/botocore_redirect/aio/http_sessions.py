"""Keep the http sessions of aiobotocore from following redirects by themselves.

aiohttp follows unsigned, with the headers of the gateway. So while a patch is in force, `send` of a
session notes the request, and the client that it then asks for is one that does not follow and
returns every redirect. That is for requests whose redirects are followed; other requests, and other
users of aiohttp, keep what they have. No session or connection holds anything of ours.
"""

from __future__ import annotations

import functools
import importlib
from contextvars import ContextVar
from typing import Any, Callable

from aiobotocore.httpsession import AIOHTTPSession

from botocore_redirect.aio.aiohttp_client import AiohttpClient
from botocore_redirect.state import policy_of

Replacement = tuple[Any, str, Any]
Method = Callable[..., Any]

#: The request that `send` was called with, until it asks for a client.
_sending: ContextVar[Any] = ContextVar("botocore_redirect_sending", default=None)


def replacements() -> list[Replacement]:
    """Return the attributes of http sessions to replace while a patch is in force."""
    found = _replacements(AIOHTTPSession, AiohttpClient)
    httpx_session = _httpx_session()
    if httpx_session is not None:
        from botocore_redirect.aio.httpx_client import HttpxClient  # noqa: PLC0415  # it needs anyio

        found += _replacements(httpx_session, HttpxClient)
    return found


def is_aiohttp(session: Any) -> bool:
    """Return whether a session is that of aiohttp."""
    return issubclass(type(session), AIOHTTPSession)


def _httpx_session() -> Any:
    """Return the session of httpx, or None where aiobotocore has none or httpx is missing."""
    try:
        module = importlib.import_module("aiobotocore.httpxsession")
    except ImportError:  # aiobotocore before 2.23
        return None
    return None if getattr(module, "httpx", None) is None else module.HttpxSession


def _replacements(owner: Any, client: Any) -> list[Replacement]:
    found: list[Replacement] = [(owner, "send", _noting_send(owner.send))]
    if hasattr(owner, "_get_session"):
        found.append((owner, "_get_session", _wrap_get_session(owner._get_session, client)))  # noqa: SLF001  # there is no public way to its client
    else:
        found.append((owner, "_session", _SessionAttribute(client)))
    return found


def _noting_send(original: Method) -> Method:
    @functools.wraps(original)
    def send(self: Any, request: Any) -> Any:
        _sending.set(request if policy_of(request) is not None else None)
        return original(self, request)

    return send


def _wrap_get_session(original: Method, client: Any) -> Method:
    @functools.wraps(original)
    async def get_session(self: Any, *args: Any, **kwargs: Any) -> Any:
        request = _sending.get()
        if request is None:
            return await original(self, *args, **kwargs)
        _sending.set(None)  # contexts are copied: none may hold a body for longer than needed
        return client(await original(self, *args, **kwargs), request, self)

    return get_session


class _SessionAttribute:
    """`_session` of aiobotocore before 2.12.1, which its `send` reads once."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __get__(self, session: Any, owner: Any = None) -> Any:
        if session is None:
            return self
        try:
            found = vars(session)["_session"]
        except KeyError:
            raise AttributeError("_session") from None
        request = _sending.get()
        if request is None or found is None:
            return found
        _sending.set(None)
        return self._client(found, request, session)

    def __set__(self, session: Any, value: Any) -> None:
        vars(session)["_session"] = value
