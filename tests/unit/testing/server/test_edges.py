"""What the testing kit does where things end in an unusual way, or were never begun."""

from __future__ import annotations

import io
import socket
import sys
import threading
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from botocore_redirect.testing import (
    SAME,
    Gateway,
    MotoStore,
    Received,
    Redirect,
    StoreProcess,
)
from botocore_redirect.testing.server import connection_server
from botocore_redirect.testing.server.connection_server import ConnectionServer
from botocore_redirect.testing.server.request_body import read_body
from botocore_redirect.testing.stores import store_process

NOBODY = "http://127.0.0.1:1"


def test_a_store_has_no_url_before_it_is_started() -> None:
    with pytest.raises(RuntimeError, match="use `with MotoStore"):
        MotoStore().url  # noqa: B018 - to read it is the test


@pytest.mark.skipif(sys.platform == "win32", reason="the interpreter is a shell script")
def test_a_store_process_that_does_not_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = tmp_path / "python"
    deaf.write_text("#!/bin/sh\necho http://127.0.0.1:1\nexec sleep 600\n")
    deaf.chmod(0o755)
    monkeypatch.setattr(store_process, "_END_TIMEOUT", 0.1)
    with StoreProcess(deaf) as process:
        child = process._child
    assert child.returncode == -9


def test_a_chunked_body_may_end_in_several_trailers() -> None:
    headers = Message()
    headers["Transfer-Encoding"] = "chunked"
    sent = b"3\r\nabc\r\n0\r\nOne: 1\r\nTwo: 2\r\n\r\n"
    body = read_body(io.BufferedReader(io.BytesIO(sent + b"next request")), headers)
    assert (body.data, body.wire_bytes) == (b"abc", len(sent))


def test_a_rule_says_same_in_a_word() -> None:
    assert "location=SAME" in repr(Redirect(307, SAME))


def test_a_failure_of_a_connections_own_thread_is_raised_at_the_end() -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError("no handler")

    serving = ConnectionServer(broken)
    serving.start()
    with socket.create_connection(("127.0.0.1", serving.port)) as sock:
        assert sock.recv(1) == b""
    with pytest.raises(ZeroDivisionError, match="no handler"):
        serving.close()


def test_all_that_went_wrong_is_said_at_the_end_and_nothing_twice() -> None:
    serving = ConnectionServer(lambda *_: None)
    serving.start()
    serving.failures += [KeyError("one"), KeyError("one"), IndexError("two")]
    with pytest.raises(RuntimeError, match=r"2 errors .*: KeyError\('one'\); IndexError\('two'\)$"):
        serving.close()
    again = ConnectionServer(lambda *_: None)
    again.start()
    again.failures += [KeyError("one"), KeyError("one")]
    with pytest.raises(KeyError, match="one"):
        again.close()


def test_a_server_that_has_ended_takes_up_no_connection_to_its_upstream() -> None:
    serving = ConnectionServer(lambda *_: None)
    serving.start()
    serving.close()
    with socket.socket() as sock:
        watch = serving.watch(sock)
        with pytest.raises(ConnectionAbortedError, match="being closed"):
            watch.__enter__()


def test_a_rule_that_blocks_is_suspected_by_name_when_the_gateway_closes(
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
