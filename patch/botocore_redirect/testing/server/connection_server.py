"""A threaded TCP server that knows its open connections and can end them at once."""

from __future__ import annotations

import socket
import socketserver
import ssl
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Callable

_LAST_WORDS = 5.0  # seconds that busy connections get to end once their sockets are shut


class ConnectionServer(socketserver.ThreadingTCPServer):
    """Serve on a free loopback port; `handler` is called as socketserver calls a handler class.

    With an `ssl_context`, TLS is spoken on every connection.

    `connections` counts what was accepted, `ordinals` numbers what is open, and `failures` holds
    what went wrong in a thread, for `end` to raise.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        handler: Callable[[Any, Any, ConnectionServer], Any],
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._ssl_context = ssl_context
        self.connections = 0
        self.ordinals: dict[Any, int] = {}
        self.failures: list[BaseException] = []
        self._upstreams: set[socket.socket] = set()
        self._changed = threading.Condition()
        self._ending = False
        super().__init__(("127.0.0.1", 0), handler)
        self._loop = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """The port that was free."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Accept connections, in a thread."""
        self._loop.start()

    def _accept(self) -> None:
        # Not serve_forever: ending would wait for its poll, which is most of the life of a gateway.
        while not self._ending:
            self.handle_request()

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002 - socketserver's signature
        """Refuse what comes once the end has begun."""
        return not self._ending

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection, and leave the TLS handshake to the first read in its thread."""
        connection, address = super().get_request()
        if self._ssl_context is not None:
            connection = self._ssl_context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the connection its number where it is accepted: in one thread, so in order."""
        with self._changed:
            self.connections += 1
            self.ordinals[request] = self.connections
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        """Forget the connection as it is closed."""
        super().close_request(request)
        with self._changed:
            self.ordinals.pop(request, None)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as above
        """Keep what a thread raised. A client that went away or distrusts us is no failure."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, (ConnectionError, ssl.SSLError)):
            self.failures.append(error)

    @contextmanager
    def watch(self, upstream: socket.socket) -> Iterator[None]:
        """Have this socket shut, too, when the server ends."""
        with self._changed:
            if self._ending:
                raise ConnectionAbortedError("The gateway is being closed.")
            self._upstreams.add(upstream)
        try:
            yield
        finally:
            with self._changed:
                self._upstreams.discard(upstream)

    def end(self) -> None:
        """Stop accepting, shut what is open, and wait for its threads. Then raise the failures."""
        with self._changed:
            self._ending = True
        with suppress(OSError):  # a connection of our own ends the wait for the next one
            socket.create_connection(("127.0.0.1", self.port), _LAST_WORDS).close()
        self._loop.join()
        self.server_close()
        with self._changed:
            for sock in [*self.ordinals, *self._upstreams]:
                with suppress(OSError):  # the other side was faster
                    # Not the method of SSLSocket: its thread would go on in the clear.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
            if not self._changed.wait_for(lambda: not self.ordinals, _LAST_WORDS):
                self.failures.append(
                    RuntimeError(
                        f"{len(self.ordinals)} connections of the gateway on port {self.port} were "
                        f"still busy {_LAST_WORDS:g} s after it was closed: does a rule block?"
                    )
                )
        if self.failures:
            self._raise(self.failures)

    def _raise(self, failures: Sequence[BaseException]) -> None:
        told = [*dict.fromkeys(map(repr, failures))]  # a rule may fail at each try of a client
        if not told[1:]:
            raise failures[0]
        raise RuntimeError(
            f"{len(told)} things went wrong in the gateway on port {self.port}: {'; '.join(told)}"
        ) from failures[0]
