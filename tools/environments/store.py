"""The store of all cells: moto's server, in an environment of its own, once per run of nox."""

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
_SERVER = "botocore_redirect.testing.stores.serve"
_SECONDS = 120
_started: list[str] = []


def open_run() -> bool:
    """Prepare to share one store between the processes of `nox -j`; call it when nox starts.

    Returns whether this is the first process, and not a session's own. The first process listens on
    a port and never answers. A store that is connected to it ends when that process ends, however
    that happens.
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
    """Start the store, or find the one of this run; return its URL. It ends with the run."""
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
            # Not this session's stderr: nox would wait until the server has closed it.
            url = _serve(session, lifeline.fileno(), subprocess.DEVNULL)
            file.write(f"{url}\n")
    except BaseException:
        Path(path).unlink()  # tells those that wait for it to stop
        raise
    return url


def _wait_for(session: nox.Session, path: Path) -> str:
    deadline = time.monotonic() + _SECONDS
    while not (url := _read(path)).endswith("\n"):
        if not path.exists() or time.monotonic() > deadline:
            session.error("The store did not start: see the output of the session that started it")
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
    python = install.find_program(session, environment, "python")
    server = subprocess.Popen(  # noqa: S603 - the arguments are ours
        [python, "-m", _SERVER],
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
        session.error(f"The store did not start: run `{python} -m {_SERVER}`")
    return url


def _stop(server: subprocess.Popen[str]) -> None:
    try:
        server.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
