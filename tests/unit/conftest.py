"""What the tests of decisions and of the life cycle share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from botocore_redirect.testing.sandbox import Refusal, aws_sandbox


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


@pytest.fixture(scope="session")
def session() -> Any:
    """One session for all clients of a process: each new one parses 60 ms of JSON."""
    return boto3.session.Session(
        region_name="us-east-1", aws_access_key_id="user", aws_secret_access_key="secret"
    )
