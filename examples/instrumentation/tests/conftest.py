"""A store and a client for each test; the plugin does the rest."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from botocore_redirect.testing import Redirect, RedirectingStore

pytest_plugins = ["botocore_redirect.testing.plugin", "pytester"]


@pytest.fixture
def store(quadrant: Any, redirecting_s3: RedirectingStore) -> RedirectingStore:
    """Give a store with a bucket, which redirects if the quadrant says so."""
    if quadrant.redirects:
        redirecting_s3.redirect(Redirect(308))  # an ordinary error for stock botocore, unlike 307
    redirecting_s3.inspector.create_bucket("bucket")
    return redirecting_s3


@pytest.fixture
def s3(store: RedirectingStore) -> Any:
    """Make a client of the store."""
    return store.client()


@pytest.fixture
def calls(s3: Any) -> Any:  # noqa: ARG001 - calls made while the client is created do not count
    """Count the calls from here on."""
    # Not imported at the top: collecting tests must leave every process unpatched.
    counted = importlib.import_module("counting").calls
    counted.clear()
    return counted
