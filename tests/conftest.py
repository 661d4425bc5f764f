"""How many processes a run needs, and that each quadrant file gets one of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from botocore_redirect.testing.one_file import OneFilePerWorker

if TYPE_CHECKING:
    import pytest

_QUADRANTS = Path(__file__).parent / "matrix"


def pytest_configure(config: pytest.Config) -> None:
    """A patch cannot be un-imported: no two quadrants in a process."""
    config.pluginmanager.register(OneFilePerWorker(_QUADRANTS))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Answer `-n auto`: no more workers than files."""
    files = {file for argument in config.args for file in _test_files(argument)}
    return max(1, min(len(files), os.cpu_count() or 1))


def _test_files(argument: str) -> list[Path]:
    path = Path(argument.partition("::")[0]).resolve()
    return sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
