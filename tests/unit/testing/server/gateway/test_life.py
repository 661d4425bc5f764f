"""The requests that a gateway lists, its errors, and how it closes."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

import pytest

from botocore_redirect.testing.server.gateway import Gateway, Received, Redirect
from unit.testing.http_requests import ask, connect, read_head, talk
from unit.testing.server.gateway.echo import NOBODY


def test_connections_are_numbered_in_order(gateway: Gateway) -> None:
    first, second = connect(gateway), connect(gateway)
    for connection in (first, second, first):
        connection.request("GET", "/")
        connection.getresponse().read()
    assert [r.connection for r in gateway.received] == [1, 2, 1]
    assert gateway.connections == 2
    first.close()
    second.close()


class SurprisingError(BaseException):
    """Like the exceptions of pytest.fail: no Exception."""


@pytest.mark.parametrize("kind", [ZeroDivisionError, SurprisingError])
def test_an_error_in_a_rule_is_a_500_and_is_raised_on_close(
    upstream: str, kind: type[BaseException]
) -> None:
    def broken(_: Received) -> Redirect:
        raise kind("broken rule")

    server = Gateway(upstream, rule=broken).start()
    response, body = ask(server, "PUT", "/", b"body")
    assert response.status == 500
    assert b"broken rule" in body
    assert not server.received[0].redirected
    with pytest.raises(kind, match="broken rule"):
        server.close()
    server.close()


def test_close_closes_idle_connections_at_once(upstream: str) -> None:
    with Gateway(upstream) as server:
        idle = [talk(server) for _ in range(5)]
        idle[0].sendall(b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        read_head(idle[0])
        idle[1].sendall(b"PUT /half HTTP/1.1\r\nContent-Length: 9\r\n\r\nab")
        began = time.monotonic()
    assert time.monotonic() - began < 30
    for sock in idle:
        with sock, suppress(ConnectionResetError):  # an end, too
            while sock.recv(4096):
                pass
    with pytest.raises(ConnectionRefusedError):
        talk(server)


def test_close_does_not_wait_for_a_silent_upstream() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with Gateway(f"http://127.0.0.1:{silent.getsockname()[1]}") as server:
            client = talk(server)
            client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            accepted, _ = silent.accept()
            assert accepted.recv(1) == b"G"
            began = time.monotonic()
        assert time.monotonic() - began < 30  # the upstream has a minute
        accepted.close()
        client.close()


def test_a_client_that_goes_away_is_not_an_error(gateway: Gateway) -> None:
    with talk(gateway) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # RST
        sock.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab")
    gateway.close()


def test_it_writes_nothing_to_stderr(gateway: Gateway, capfd: pytest.CaptureFixture[str]) -> None:
    ask(gateway, "GET", "/")
    with talk(gateway) as sock:
        sock.sendall(b"nonsense\r\n\r\n")
        sock.recv(4096)
    gateway.close()
    assert capfd.readouterr() == ("", "")


def test_wrong_use_is_an_error_that_says_what_to_write() -> None:
    with pytest.raises(ValueError, match=r"http://h/path.*http://HOST:PORT"):
        Gateway("http://h/path")
    with pytest.raises(ValueError, match="'soon'"):
        Gateway(NOBODY, expect="soon")  # type: ignore[arg-type]  # the error is the test
    server = Gateway(NOBODY)
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = server.url
    with server, pytest.raises(RuntimeError, match="was started before"):
        server.start()
