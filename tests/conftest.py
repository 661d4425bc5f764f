"""What holds for all tests: one process for each quadrant, and never the cloud."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from botocore_redirect.testing.sandbox import Refusal, aws_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

# The quadrants of tests/matrix: a process for each file, and the guards that prove what it is.
pytest_plugins = ["botocore_redirect.testing.plugin"]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Answer `-n auto`: no more workers than files."""
    files = {file for argument in config.args for file in _test_files(argument)}
    return max(1, min(len(files), os.cpu_count() or 1))


@pytest.fixture(scope="session", autouse=True)
def sandbox() -> Iterator[list[Refusal]]:
    """Never the cloud, in no test."""
    with aws_sandbox() as refused:
        yield refused


@pytest.fixture(autouse=True)
def _nothing_left_this_machine(sandbox: list[Refusal]) -> Iterator[None]:
    """Fail the test that tried, though something swallowed the error."""
    sandbox.clear()
    yield
    assert not sandbox, "\n".join(map(str, sandbox))


def _test_files(argument: str) -> list[Path]:
    path = Path(argument.partition("::")[0]).resolve()
    return sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
