"""A gateway and a target that the tests of a module share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from botocore_redirect.testing import Gateway
from wire.conftest import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def target() -> Iterator[Gateway]:
    with Gateway(NOWHERE, expect="late") as server:
        yield server


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with Gateway(NOWHERE) as server:
        yield server
