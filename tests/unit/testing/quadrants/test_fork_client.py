"""The client of the fork server: what it hands over, and how it ends."""

from __future__ import annotations

import json
import os
import runpy
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from botocore_redirect.testing.quadrants import fork_client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")


class Server(Thread):
    """A server that takes one request, and answers what it is told to."""

    def __init__(self, address: str, answer: bytes) -> None:
        super().__init__()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(address)
        self.listener.listen()
        self.answer = answer
        self.descriptors: list[int] = []
        self.request: dict[str, Any] = {}

    def run(self) -> None:
        client, _ = self.listener.accept()
        with client, self.listener:
            self.descriptors = [*socket.recv_fds(client, 1, 3)[1]]
            self.request = json.loads(client.makefile().readline())
            client.sendall(self.answer)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process is to be interrupted
    with tempfile.TemporaryDirectory() as folder:  # that of pytest may be too long for a socket
        yield str(Path(folder, "socket"))


@pytest.mark.parametrize(("answer", "status"), [(b"0\n", 0), (b"7\n", 7), (b"-9\n", 137), (b"", 1)])
def test_a_client_hands_over_what_an_interpreter_has_and_ends_as_the_child_does(
    address: str, monkeypatch: pytest.MonkeyPatch, answer: bytes, status: int
) -> None:
    server = Server(address, answer)
    server.start()
    monkeypatch.setattr(sys, "argv", [fork_client.__file__, address, "-c", "code"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(fork_client.__file__, run_name="__main__")
    assert ended.value.code == status
    server.join()
    assert server.request == {
        "arguments": ["-c", "code"],
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
    }
    same = [os.path.sameopenfile(*pair) for pair in zip(server.descriptors, range(3))]
    assert same == [True] * 3
    for descriptor in server.descriptors:
        os.close(descriptor)
