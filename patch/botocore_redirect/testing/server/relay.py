"""Relay one request to another HTTP server, and its response back."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from contextlib import AbstractContextManager
from email.message import Message
from typing import Callable

from botocore_redirect.testing.server.exchange import (
    Received,
    Response,
    has_body,
    plain_text,
)
from botocore_redirect.testing.server.request_body import is_chunked

_TIMEOUT = 60
_HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
_REPLACED = frozenset(["host", "expect", "content-length"])


class _UncheckedConnection(http.client.HTTPConnection):
    """A connection that sends any request target as it is: the upstream has to check it."""

    def _validate_path(self, url: str) -> None:
        """Accept every path."""

    def _encode_request(self, request: str) -> bytes:
        return request.encode("latin-1")


def relay(
    received: Received,
    netloc: str,
    extra: Mapping[str, str],
    watch: Callable[[socket.socket], AbstractContextManager[None]],
) -> Response:
    """Send the request to the server at `netloc` and return its response, or 502 if that fails.

    `extra` headers replace those of the request. `watch` gets the socket for as long as it is used,
    so that it can be shut down from outside.
    """
    connection = _UncheckedConnection(netloc, timeout=_TIMEOUT)
    try:
        connection.connect()
        with watch(connection.sock):
            return _exchange(connection, received, extra)
    except (OSError, http.client.HTTPException) as error:
        return plain_text(502, f"The upstream http://{netloc} did not respond: {error!r}")
    finally:
        connection.close()


def _exchange(
    connection: http.client.HTTPConnection, received: Received, extra: Mapping[str, str]
) -> Response:
    connection.putrequest(
        received.method, received.target, skip_host=True, skip_accept_encoding=True
    )
    host, port = connection.host, connection.port
    connection.putheader("Host", f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    dropped = _REPLACED | {name.lower() for name in extra}
    for name, value in _end_to_end(received.headers, dropped):
        connection.putheader(name, value)
    for name, value in extra.items():
        connection.putheader(name, value)
    if "Content-Length" in received.headers or is_chunked(received.headers):
        connection.putheader("Content-Length", str(len(received.body)))
    connection.endheaders(received.body or None)
    with connection.getresponse() as response:
        body = response.read()
        return _response(received.method, response, body)


def _response(method: str, response: http.client.HTTPResponse, body: bytes) -> Response:
    if method == "HEAD" or not has_body(response.status):
        headers = _end_to_end(response.headers, frozenset())
    else:
        headers = _end_to_end(response.headers, frozenset(["content-length"]))
        headers.append(("Content-Length", str(len(body))))
    return Response(response.status, tuple(headers), body, response.reason)


def _end_to_end(headers: Message, dropped: frozenset[str] | set[str]) -> list[tuple[str, str]]:
    parse_subject = {
        token.strip().lower()
        for value in headers.get_all("Connection", [])
        for token in value.split(",")
    }
    removed = _HOP_BY_HOP | parse_subject | dropped
    return [(name, value) for name, value in headers.items() if name.lower() not in removed]
