"""Clusters whose making or removal fails half way, in an AWS of each test's own."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from integration.conftest import IMPATIENT, session_of_eks, spec_of
from integration.inventory import taken
from workloads.cluster import errors
from workloads.cluster.documents import allowed
from workloads.cluster.jobs import JobSpec
from workloads.cluster_provider import ClusterProvider

JOB = JobSpec("night", "#!/bin/sh\ntrain\n", "ami-12c6146b")
READ = allowed("s3:GetObject")


def hinder(session: Any, operation: str, error: BaseException, times: int = 1000) -> None:
    """Let an operation fail in all clients that the session makes from now on."""
    left = iter(range(times))

    def fail(**_: Any) -> None:
        if next(left, None) is not None:
            raise error

    session.events.register(f"before-call.{operation}", fail)


def refuse(
    session: Any, operation: str, code: str = "AccessDenied", times: int = 1000, status: int = 400
) -> None:
    """Let a service refuse an operation to all clients that the session makes from now on."""
    said = {
        "Error": {"Code": code, "Message": "injected"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    hinder(session, operation, ClientError(said, operation.partition(".")[2]), times)


def provider_of(session: Any) -> ClusterProvider:
    return ClusterProvider(session, calls=IMPATIENT)


def test_a_creation_that_failed_succeeds_when_it_is_run_again(aws: Any) -> None:
    refuse(aws, "eks.CreateNodegroup", times=1)
    provider = provider_of(aws)
    with pytest.raises(errors.PermissionDenied):
        provider.create(spec_of("c"))
    assert provider.create(spec_of("c")).node_groups == ("workers",)


def test_a_later_run_that_fails_leaves_what_was_there(aws: Any) -> None:
    provider_of(aws).create(spec_of("c"))
    before = taken(aws)
    refuse(aws, "eks.UpdateClusterConfig")
    with pytest.raises(errors.PermissionDenied):
        provider_of(aws).create(spec_of("c", logs=("api",)))
    assert taken(aws) == before


def test_what_cannot_be_taken_back_is_named(aws: Any) -> None:
    refuse(aws, "eks.CreateCluster")
    refuse(aws, "ec2.DeleteSubnet")
    provider = provider_of(aws)
    with pytest.raises(errors.LeftBehind) as raised:
        provider.create(spec_of("c"))
    things = [thing.partition(" (")[0] for thing in raised.value.things]
    assert [thing.partition(" ")[0] for thing in things] == ["subnet", "subnet", "VPC"]
    assert isinstance(raised.value.__cause__, errors.PermissionDenied)
    assert sorted(taken(aws)) == ["subnets", "vpcs"]


def test_a_service_that_throttles_for_a_while_only_takes_longer(aws: Any) -> None:
    pauses: list[float] = []
    refuse(aws, "eks.CreateCluster", "ThrottlingException", times=3)
    calls = type(IMPATIENT)(delay=0, sleep=pauses.append, spread=max)
    assert ClusterProvider(aws, calls=calls).create(spec_of("c")).status == "ACTIVE"
    assert pauses == [1.0, 2.0, 4.0]


def test_credentials_that_expire_half_way_are_called_so(aws: Any) -> None:
    refuse(aws, "ec2.CreateSubnet", "ExpiredToken")
    refuse(aws, "ec2.DeleteVpc", "ExpiredToken")
    with pytest.raises(errors.LeftBehind, match=r"CreateSubnet|DeleteVpc") as raised:
        provider_of(aws).create(spec_of("c"))
    assert isinstance(raised.value.__cause__, errors.CredentialsExpired)


@pytest.mark.parametrize(
    ("operation", "code", "status"),
    [
        ("ec2.ModifyVpcAttribute", "InvalidVpcID.NotFound", 400),
        ("ec2.ModifySubnetAttribute", "InvalidSubnetID.NotFound", 400),
        ("eks.CreateNodegroup", "ResourceInUseException", 409),
    ],
)
def test_what_is_not_ready_for_a_moment_is_asked_again(
    aws: Any, operation: str, code: str, status: int
) -> None:
    refuse(aws, operation, code, times=1, status=status)
    assert provider_of(aws).create(spec_of("c")).node_groups == ("workers",)


def test_an_interrupt_of_the_clean_up_names_all_that_is_left(aws: Any) -> None:
    hinder(aws, "eks.CreateNodegroup", KeyboardInterrupt())
    hinder(aws, "eks.DeleteCluster", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt) as raised:
        provider_of(aws).create(spec_of("c"))
    left = raised.value.__cause__
    assert isinstance(left, errors.LeftBehind)
    kinds = {thing.split(" ")[0] for thing in left.things}
    assert kinds == {"cluster", "key", "security", "subnet", "internet", "VPC", "instance", "role"}
    provider_of(session_of_eks()).delete("c")
    assert taken(aws) == {}


@pytest.mark.parametrize(
    "refused",
    [
        "eks.DeleteCluster",
        "eks.DeleteNodegroup",
        "iam.DeleteOpenIDConnectProvider",
        "iam.DeleteRole",
        "iam.DeleteInstanceProfile",
        "ec2.TerminateInstances",
        "ec2.DeleteInternetGateway",
        "ec2.DetachInternetGateway",
        "ec2.DeleteVpc",
    ],
)
def test_a_removal_that_failed_succeeds_when_it_is_run_again(aws: Any, refused: str) -> None:
    provider = provider_of(aws)
    provider.create(spec_of("c"))
    provider.service_account("c", "web", "loader", READ)
    provider.submit("c", JOB)
    refuse(aws, refused, times=1)
    with pytest.raises(errors.ProviderError, match=refused.partition(".")[2]):
        provider_of(aws).delete("c")
    provider.delete("c")
    assert taken(aws) == {}


def test_a_job_whose_cancellation_failed_is_cancelled_by_the_next_one(
    provider: ClusterProvider, aws: Any
) -> None:
    provider.create(spec_of("c"))
    job = provider.submit("c", JOB)
    refuse(aws, "ec2.TerminateInstances", times=1)
    second = provider_of(aws)
    with pytest.raises(errors.PermissionDenied):
        second.cancel("c", "night")
    assert second.job("c", "night") == "running"
    second.cancel("c", "night")
    assert second.job("c", "night") == "cancelled"
    assert second.instances.describe(job)["State"]["Name"] == "terminated"
