"""A store for each test; the guards see to the rest."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from botocore_redirect.testing import Redirect, RedirectingStore

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["botocore_redirect.testing.plugin", "pytester"]


@pytest.fixture
def store(quadrant: Any) -> Iterator[RedirectingStore]:
    """S3 on this machine; it redirects if the quadrant says so."""
    # 308, because stock botocore takes it for an error like any other, and does so at once.
    with RedirectingStore(redirect=Redirect(308) if quadrant.redirects else None) as store:
        store.inspector.create_bucket("bucket")
        yield store
        store.inspector.forget()


@pytest.fixture
def s3(store: RedirectingStore) -> Any:
    """Return a client of the store."""
    return boto3.client("s3", endpoint_url=store.url)


@pytest.fixture
def calls(s3: Any) -> Any:  # noqa: ARG001 - what making the client does is not counted
    """Return the calls that the patch counts from here on."""
    # Not an import at the top: to collect tests must leave every process unpatched.
    counted = importlib.import_module("counting").calls
    counted.clear()
    return counted
