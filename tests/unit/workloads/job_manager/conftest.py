"""A job manager whose clients are stubbed and whose resources are mocks.

A stub checks each request against the model of its service. A resource makes requests of its own
choice, so there a mock records which methods were called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest import mock

import pytest

from workloads.job_manager import JobManager

if TYPE_CHECKING:
    from unit.workloads.stub import Stub


@pytest.fixture
def bucket() -> mock.MagicMock:
    """`s3.Bucket` of boto3."""
    return mock.MagicMock(spec_set=["Object", "objects"])


@pytest.fixture
def instances() -> mock.MagicMock:
    """`ec2` of boto3, the resource."""
    return mock.MagicMock(spec_set=["create_instances", "Instance"])


@pytest.fixture
def aws(s3: Stub, ec2: Stub, bucket: mock.MagicMock, instances: mock.MagicMock) -> mock.Mock:
    """A session that returns all of these."""
    resource = mock.Mock(spec_set=["Bucket"], **{"Bucket.return_value": bucket})
    clients, resources = {"s3": s3.client, "ec2": ec2.client}, {"s3": resource, "ec2": instances}
    session = mock.Mock(spec_set=["client", "resource"])
    session.client.side_effect = lambda service, **_: clients[service]
    session.resource.side_effect = lambda service, **_: resources[service]
    return session


@pytest.fixture
def pauses() -> list[float]:
    """The length of each pause."""
    return []


@pytest.fixture
def jobs(aws: mock.Mock, pauses: list[float]) -> JobManager:
    return JobManager(aws, "bucket", "http://aws", delay=0.5, checks=3, sleep=pauses.append)
