"""A `MotoStore` in a process of its own, run by any Python that has moto."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

_START_TIMEOUT = 60.0
_END_TIMEOUT = 10.0
# -m would import a moto.py of the current folder, and -P came with Python 3.11.
_CODE = """\
import sys
sys.path[:] = filter(None, sys.path)
from botocore_redirect.testing.stores.serve import main
sys.exit(main())
"""


class StoreProcess:
    """Run a `MotoStore` in a child process; use it as a context manager and connect to `url`.

    `python` is the interpreter of an environment that has this package and moto (by default this
    one), `env` are all environment variables of the child (by default those of this process). The
    child imports nothing from the current folder, unless PYTHONPATH names it. It ends with its
    parent, even if the parent is killed.
    """

    url: str
    _child: subprocess.Popen[str]

    def __init__(
        self,
        python: str | os.PathLike[str] = sys.executable,
        *,
        env: Mapping[str, str] | None = None,
        timeout: float = _START_TIMEOUT,
    ) -> None:
        self.python = os.fspath(python)
        self._env = env
        self._timeout = timeout

    def __enter__(self) -> Self:
        # A file: a pipe would have to be read while the child serves.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as stderr:
            try:
                self._child = subprocess.Popen(  # noqa: S603 - an interpreter that the caller chose
                    [self.python, "-c", _CODE],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    env=self._env,
                    text=True,
                )
            except OSError as error:
                raise RuntimeError(f"The store's Python could not be started: {error}.") from error
            line = self._first_line()
            if line.startswith("http://"):
                self.url = line
                return self
            self._child.kill()
            self._end()
            stderr.seek(0)
            output = stderr.read().strip() or "nothing"
        raise RuntimeError(
            f"`{self.python} -m botocore_redirect.testing.stores.serve` printed {line!r} within"
            f" {self._timeout:g} s, not the URL of a store. Its stderr: {output}"
        )

    def _first_line(self) -> str:
        """Read the first line; "" if the child ends, or takes longer than the timeout."""
        assert self._child.stdout is not None  # noqa: S101 - for the type checker
        killer = threading.Timer(self._timeout, self._child.kill)  # reading has no timeout
        killer.start()
        try:
            return self._child.stdout.readline().strip()
        finally:
            killer.cancel()

    def _end(self) -> None:
        try:
            self._child.communicate(timeout=_END_TIMEOUT)  # closes its stdin, so it ends
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.communicate()

    def __exit__(self, *_: object) -> None:
        self._end()
