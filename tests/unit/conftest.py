"""What the tests of decisions and of the life cycle share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

_MEASURED_ELSEWHERE = {
    *("test_inert_blots", "test_inert_run", "test_kit_page", "test_matrix_processes"),
    *("test_one_file_ides", "test_one_file_table"),
}


@pytest.fixture(scope="module", autouse=True)
def _unmeasured(request: pytest.FixtureRequest) -> Iterator[None]:
    """Spare the processes of some files: coverage takes a third more, and finds no new line."""
    with pytest.MonkeyPatch.context() as patched:
        if request.path.stem in _MEASURED_ELSEWHERE:
            patched.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield


@pytest.fixture(scope="session")
def session() -> Any:
    """One session for all clients of a process: each new one parses 60 ms of JSON."""
    return boto3.session.Session(
        region_name="us-east-1", aws_access_key_id="user", aws_secret_access_key="secret"
    )
