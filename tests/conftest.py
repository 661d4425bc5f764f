"""What holds for all tests: one process for each quadrant, and never the cloud."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from botocore_redirect.testing import RefusedCall

# The quadrants of tests/matrix: a process for each file, and the guards that prove what it is.
pytest_plugins = ["botocore_redirect.testing.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--aiobotocore",
        choices=["aiohttp", "httpx"],
        help="run the tests over sockets with clients of aiobotocore, and this HTTP back end",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "boto3_alone(reason): it is about what clients of aiobotocore have not"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--aiobotocore"):
        for item in items:
            for marker in item.iter_markers("boto3_alone"):
                item.add_marker(pytest.mark.skip(reason=marker.args[0]))


@pytest.fixture(scope="session")
def aiobotocore(pytestconfig: pytest.Config) -> str | None:
    """The HTTP back end of aiobotocore, if its clients are to be tested."""
    backend: str | None = pytestconfig.getoption("--aiobotocore")
    return backend


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Answer `-n auto`: no more workers than files."""
    files = {file for argument in config.args for file in _test_files(argument)}
    return max(1, min(len(files), os.cpu_count() or 1))


@pytest.fixture(scope="session", autouse=True)
def _never_the_cloud(aws_sandbox: list[RefusedCall]) -> None:
    """Keep every test off the cloud; one that tried fails, though something swallowed the error."""


def _test_files(argument: str) -> list[Path]:
    path = Path(argument.partition("::")[0]).resolve()
    return sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
