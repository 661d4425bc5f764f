"""Fork workers of pytest from one process that has imported what all of them need.

    python -m botocore_redirect.testing.quadrants.fork_server SOCKET

reads from its standard input one line, `Settings` as JSON; writes one line, which is empty if it
is ready and else says why it cannot fork; and serves until its standard input is closed.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import io
import json
import os
import select
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore_redirect.testing.guards import subject as subjects
from botocore_redirect.testing.guards.proof import Contaminated, expect_neutral
from botocore_redirect.testing.quadrants.code_runner import run_code

# What quadrants use, as far as it is installed.
_COMMON_MODULES = (
    "boto3",
    "s3transfer.manager",
    "urllib3",
    "botocore_redirect.testing.stores",
    "pytest",
)
_LIFELINE = 0


class NotNeutral(Exception):
    """A child of this process would not be like a new interpreter."""


@dataclass(frozen=True)
class Settings:
    """What the process that starts the server tells it."""

    #: `sys.path`.
    path: list[str]
    #: The modules that a project wants to be imported before the first fork.
    preload: list[str]
    #: The patch under test, which must not be here.
    subject: str


@dataclass(frozen=True)
class Request:
    """What a client wants to be run, and its standard streams."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    descriptors: list[int]

    def run(self) -> None:
        """Run it in this process, which was forked for it."""
        for number, descriptor in enumerate(self.descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - for as long as the process lasts
        sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115 - the same
        sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 - the same
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.environment)
        run_code(self.arguments)


def main(address: str) -> None:
    """Serve; in a forked child, run what its client asked for."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an import prints is no answer
    settings = Settings(**json.loads(sys.stdin.readline()))
    sys.path[:] = settings.path
    with answers:
        try:
            preload(settings)
        except Exception as error:  # noqa: BLE001 - whatever it is, workers can do without the server
            answers.write(f"{' '.join(str(error).split())}\n")
            return
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen()
            answers.write("\n")
            answers.close()
            request = _serve(listener, subjects.parse_subject(settings.subject))
    if request:
        request.run()
    _exit()


def _exit() -> None:
    """Exit as an interpreter does, but skip the teardown of modules, which is slow after a fork."""
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other way
    with contextlib.ExitStack() as steps:  # from the last one to the first, whatever fails
        steps.callback(os._exit, 0)
        steps.callback(sys.stderr.flush)
        steps.callback(sys.stdout.flush)
        steps.callback(atexit._run_exitfuncs)  # noqa: SLF001 - as above


def preload(settings: Settings) -> None:
    """Import what all workers need; raise if they would inherit more than that."""
    for name in _COMMON_MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in settings.preload:
        importlib.import_module(name)
    _preload_pytest()
    try:
        expect_neutral(subjects.parse_subject(settings.subject))
    except Contaminated as error:
        raise NotNeutral(str(error)) from error
    _expect_one_thread()


def expect_no_patch(subject: subjects.Subject, modules: Iterable[str]) -> None:
    """Raise if these modules, which children inherit, are of our patch or of the subject."""
    patches = {subjects.parse_subject(subjects.OURS), subject}
    here = [*modules]
    if held := sorted({name for patch in patches for name in patch.among(here)}):
        raise NotNeutral(f"{', '.join(held)} was imported")


def _expect_one_thread() -> None:
    """Raise if there is another thread, as a child would inherit the locks that it holds."""
    if (count := len(os.listdir("/proc/self/task"))) > 1:  # noqa: PTH208 - it is asked before each fork
        names = ", ".join(thread.name for thread in threading.enumerate())
        raise NotNeutral(f"there are {count} threads ({names})")


def _preload_pytest() -> None:
    """Have pytest import its own plugins and xdist; those of others are for each worker."""
    import pytest  # noqa: PLC0415 - the controller has the rest of this module without it

    with pytest.MonkeyPatch.context() as environment, tempfile.TemporaryDirectory() as empty:
        environment.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
            environment.delenv(name, raising=False)
        # The plugin for what nobody raises collects garbage up to ten times.
        importlib.import_module("_pytest.unraisableexception")
        plugins = ["-pxdist", "-n0", "-pno:cacheprovider", "-pno:unraisableexception"]
        options = [*plugins, f"--rootdir={empty}", "-c", os.devnull]
        with contextlib.redirect_stdout(io.StringIO()):
            pytest.main([*options, empty])


def _serve(listener: socket.socket, subject: subjects.Subject) -> Request | None:
    """Fork a child for each client. In a child: return its request; at the end: None."""
    clients: dict[int, socket.socket] = {}
    with _child_exit_descriptor() as ended:
        while True:
            ready, *_ = select.select([_LIFELINE, listener, ended, *clients.values()], [], [])
            if _LIFELINE in ready:
                for pid in clients:
                    _kill(pid)
                return None
            for pid in [pid for pid, client in clients.items() if client in ready]:
                _kill(pid)  # its client has ended
            if ended in ready:
                os.read(ended, 1024)
                for pid, status in _reap_children():
                    with contextlib.suppress(OSError), clients.pop(pid) as client:
                        client.sendall(b"%d\n" % status)
            if listener in ready and (request := _fork(listener, clients, subject)):
                return request


def _fork(
    listener: socket.socket, clients: dict[int, socket.socket], subject: subjects.Subject
) -> Request | None:
    """Fork a child for the next client, whose request it returns there."""
    client, _ = listener.accept()
    request = _receive(client)
    expect_no_patch(subject, sys.modules)
    _expect_one_thread()
    pid = os.fork()
    if pid:
        clients[pid] = client
        for descriptor in request.descriptors:
            os.close(descriptor)
        return None
    os.setsid()
    for each in (client, listener, *clients.values()):
        each.close()
    return request


@contextlib.contextmanager
def _child_exit_descriptor() -> Iterator[int]:
    """Provide a descriptor that becomes readable when a child has ended."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, before)
        os.close(reading)
        os.close(writing)


def _reap_children() -> Iterator[tuple[int, int]]:
    """Yield the children that have ended, and their status, negative for a signal."""
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found[0], os.waitstatus_to_exitcode(found[1])


def _receive(client: socket.socket) -> Request:
    _, descriptors, *_ = socket.recv_fds(client, 1, 3)
    fields: dict[str, Any] = json.loads(client.makefile().readline())
    return Request(**fields, descriptors=[*descriptors])


def _kill(pid: int) -> None:
    """End a child and its descendants."""
    for kill in (os.killpg, os.kill):  # the child leads a group: by now, or in a moment
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
