"""One baseline for all workers that are new interpreters: the controller makes it, they read it.

Forked workers inherit that of the server that forks them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Callable

import pytest

from botocore_redirect.testing.guards import baseline

_KEY = "botocore_redirect_baseline"


class SharedBaseline:
    """A plugin of pytest that hands the baseline to the workers of pytest-xdist that need it."""

    def __init__(self, is_needed: Callable[[Any], bool]) -> None:
        self._is_needed = is_needed
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """In a worker, take what the controller made."""
        file = getattr(config, "workerinput", {}).get(_KEY)
        if file and Path(file).exists():
            baseline.use(Path(file))

    # The last: by now it is known what the worker is for.
    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_configure_node(self, node: Any) -> None:
        """In the controller, make it before the first worker that needs it."""
        if not self._is_needed(node):
            return
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="botocore-baseline-")
            baseline.write(Path(self._folder.name) / "baseline.json")
        node.workerinput[_KEY] = str(Path(self._folder.name) / "baseline.json")

    def pytest_unconfigure(self) -> None:
        """Delete it."""
        if self._folder is not None:
            self._folder.cleanup()
