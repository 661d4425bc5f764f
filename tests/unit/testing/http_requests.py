"""Plain HTTP requests to a gateway or a store."""

from __future__ import annotations

import http.client
import socket
from typing import Any, Union
from urllib.parse import urlsplit

from botocore_redirect.testing import Gateway

Server = Union[Gateway, str]  # a gateway, or the URL of any server


def connect(server: Server, timeout: float = 10) -> http.client.HTTPConnection:
    host, port = _address(server)
    return http.client.HTTPConnection(host, port, timeout=timeout)


def ask(
    server: Server, method: str = "GET", target: str = "/b/k", body: Any = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = connect(server)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body=body, headers=names)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def talk(server: Server) -> socket.socket:
    return socket.create_connection(_address(server), timeout=10)


def read_head(sock: socket.socket) -> bytes:
    """Read one response whose body is empty."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        more = sock.recv(1)
        assert more, f"the connection ended after {data!r}"
        data += more
    return data


def _address(server: Server) -> tuple[str, int]:
    parts = urlsplit(server if isinstance(server, str) else server.url)
    return parts.hostname or "", parts.port or 0
