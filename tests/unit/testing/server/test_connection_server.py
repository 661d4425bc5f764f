"""The server below a gateway: errors of its threads, and how it closes."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from botocore_redirect.testing import Gateway, Received
from botocore_redirect.testing.server import connection_server
from botocore_redirect.testing.server.connection_server import ConnectionServer

NOBODY = "http://127.0.0.1:1"


def test_an_error_in_the_thread_of_a_connection_is_raised_on_close() -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError("no handler")

    server = ConnectionServer(broken)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        assert sock.recv(1) == b""
    with pytest.raises(ZeroDivisionError, match="no handler"):
        server.close()


def test_several_errors_are_raised_as_one_and_equal_ones_once() -> None:
    server = ConnectionServer(lambda *_: None)
    server.start()
    server.failures += [KeyError("one"), KeyError("one"), IndexError("two")]
    with pytest.raises(RuntimeError, match=r"2 errors .*: KeyError\('one'\); IndexError\('two'\)$"):
        server.close()
    again = ConnectionServer(lambda *_: None)
    again.start()
    again.failures += [KeyError("one"), KeyError("one")]
    with pytest.raises(KeyError, match="one"):
        again.close()


def test_a_closed_server_opens_no_connection_to_its_upstream() -> None:
    server = ConnectionServer(lambda *_: None)
    server.start()
    server.close()
    with socket.socket() as sock:
        watch = server.watch(sock)
        with pytest.raises(ConnectionAbortedError, match="being closed"):
            watch.__enter__()


def test_a_rule_that_blocks_is_an_error_on_close(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def rule(_: Received) -> None:
        asked.set()
        go_on.wait()

    monkeypatch.setattr(connection_server, "_CLOSE_TIMEOUT", 0.1)
    gateway = Gateway(NOBODY, rule=rule).start()
    try:
        with socket.create_connection(("127.0.0.1", int(gateway.url.rpartition(":")[2]))) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            asked.wait()
            with pytest.raises(RuntimeError, match=r"1 connections .* does a rule block\?"):
                gateway.close()
    finally:
        go_on.set()
