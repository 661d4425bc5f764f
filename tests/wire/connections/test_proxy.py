"""Connections through a proxy: each target has its own tunnel, which is reused."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect import RedirectPolicy
from botocore_redirect.policy import WORKAROUNDS
from wire.aiobotocore_differences import about_urllib3
from wire.conftest import answer, to
from wire.servers.served import Served
from wire.servers.tls import CA, server_context, url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire.conftest import Follow, MakeClient, Serve

TARGETS = 12  # more than the ten hosts that urllib3 keeps connections to


class Proxy(Served):
    """Connect every tunnel to this machine, and record them."""

    def __init__(self) -> None:
        self.tunnels: list[str] = []
        super().__init__(_Tunnel)


class _Tunnel(socketserver.StreamRequestHandler):
    server: Proxy
    rbufsize = 0  # what follows the head belongs to the tunnel

    def handle(self) -> None:
        method, where, _ = self.rfile.readline().split()
        assert method == b"CONNECT"
        while self.rfile.readline().strip():
            pass
        self.server.tunnels.append(where.decode())
        port = int(where.rpartition(b":")[2])
        with socket.create_connection(("127.0.0.1", port)) as upstream:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_pump, args=(upstream, self.connection), daemon=True)
            back.start()
            _pump(self.connection, upstream)
            back.join()


def _pump(source: socket.socket, goal: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            goal.sendall(data)
    with suppress(OSError):
        goal.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as proxy:
        yield proxy


@about_urllib3
@pytest.mark.parametrize("workaround", [True, False])
def test_tunnels_to_more_than_ten_targets_are_reused(
    serve: Serve, make_client: MakeClient, follow: Follow, proxy: Proxy, workaround: bool
) -> None:
    server = serve(answer(), ssl_context=server_context())

    def spread(received: Any) -> Any:
        if received.headers["Host"].startswith("store.example"):
            return to(
                url(server, f"n{received.path[len('/bkt/key-') :]}.store.example") + received.path
            )
        return answer()

    server.rule = spread
    where = url(server, "store.example")
    client = make_client(where, verify=CA, proxies={"https": proxy.url})
    follow(
        client, RedirectPolicy(workarounds=WORKAROUNDS if workaround else WORKAROUNDS - {"pools"})
    )
    for _ in range(2):
        for number in range(TARGETS):
            client.head_object(Bucket="bkt", Key=f"key-{number}")
    assert len(server.received) == 2 * 2 * TARGETS
    assert len(proxy.tunnels) == 1 + (TARGETS if workaround else 2 * TARGETS)
    (manager,) = client._endpoint.http_session._proxy_managers.values()
    assert len(manager.pools) == (1 + TARGETS if workaround else 10)
    manager.clear()  # ends the tunnels
