"""Build environments: the wheel, what a lock says, and the server that all cells share."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import threading
import zipfile
from pathlib import Path
from typing import Callable, TypeVar

import nox

from tools.cells import LOCKS, PYTHON

BUILT = Path(".nox")
_T = TypeVar("_T")


def _once(step: Callable[[nox.Session], _T]) -> Callable[[nox.Session], _T]:
    """Run a step in the first session that needs it, and keep its result for the others."""
    results: list[_T] = []

    @functools.wraps(step)
    def run(session: nox.Session) -> _T:
        if not results:
            results.append(step(session))
        return results[0]

    return run


def sync(session: nox.Session, environment: Path, lock: Path) -> None:
    """Bring an environment to exactly what the lock says, checking every hash."""
    session.run_install(
        "uv",
        "pip",
        "sync",
        "--require-hashes",
        f"--python={environment}",
        str(lock),
        silent=True,
    )


def install(session: nox.Session, environment: Path, lock: Path) -> None:
    """Bring an environment to exactly what the lock says, and the wheel of this project."""
    wheel = build_wheel(session)
    sync(session, environment, lock)
    session.run_install(
        "uv",
        "pip",
        "install",
        "--no-deps",
        "--reinstall-package=botocore-redirect",
        f"--python={environment}",
        str(wheel),
        silent=True,
    )


def create(session: nox.Session, environment: Path) -> None:
    """Create an environment beside the session's own; what one holds already is kept."""
    session.run_install(
        "uv", "venv", "--allow-existing", f"--python={PYTHON}", str(environment), silent=True
    )


@_once
def build_wheel(session: nox.Session) -> Path:
    """Build the wheel that all environments get, and refuse one with a stray file in it."""
    folder = BUILT / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    session.run_install("uv", "build", "--wheel", f"--out-dir={folder}", silent=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    package, version = wheel.name.split("-")[:2]
    stray = [
        n for n in names if not n.startswith((f"{package}/", f"{package}-{version}.dist-info/"))
    ]
    if package != "botocore_redirect" or stray:
        session.error(f"{wheel.name} may hold botocore_redirect alone, but has {', '.join(stray)}")
    return wheel


@_once
def start_store(session: nox.Session) -> str:
    """Start moto's server in an environment of its own, give its URL; it ends with nox."""
    environment = BUILT / "store"
    create(session, environment)
    install(session, environment, LOCKS / "store.txt")
    python = environment / Path(session.bin).name / "python"
    server = subprocess.Popen(  # noqa: S603 - the arguments are ours
        [python, "-m", "botocore_redirect.testing"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
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
    """End the server: it serves for as long as its standard input is open."""
    try:
        server.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
