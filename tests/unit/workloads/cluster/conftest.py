"""Stubbed clients of the services that a cluster is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest

from unit.workloads.stub import Stub
from workloads.cluster.calls import Calls
from workloads.cluster.clusters import Clusters
from workloads.cluster.undo import Undo
from workloads.cluster_provider import ClusterProvider

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def eks(made: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(made("eks")).active() as stub:
        yield stub


@pytest.fixture
def ec2(made: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(made("ec2")).active() as stub:
        yield stub


@pytest.fixture
def iam(made: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(made("iam")).active() as stub:
        yield stub


@pytest.fixture
def sts(made: Callable[[str], Any]) -> Iterator[Stub]:
    with Stub(made("sts")).active() as stub:
        yield stub


@pytest.fixture
def pauses() -> list[float]:
    """How long it was slept, each time."""
    return []


@pytest.fixture
def call(pauses: list[float]) -> Calls:
    return Calls(
        tries=4, first=1.0, longest=3.0, delay=0, checks=2, sleep=pauses.append, spread=max
    )


@pytest.fixture
def undo() -> Undo:
    return Undo()


@pytest.fixture
def clusters(eks: Stub, call: Calls) -> Clusters:
    return Clusters(eks.client, call)


@pytest.fixture
def aws(eks: Stub, ec2: Stub, iam: Stub) -> mock.Mock:
    """A session that gives out stubbed clients."""
    clients = {"eks": eks.client, "ec2": ec2.client, "iam": iam.client}
    session = mock.Mock(spec_set=["client"])
    session.client.side_effect = lambda service, **_: clients[service]
    return session


@pytest.fixture
def provider(aws: mock.Mock, call: Calls) -> ClusterProvider:
    return ClusterProvider(aws, "http://aws", region="eu-west-1", calls=call)
