"""Servers over TLS with host names, and secrets that not all of them may get.

The fixtures for it are in `wire.tls_fixtures`.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import pytest

    from botocore_redirect.testing import Gateway, Received

_CERTIFICATES = Path(__file__).parent / "certificates"

#: What clients verify the servers with: `session.client(..., verify=CA)`.
CA = str(_CERTIFICATES / "ca.pem")

#: What a client shows: `Config(client_cert=CLIENT_CERTIFICATE)`.
CLIENT_CERTIFICATE = str(_CERTIFICATES / "client.pem")

KEY_ID = "KEY-ID-OF-THE-USER"
TOKEN = "session-token-of-temporary-credentials"
SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "the-32-byte-key-of-the-customer!"}

Client = Callable[..., Any]


def server_context() -> ssl.SSLContext:
    """Return what a server needs to speak TLS: `Gateway(..., ssl_context=server_context())`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATES / "server.pem")
    return context


def asking_context() -> tuple[ssl.SSLContext, list[bool]]:
    """Return a context that asks clients for a certificate, and whether each connection had one."""
    shown: list[bool] = []

    class AskingSocket(ssl.SSLSocket):
        asked = False

        def recv_into(self, *args: Any, **options: Any) -> Any:
            count = super().recv_into(*args, **options)  # shakes hands, the first time
            if count and not self.asked:  # nothing is read from a client that went away
                self.asked = True
                shown.append(bool(self.getpeercert()))
            return count

    context = server_context()
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(CLIENT_CERTIFICATE)
    context.sslsocket_class = AskingSocket
    return context, shown


def url(server: Gateway, host: str) -> str:
    """Return where a server is found under this name."""
    found = urlsplit(server.url)
    return f"{found.scheme}://{host}:{found.port}"


def seen_by(server: Gateway) -> str:
    """Return the heads of all requests of a server as one text."""
    return "\n".join(f"{each.target}\n{each.headers}" for each in server.received)


def names(received: Received) -> set[str]:
    """Return the names of the headers of a request, in lower case.

    What aiohttp and httpx add to every request is left out.
    """
    added = {("accept", "*/*"), ("connection", "keep-alive")}
    pairs = {(name.lower(), value) for name, value in received.raw_headers}
    return {name for name, _ in pairs - added}


def resolve_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolve `*.example` (public) and `*.internal` to this machine, and no other name."""
    original = socket.getaddrinfo
    if original.__module__ == __name__:  # resolved so already
        return

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name.endswith((".example", ".internal")):
            name = "127.0.0.1"
        if name not in ("127.0.0.1", "::1", "localhost"):
            raise socket.gaierror(socket.EAI_NONAME, f"{name} is not resolved in tests")
        return original(name, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
