"""A process for each case, because boto3 keeps one CRT client for each process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore_redirect.testing import RedirectingStore

PROGRAM = Path(__file__).with_name("transfers.py")
_LIMIT = 100


@pytest.fixture
def store(make_redirecting_s3: Callable[..., RedirectingStore]) -> RedirectingStore:
    store = make_redirecting_s3(targets=2)
    store.inspector.create_bucket("data")
    return store


@pytest.fixture
def run(store: RedirectingStore) -> Callable[..., dict[str, Any]]:
    """Run the program of this folder with a patch and tasks."""

    def run(patch: str, *tasks: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, PROGRAM, store.url, patch, *tasks],
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return run
