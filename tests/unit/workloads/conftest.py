"""A session whose clients answer what a test says, and take nothing else."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest

from unit.workloads.stub import Stub

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def made(session: Any) -> Callable[[str], Any]:
    """One client of each service: to make one takes as long as ten tests."""
    return functools.cache(session.client)


@pytest.fixture
def s3(made: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(made("s3")).active() as stub:
        yield stub


@pytest.fixture
def transcribe(made: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(made("transcribe")).active() as stub:
        yield stub


@pytest.fixture
def aws(s3: Stub, transcribe: Stub) -> mock.Mock:
    """A session that gives out these clients, and remembers with which settings."""
    clients = {"s3": s3.client, "transcribe": transcribe.client}
    session = mock.Mock(spec_set=["client"])
    session.client.side_effect = lambda service, **_: clients[service]
    return session
