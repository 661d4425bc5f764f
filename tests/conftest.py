"""How many processes a run needs: one for each file, as a patch cannot be un-imported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_QUADRANTS = Path(__file__).parent / "matrix"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Answer `-n auto`: with `--dist loadfile`, as many workers as files share none."""
    files = {file for argument in config.args for file in _test_files(argument)}
    if any(_QUADRANTS in file.parents for file in files):
        return len(files)
    return max(1, min(len(files), os.cpu_count() or 1))


def _test_files(argument: str) -> list[Path]:
    path = Path(argument.partition("::")[0]).resolve()
    return sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
