"""What the tests of decisions and of the life cycle share."""

from __future__ import annotations

from typing import Any

import boto3
import pytest


@pytest.fixture(scope="session")
def session() -> Any:
    """One session for all clients of a process: each new one parses 60 ms of JSON."""
    return boto3.session.Session(
        region_name="us-east-1", aws_access_key_id="user", aws_secret_access_key="secret"
    )
