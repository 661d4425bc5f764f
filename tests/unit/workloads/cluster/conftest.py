"""Stubbed clients of EKS and STS, and calls that do not wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import pytest

from unit.workloads.stub import Stub
from workloads.cluster.calls import Calls
from workloads.cluster.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def eks(client_of: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(client_of("eks")).active() as stub:
        yield stub


@pytest.fixture
def sts(client_of: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(client_of("sts")).active() as stub:
        yield stub


@pytest.fixture
def pauses() -> list[float]:
    """The length of each pause."""
    return []


@pytest.fixture
def call(pauses: list[float]) -> Calls:
    return Calls(
        tries=4, first=1.0, longest=3.0, delay=0, checks=2, sleep=pauses.append, spread=max
    )


@pytest.fixture
def undo() -> Undo:
    return Undo()
