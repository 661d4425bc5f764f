"""Stubbed clients, one for each service."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest

from unit.workloads.stub import Stub

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def client_of(session: Any) -> Callable[[str], Any]:
    """One client of each service, as creating one takes as long as ten tests."""
    return functools.cache(session.client)


@pytest.fixture
def s3(client_of: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(client_of("s3")).active() as stub:
        yield stub


@pytest.fixture
def ec2(client_of: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(client_of("ec2")).active() as stub:
        yield stub


@pytest.fixture
def transcribe(client_of: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(client_of("transcribe")).active() as stub:
        yield stub


@pytest.fixture
def aws(s3: Stub, transcribe: Stub) -> mock.Mock:
    """A session that returns these clients, and records their settings."""
    clients = {"s3": s3.client, "transcribe": transcribe.client}
    session = mock.Mock(spec_set=["client"])
    session.client.side_effect = lambda service, **_: clients[service]
    return session
