"""A threaded TCP server that knows its open connections and can close them at once."""

from __future__ import annotations

import os
import socket
import socketserver
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Callable

_CLOSE_TIMEOUT = 5.0  # seconds that busy threads get to end once their sockets are shut down


class ConnectionServer(socketserver.ThreadingTCPServer):
    """Serve on a loopback port; `handler` is called as socketserver calls a handler class.

    With an `ssl_context`, every connection speaks TLS.

    `connections` counts the accepted connections, `connection_numbers` numbers the open ones, and
    `failures` holds the errors of their threads, which `close` raises.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        handler: Callable[[Any, Any, ConnectionServer], Any],
        ssl_context: ssl.SSLContext | None = None,
        port: int = 0,
    ) -> None:
        # A server that was just stopped leaves its port in use, unless this is set. On Windows, it
        # would share the port with a server that runs.
        self.allow_reuse_address = os.name == "posix"
        self._ssl_context = ssl_context
        self.connections = 0
        self.connection_numbers: dict[Any, int] = {}
        self.failures: list[BaseException] = []
        self._upstreams: set[socket.socket] = set()
        self._changed = threading.Condition()
        self._closing = False
        super().__init__(("127.0.0.1", port), handler)
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """The port that this server listens on."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Accept connections, in a thread."""
        self._accepting.start()

    def _accept(self) -> None:
        # Not serve_forever: `close` would wait for its poll, longer than most gateways live.
        while not self._closing:
            self.handle_request()

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002 - socketserver's signature
        """Refuse connections while the server closes."""
        return not self._closing

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection. Its own thread does the TLS handshake, with the first read."""
        connection, address = super().get_request()
        if self._ssl_context is not None:
            connection = self._ssl_context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the connection its number: in the accepting thread, so that numbers are in order."""
        with self._changed:
            self.connections += 1
            self.connection_numbers[request] = self.connections
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        """Forget the connection once it is closed."""
        super().close_request(request)
        with self._changed:
            self.connection_numbers.pop(request, None)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as above
        """Keep the error of a thread, unless the client only went away or rejected our TLS."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, (ConnectionError, ssl.SSLError)):
            self.failures.append(error)

    @contextmanager
    def watch(self, upstream: socket.socket) -> Iterator[None]:
        """Have `close` shut this socket down as well."""
        with self._changed:
            if self._closing:
                raise ConnectionAbortedError("The gateway is being closed.")
            self._upstreams.add(upstream)
        try:
            yield
        finally:
            with self._changed:
                self._upstreams.discard(upstream)

    def close(self) -> None:
        """Close all connections and wait for their threads; then raise what failed in them."""
        with self._changed:
            self._closing = True
        with suppress(OSError):  # a connection of our own wakes the thread that accepts
            socket.create_connection(("127.0.0.1", self.port), _CLOSE_TIMEOUT).close()
        self._accepting.join()
        self.server_close()
        with self._changed:
            for sock in [*self.connection_numbers, *self._upstreams]:
                with suppress(OSError):  # the other side was faster
                    # Not the method of SSLSocket: its thread would go on in the clear.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
            if not self._changed.wait_for(lambda: not self.connection_numbers, _CLOSE_TIMEOUT):
                self.failures.append(
                    RuntimeError(
                        f"{len(self.connection_numbers)} connections of the gateway on port"
                        f" {self.port} were still busy {_CLOSE_TIMEOUT:g} s after it was closed:"
                        " does a rule block?"
                    )
                )
        if self.failures:
            self._raise_failures()

    def _raise_failures(self) -> None:
        messages = [*dict.fromkeys(map(repr, self.failures))]  # retries may fail the same way
        if len(messages) == 1:
            raise self.failures[0]
        raise RuntimeError(
            f"{len(messages)} errors in the gateway on port {self.port}: {'; '.join(messages)}"
        ) from self.failures[0]
