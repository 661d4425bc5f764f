"""Keep the http sessions of aiobotocore from following redirects by themselves.

aiohttp follows unsigned, with the headers of the gateway. So while a patch is in force, `send` of a
session runs on a stand-in for the session, made for one request, whose client does not follow and
returns every redirect. That is for requests whose redirects are followed; other requests, and other
users of aiohttp, keep what they have. No session or connection holds anything of ours.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any, Callable

from aiobotocore.httpsession import AIOHTTPSession

from botocore_redirect.aio.aiohttp_client import AiohttpClient

Method = Callable[..., Any]


def replacements() -> list[tuple[Any, str, Any]]:
    """Return the attributes of http sessions to replace while a patch is in force."""
    found = [(AIOHTTPSession, "send", wrap_send(AIOHTTPSession.send, AiohttpClient))]
    httpx_session = _httpx_session()
    if httpx_session is not None:
        from botocore_redirect.aio.httpx_client import HttpxClient  # noqa: PLC0415  # it needs anyio

        found.append((httpx_session, "send", wrap_send(httpx_session.send, HttpxClient)))
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


def wrap_send(original: Method, client: type) -> Method:
    """Return `send` of a session, made to run on a stand-in where redirects are followed."""
    kinds: dict[type, type] = {}

    @functools.wraps(original)
    def send(self: Any, request: Any) -> Any:
        if getattr(request, "botocore_redirect_patch", None) is None:  # each request pays for this
            return original(self, request)
        kind = kinds.get(type(self))
        if kind is None:
            kind = kinds[type(self)] = _stand_in(type(self), client)
        stand_in: Any = object.__new__(kind)
        stand_in.__dict__ = self.__dict__
        stand_in.request_of_call = request
        return original(stand_in, request)

    return send


def _stand_in(kind: Any, client: type) -> type:
    """Return a kind of session that shares the attributes of another, and is its own client."""

    async def get_session(self: Any, *args: Any) -> Any:
        self.client_of_call = await kind._get_session(self, *args)  # noqa: SLF001  # there is no public way to the client
        return self

    def session(self: Any) -> Any:
        self.client_of_call = self.__dict__["_session"]
        return self

    own: dict[str, Any] = {"__slots__": ("client_of_call", "request_of_call")}
    if hasattr(kind, "_get_session"):
        own["_get_session"] = get_session
    else:  # before 2.12.1
        own["_session"] = property(session)
    return type(kind.__name__, (client, kind), own)
