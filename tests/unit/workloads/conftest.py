"""Stubbed clients, one for each service."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, Callable
from unittest import mock

import pytest

from unit.workloads.stub import Stub
from workloads.cluster.calls import Calls


@pytest.fixture(scope="session")
def client_of(session: Any) -> Callable[[str], Any]:
    """One client of each service, as creating one takes as long as ten tests."""
    return functools.cache(session.client)


def _stubbed(service: str) -> Any:
    @pytest.fixture(name=service)
    def stubbed(client_of: Callable[[str], Any]) -> Iterator[Stub]:
        stub = Stub(client_of(service))
        with stub.stubber:
            yield stub
            stub.stubber.assert_no_pending_responses()

    return stubbed


s3, ec2, eks, sts, transcribe = map(_stubbed, ("s3", "ec2", "eks", "sts", "transcribe"))


@pytest.fixture
def aws(s3: Stub, ec2: Stub, transcribe: Stub) -> mock.Mock:
    """A session that returns these clients, and mocks of resources: see `test_job_manager`."""
    clients = {"s3": s3.client, "ec2": ec2.client, "transcribe": transcribe.client}
    session = mock.Mock(spec_set=["client", "resource"])
    session.client.side_effect = lambda service, **_: clients[service]
    return session


@pytest.fixture
def pauses() -> list[float]:
    """The length of each pause of `call`."""
    return []


@pytest.fixture
def call(pauses: list[float]) -> Calls:
    """Calls of the cluster provider that do not wait."""
    return Calls(
        tries=4, first=1.0, longest=3.0, delay=0, checks=2, sleep=pauses.append, spread=max
    )
