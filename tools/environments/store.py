"""The store that all cells talk to: moto's server, in an environment of its own, once per run."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

import nox

from tools.environments import install
from tools.environments.cells import LOCKS, PYTHON

LOCK = LOCKS / "store.txt"
_RUN = "REDIRECT_MATRIX_RUN"
_SECONDS = 120
_started: list[str] = []


def open_run() -> bool:
    """Let sessions that run at the same time share one store; call it when nox begins.

    Give whether this process is the one that begins, and not one of those that `nox -j` starts.

    `nox -j` gives each session a process of its own. The process that started them all listens on
    a port and never answers: whoever is connected to it is cut off when it ends, however it ends.
    """
    if _RUN in os.environ:
        return False
    lifeline = socket.create_server(("127.0.0.1", 0), backlog=4)
    url = Path(tempfile.gettempdir()) / f"botocore-redirect-{os.getpid()}-{time.time_ns()}.url"
    atexit.register(url.unlink, missing_ok=True)
    atexit.register(lifeline.close)
    os.environ[_RUN] = f"{lifeline.getsockname()[1]}:{url}"
    return True


def start(session: nox.Session) -> str:
    """Start the store, or find the one of this run; give its URL. It ends with the run."""
    if not _started:
        # Windows has no way to make a socket the standard input of a process.
        shared = session.parallel and os.name != "nt"
        _started.append(_shared(session) if shared else _serve(session, subprocess.PIPE))
    return _started[0]


def _shared(session: nox.Session) -> str:
    port, _, path = os.environ[_RUN].partition(":")
    try:
        file = Path(path).open("x", encoding="utf-8")  # noqa: SIM115 - closed by the `with` below
    except FileExistsError:
        return _wait_for(session, Path(path))
    try:
        with file, socket.create_connection(("127.0.0.1", int(port))) as lifeline:
            # Not the pipe that nox reads this session's output from: it would wait for its end.
            url = _serve(session, lifeline.fileno(), subprocess.DEVNULL)
            file.write(f"{url}\n")
    except BaseException:
        Path(path).unlink()  # who waits for it need not wait longer
        raise
    return url


def _wait_for(session: nox.Session, path: Path) -> str:
    deadline = time.monotonic() + _SECONDS
    while not (url := _read(path)).endswith("\n"):
        if not path.exists() or time.monotonic() > deadline:
            session.error("The store did not start: see the session that was to start it")
        time.sleep(0.05)
    return url.strip()


def _read(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text("utf-8")
    return ""


def _serve(session: nox.Session, stdin: int, stderr: int | IO[str] | None = None) -> str:
    """Run the server until its standard input ends."""
    environment = install.BUILT / "store"
    install.create(session, environment, PYTHON)
    install.install(session, environment, LOCK)
    python = install.program(session, environment, "python")
    server = subprocess.Popen(  # noqa: S603 - the arguments are ours
        [python, "-m", "botocore_redirect.testing"],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},  # 3 MB for each account
        text=True,
    )
    if stdin == subprocess.PIPE:
        atexit.register(_stop, server)
    assert server.stdout  # noqa: S101 - for the type checker: it is a pipe
    deadline = threading.Timer(60, server.kill)
    deadline.start()
    url = server.stdout.readline().strip()
    deadline.cancel()
    if not url:
        session.error(f"The store did not start: `{python} -m botocore_redirect.testing` ended")
    return url


def _stop(server: subprocess.Popen[str]) -> None:
    try:
        server.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
