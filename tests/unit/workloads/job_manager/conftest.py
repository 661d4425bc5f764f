"""A job manager whose clients are stubbed and whose resources are mocks.

A stub checks each request of a client against the model of its service. A resource makes requests
of its own choice, so there a mock says what matters: which methods the program called on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from unit.workloads.stub import Stub
from workloads.job_manager import JobManager

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ec2(made: Any) -> Iterator[Stub]:
    with Stub(made("ec2")).active() as stub:
        yield stub


@pytest.fixture
def bucket() -> mock.MagicMock:
    """`s3.Bucket` of boto3."""
    return mock.MagicMock(spec_set=["Object", "objects"])


@pytest.fixture
def machines() -> mock.MagicMock:
    """`ec2` of boto3, the resource."""
    return mock.MagicMock(spec_set=["create_instances", "Instance"])


@pytest.fixture
def aws(s3: Stub, ec2: Stub, bucket: mock.MagicMock, machines: mock.MagicMock) -> mock.Mock:
    """A session that gives out all of these."""
    s3_resource = mock.Mock(spec_set=["Bucket"])
    s3_resource.Bucket.return_value = bucket
    clients, resources = {"s3": s3.client, "ec2": ec2.client}, {"s3": s3_resource, "ec2": machines}
    session = mock.Mock(spec_set=["client", "resource"])
    session.client.side_effect = lambda service, **_: clients[service]
    session.resource.side_effect = lambda service, **_: resources[service]
    return session


@pytest.fixture
def pauses() -> list[float]:
    """How long it was slept, each time."""
    return []


@pytest.fixture
def jobs(aws: mock.Mock, pauses: list[float]) -> JobManager:
    return JobManager(aws, "bucket", "http://aws", delay=0.5, checks=3, sleep=pauses.append)
