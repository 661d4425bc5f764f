"""One moto for the contract over all dialects."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from botocore_redirect.testing import StoreProcess


@pytest.fixture(scope="module")
def backend() -> Iterator[str]:
    with StoreProcess(sys.executable) as started:
        yield started.url
