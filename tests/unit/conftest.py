"""What the tests of decisions and of the life cycle share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

import boto3
import pytest

import botocore_redirect

Follow = Callable[..., Any]


@pytest.fixture(scope="session")
def session() -> Any:
    """One session for all clients of a process: each new one parses 60 ms of JSON."""
    return boto3.session.Session(
        region_name="us-east-1", aws_access_key_id="user", aws_secret_access_key="secret"
    )


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Make a client follow redirects until the test ends: others look at what is replaced."""
    followed = []

    def start(client: Any, policy: Any = None) -> Any:
        followed.append(client)
        return botocore_redirect.follow(client, policy)

    yield start
    for client in followed:
        botocore_redirect.unfollow(client)
