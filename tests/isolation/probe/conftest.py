"""A store to ask, and the probe."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from botocore_redirect.testing import (
    MotoStore,
    RedirectingStore,
)
from isolation.probe.asking import BUCKET, Captured, Probe


@pytest.fixture(scope="module")
def backend() -> Iterator[str]:
    with MotoStore() as store:
        yield store.url


@pytest.fixture
def store(backend: str) -> Iterator[RedirectingStore]:
    with RedirectingStore(backend) as store:
        store.inspector.create_bucket(BUCKET)
        yield store


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BOTOCORE_REDIRECT")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.fixture
def probe(capsys: Captured) -> Probe:
    return Probe(capsys)
