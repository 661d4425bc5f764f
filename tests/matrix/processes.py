"""A process for each run: forked from a warm parent, or a new interpreter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Callable, Protocol

import pytest

HOME = Path(__file__).parents[1]
_PATIENCE = 5.0


class Process(Protocol):
    """What is common to both kinds: a process that can be looked after, and ended."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; None while it runs."""

    def wait(self) -> int:
        """Wait for the end, and return the exit status."""


Start = Callable[[list[str], Mapping[str, str], IO[bytes]], Process]


def fresh(
    arguments: list[str],
    variables: Mapping[str, str],
    output: IO[bytes],
    program: Sequence[str] = ("pytest",),
) -> Process:
    """Run pytest in a new interpreter: the ground truth, as nothing was imported before."""
    path = os.pathsep.join(filter(None, [str(HOME), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-m", *program, *arguments],
        env={**os.environ, **variables, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


class _Forked:
    """A child of this very process, with the interface of `Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        return self._reap(os.WNOHANG)

    def wait(self) -> int:
        status = self._reap(0)
        assert status is not None
        return status

    def _reap(self, options: int) -> int | None:
        if self._status is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                killed = os.WIFSIGNALED(status)
                self._status = -os.WTERMSIG(status) if killed else os.WEXITSTATUS(status)
        return self._status


def forked(arguments: list[str], variables: Mapping[str, str], output: IO[bytes]) -> Process:
    """Run pytest in a fork of this process, which inherits what this one has imported."""
    expect_a_single_thread()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return _Forked(pid)
    status: int = pytest.ExitCode.INTERNAL_ERROR
    try:
        os.setsid()
        with Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.environ.update(variables)
        status = int(pytest.main(arguments))
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - a child must never go on with the work of its parent
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def expect_a_single_thread() -> None:
    """Raise if this process has a second thread: a fork would leave its locks locked for ever."""
    deadline = time.monotonic() + _PATIENCE
    # A thread that was joined may need a moment more to be gone.
    while (count := _threads()) > 1:
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"The process that forks the quadrants has {count} threads "
                f"({', '.join(thread.name for thread in threading.enumerate())}); it must have one."
                " Run with --isolation fresh."
            )
        time.sleep(0.001)


def _threads() -> int:
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir())
    except OSError:
        return threading.active_count()


def kill(process: Process) -> None:
    """End a process and its descendants, and wait until it is gone."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                # It made a session of its own: at once, or in a moment.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                os.kill(process.pid, signal.SIGKILL)
            else:
                os.kill(process.pid, signal.SIGTERM)  # on Windows this is TerminateProcess
    process.wait()
