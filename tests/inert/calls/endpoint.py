"""An endpoint on a loopback socket that records each request as it arrives."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from types import TracebackType
from typing import Any
from unittest import mock

from botocore_redirect.testing.server.connection_server import ConnectionServer
from botocore_redirect.testing.server.exchange import Response
from botocore_redirect.testing.server.request_body import read_body
from wire.servers.tls import server_context

#: A name, so that bucket and account labels go before it as on AWS; no port, so that requests do
#: not depend on the port of the endpoint.
HOST = "gateway.test"
NODE = f"node.{HOST}"
ORIGIN = f"https://{HOST}"
_REDIRECTS = 8
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One request: its head verbatim, its body without the framing of chunks."""

    head: bytes
    body: bytes
    connection: int = 0  # numbered from 1 in each call; 0 is one of an earlier call

    @property
    def line(self) -> str:
        """The request line."""
        return self.head.partition(b"\r\n")[0].decode("latin-1")

    @property
    def is_at_node(self) -> bool:
        """Whether it was sent to the target of the redirects."""
        return self.header("Host").endswith(NODE)

    def header(self, name: str) -> str:
        """Return the first header of that name."""
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            found, _, value = line.partition(":")
            if found.lower() == name.lower():
                return value.strip()
        return ""


@dataclass(frozen=True)
class Script:
    """The answers to the requests of one call; the last one is repeated.

    With `redirect`, the gateway answers with it and a Location at the node, and the node gives the
    answers. After some redirects the gateway answers itself, as stock botocore asks it repeatedly
    for S3.

    With `early`, a request that expects `100 Continue` gets the answer instead, and its body is
    neither read nor waited for.
    """

    answers: tuple[Response, ...]
    redirect: Response | None = None
    early: bool = False

    def answer(self, request: Request, earlier: Sequence[Request]) -> Response:
        """Return the answer to a request, after the earlier ones of the call."""
        host = request.header("Host")
        if self.redirect is None:
            number = len(earlier)
        elif not request.is_at_node and len(earlier) < _REDIRECTS:
            target = request.line.split(" ")[1]
            # A host that is not below the gateway is one of AWS.
            node = host.replace(HOST, NODE) if host.endswith(HOST) else f"{host}.{NODE}"
            location = f"https://{node}{target}"
            headers = (("Location", location), *self.redirect.headers)
            return Response(self.redirect.status, headers, self.redirect.body)
        else:
            number = sum(each.is_at_node for each in earlier)
        return self.answers[min(number, len(self.answers) - 1)]


@dataclass
class Endpoint:
    """A TLS endpoint to which every name and port leads during a call."""

    _script: Script = field(default_factory=lambda: Script((Response(500),)))
    _received: list[Request] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)
    _server: ConnectionServer | None = None
    _earlier: int = 0  # connections, when the call began

    def __enter__(self) -> Endpoint:
        self._server = server = ConnectionServer(self._serve, server_context())
        server.start()
        self._open.callback(server.close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    @contextmanager
    def serve(self, script: Script) -> Iterator[Sequence[Request]]:
        """Answer by the script, and yield the list of received requests."""
        self._script, self._received = script, []
        assert self._server
        self._earlier = self._server.connections
        with _resolving(self._server.port):  # between calls, the process is inspected
            yield self._received

    def _serve(self, connection: socket.socket, _: Any, server: ConnectionServer) -> None:
        ordinal = server.connection_numbers[connection]
        with connection.makefile("rb") as stream:
            while _is_request(head := _read_head(stream)):
                headers = http.client.parse_headers(BytesIO(head.partition(b"\r\n")[2]))
                received, script = self._received, self._script
                expects = "100-continue" in headers.get("Expect", "")
                early = expects and script.early
                if expects and not early:
                    connection.sendall(_CONTINUE)
                body = b"" if early else read_body(stream, headers).data
                request = Request(head, body, max(0, ordinal - self._earlier))
                received.append(request)
                answer = script.answer(request, received[:-1])
                if answer.hangs_up:
                    return
                connection.sendall(answer.to_wire(with_body=not head.startswith(b"HEAD ")))
                if int(answer.header("Content-Length") or 0) > len(answer.body):
                    return  # it breaks off


def _read_head(stream: Any) -> bytes:
    lines = []
    while line := stream.readline():
        lines.append(line)
        if line == b"\r\n":
            return b"".join(lines)
    return b""


def _is_request(head: bytes) -> bool:
    """Tell a request from the end, and from a body that is sent after an early answer."""
    return head.partition(b"\r\n")[0].endswith(b" HTTP/1.1")


@contextmanager
def _resolving(port: int) -> Iterator[None]:
    original = socket.getaddrinfo

    def lookup(_: Any, __: Any, *args: Any, **options: Any) -> Any:
        return original("127.0.0.1", port, *args, **options)

    with mock.patch.object(socket, "getaddrinfo", lookup):
        yield
