"""The store in a process of its own, run by any Python that has moto."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

_START = 60.0
_END = 10.0
# Not -m, which imports a queue.py or moto.py of the current folder, nor -P, which 3.11 brought.
_CODE = """\
import sys
sys.path[:] = filter(None, sys.path)
from botocore_redirect.testing.__main__ import main
sys.exit(main())
"""


class StoreProcess:
    """Run `PYTHON -m botocore_redirect.testing` while the context lasts; `url` is its address.

    Nothing is imported from the current folder, unless PYTHONPATH names it.

    `python` is the interpreter of an environment that holds this package and moto (this one's by
    default), `env` its whole environment (this process's by default). The child ends with its
    parent in any case.
    """

    url: str
    _child: subprocess.Popen[str]

    def __init__(
        self,
        python: str | os.PathLike[str] = sys.executable,
        *,
        env: Mapping[str, str] | None = None,
        timeout: float = _START,
    ) -> None:
        self.python = os.fspath(python)
        self._env = env
        self._timeout = timeout

    def __enter__(self) -> Self:
        # A file, not a pipe: nobody has to empty it while the child serves.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as stderr:
            try:
                self._child = subprocess.Popen(  # noqa: S603 - the caller's own interpreter
                    [self.python, "-c", _CODE],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    env=self._env,
                    text=True,
                )
            except OSError as error:
                raise RuntimeError(f"The store's Python could not be started: {error}.") from error
            line = self._first_line(self._child)
            if line.startswith("http://"):
                self.url = line
                return self
            self._child.kill()
            self._end()
            stderr.seek(0)
            said = stderr.read().strip() or "nothing"
        raise RuntimeError(
            f"`{self.python} -m botocore_redirect.testing` gave {line!r} within "
            f"{self._timeout:g} s, not the URL of a store. Its stderr: {said}"
        )

    def _first_line(self, child: subprocess.Popen[str]) -> str:
        """Read with a bound: a pipe has no timeout of its own on every platform."""
        assert child.stdout is not None  # noqa: S101 - for the type checker
        lines: queue.Queue[str] = queue.Queue()

        def read(stream: IO[str]) -> None:
            lines.put(stream.readline().strip())

        reader = threading.Thread(target=read, args=(child.stdout,), daemon=True)
        reader.start()
        try:
            return lines.get(timeout=self._timeout)
        except queue.Empty:
            return ""

    def _end(self) -> None:
        try:
            self._child.communicate(timeout=_END)  # closes its stdin: the sign to end
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.communicate()

    def __exit__(self, *_: object) -> None:
        self._end()
