"""The ways to start the workers of quadrants: forked, as new interpreters, or patched first."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from os import environ, pathsep
from pathlib import Path

from botocore_redirect.testing.quadrants import fork_client, fork_server, patched_interpreter
from botocore_redirect.testing.quadrants.fork_server import Settings

FORK, FRESH = "fork", "fresh"
CAN_FORK = sys.platform == "linux"
_SECONDS = 10.0


class Launcher:
    """Start a new interpreter for each worker."""

    @property
    def description(self) -> str:
        """What pytest's header calls the workers."""
        return "new interpreters"

    @property
    def inherits_baseline(self) -> bool:
        """Whether workers inherit the baseline of the guards from the process that forks them."""
        return False

    def start(self, _count: int) -> str:
        """Prepare for so many workers; return the command line for execnet's `python=`.

        "" stands for the usual interpreter.
        """
        return ""

    def stop(self) -> None:
        """Stop what `start` has started."""


class PatchFirstLauncher(Launcher):
    """Start interpreters that install the patch before anything of botocore is imported."""

    def __init__(self, subject: str) -> None:
        self._subject = subject

    @property
    def description(self) -> str:
        return f"new interpreters that first install {self._subject}"

    def start(self, _count: int) -> str:
        return shlex.join([sys.executable, "-m", patched_interpreter.__name__, self._subject])


class ForkLauncher(Launcher):
    """Fork workers from a server; if it holds what they must not inherit, start interpreters."""

    def __init__(self, preload: list[str], subject: str, *, required: bool = False) -> None:
        self._settings = Settings([*filter(None, sys.path)], preload, subject)
        self._required = required
        self._folder = ""
        self._server: subprocess.Popen[str] | None = None
        self._problem = ""

    @property
    def description(self) -> str:
        why = f" ({self._problem})" if self._problem else ""
        return "forked" if self._server else f"{super().description}{why}"

    @property
    def inherits_baseline(self) -> bool:
        return self._server is not None  # it made one to prove that it is neutral

    def start(self, count: int) -> str:
        """Start the server for two or more workers; raise `NotNeutral` if a required one fails."""
        if count == 1 and not self._required:  # the server costs more than a new interpreter
            return super().start(count)
        self._folder = tempfile.mkdtemp(prefix="quadrants-")
        address = str(Path(self._folder, "socket"))
        self._server = subprocess.Popen(  # noqa: S603 - this interpreter
            [sys.executable, "-m", fork_server.__name__, address],
            env={**environ, "PYTHONPATH": pathsep.join(self._settings.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._server.stdin  # noqa: S101 - for the type checker
        assert self._server.stdout  # noqa: S101 - the same
        self._server.stdin.write(json.dumps(asdict(self._settings)) + "\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        if answer == "\n":
            return shlex.join([sys.executable, "-IS", fork_client.__file__, address])
        self._problem = answer.strip() or "the server that forks them ended"
        self.stop()
        if self._required:
            raise fork_server.NotNeutral(f"Workers cannot be forked: {self._problem}.")
        return super().start(count)

    def stop(self) -> None:
        """Stop the server and its children."""
        if self._server:
            try:
                self._server.communicate(timeout=_SECONDS)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.communicate()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._server = None
