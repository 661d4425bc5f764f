"""A store behind gateways, on a moto that the tests of a file share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from botocore_redirect.testing import (
    MotoStore,
    RedirectingStore,
)

SESSION = boto3.session.Session()


@pytest.fixture(scope="module")
def backend() -> Iterator[str]:
    with MotoStore() as moto:
        yield moto.url


@pytest.fixture
def store(backend: str, request: pytest.FixtureRequest) -> Iterator[RedirectingStore]:
    with RedirectingStore(backend, **getattr(request, "param", {})) as redirecting:
        yield redirecting


@pytest.fixture
def bucket(store: RedirectingStore) -> str:
    name = f"bucket-{store.account}"
    store.inspector.create_bucket(name)
    return name


@pytest.fixture
def s3(store: RedirectingStore) -> Any:
    return SESSION.client(
        "s3",
        endpoint_url=store.url,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(retries={"max_attempts": 0}),
    )
