"""The store that the cells of a run share: started once, and found by the others."""

from __future__ import annotations

import atexit
import io
import os
import socket
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import nox
import pytest
from tools.environments import install, store

URL = "http://127.0.0.1:4711"


class SessionError(Exception):
    """What a session of nox ends in."""


class Session:
    """As much of a nox session as starts a store."""

    bin = "bin"

    def __init__(self, *, parallel: bool = False) -> None:
        self.parallel = parallel

    def error(self, message: str) -> NoReturn:
        raise SessionError(message)


def start(*, parallel: bool = False) -> str:
    return store.start(cast("nox.Session", Session(parallel=parallel)))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the servers say, one after the other, as they are started."""
    lines: list[str] = []

    def server(*_: object, **__: object) -> Any:
        return SimpleNamespace(stdout=io.StringIO(lines.pop(0)), kill=lambda: None)

    monkeypatch.setattr(subprocess, "Popen", server)
    monkeypatch.setattr(install, "create", lambda *_: None)
    monkeypatch.setattr(install, "install", lambda *_: None)
    monkeypatch.setattr(store, "_started", [])
    monkeypatch.setattr(atexit, "register", lambda *_, **__: None)
    return lines


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A run of `nox -j`: its port, and the file in which the store's address is to be."""
    with socket.create_server(("127.0.0.1", 0)) as lifeline:
        url = tmp_path / "store.url"
        monkeypatch.setenv("REDIRECT_MATRIX_RUN", f"{lifeline.getsockname()[1]}:{url}")
        yield url


def test_a_store_is_started_once_for_all_sessions_of_a_process(said: list[str]) -> None:
    said += [f"{URL}\n"]
    assert (start(), start()) == (URL, URL)


def test_a_store_that_ends_without_an_address_is_an_error_with_the_command(said: list[str]) -> None:
    said += [""]
    with pytest.raises(SessionError, match=r"did not start: run `.*python -m botocore_redirect\."):
        start()


@pytest.mark.skipif(os.name == "nt", reason="there each session has its own")
def test_parallel_sessions_share_the_store_that_the_first_one_starts(
    said: list[str], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said += [f"{URL}\n"]
    assert start(parallel=True) == URL
    assert run.read_text() == f"{URL}\n"
    monkeypatch.setattr(store, "_started", [])  # as in the process of another session
    assert start(parallel=True) == URL
    assert said == []


@pytest.mark.skipif(os.name == "nt", reason="there each session has its own")
def test_sessions_that_wait_for_a_store_fail_at_once_if_it_does_not_start(
    said: list[str], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said += [""]
    with pytest.raises(SessionError):
        start(parallel=True)
    assert not run.exists()
    run.write_text("")  # by a session that then gave up
    monkeypatch.setattr(store, "_read", lambda path: path.unlink() or "")
    with pytest.raises(SessionError, match="see the output of the session that started it"):
        start(parallel=True)


def test_only_the_process_that_begins_a_run_opens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    at_the_end: list[Any] = []
    monkeypatch.setattr(
        atexit, "register", lambda *end, **how: at_the_end.append(partial(*end, **how))
    )
    monkeypatch.setenv("REDIRECT_MATRIX_RUN", "")  # so that it is taken back afterwards
    del os.environ["REDIRECT_MATRIX_RUN"]
    assert store.open_run()
    port, _, url = os.environ["REDIRECT_MATRIX_RUN"].partition(":")
    socket.create_connection(("127.0.0.1", int(port))).close()
    assert not Path(url).exists()
    assert not store.open_run()
    for end in at_the_end:
        end()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)))


def test_a_server_that_does_not_end_is_killed() -> None:
    calls: list[str] = []

    def communicate(timeout: float) -> None:
        raise subprocess.TimeoutExpired("server", timeout)

    deaf: Any = SimpleNamespace(
        communicate=communicate,
        kill=lambda: calls.append("kill"),
        wait=lambda: calls.append("wait"),
    )
    store._stop(deaf)
    assert calls == ["kill", "wait"]
