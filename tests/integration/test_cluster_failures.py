"""Clusters whose creation or removal fails half-way; each test has an empty AWS."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from botocore.exceptions import ClientError

from integration.conftest import IMPATIENT, spec_of
from integration.inventory import taken
from workloads.cluster import errors
from workloads.cluster.iam.documents import allowed
from workloads.cluster.jobs import JobSpec
from workloads.cluster_provider import ClusterProvider

JOB = JobSpec("night", "#!/bin/sh\ntrain\n", "ami-12c6146b")
READ = allowed("s3:GetObject")


# If these are refused, something still uses the network.
KEEP_THE_NETWORK = {
    "eks.DeleteCluster",
    "eks.DeleteNodegroup",
    "iam.DeleteOpenIDConnectProvider",
    "ec2.TerminateInstances",
}


def refuse(
    session: Any, operation: str, code: str = "AccessDenied", times: int = 1000, status: int = 400
) -> None:
    """Let a service refuse an operation to all clients that the session creates from now on."""
    said = {
        "Error": {"Code": code, "Message": "injected; it is about a role"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    left = iter(range(times))

    def fail(**_: Any) -> None:
        if next(left, None) is not None:
            raise ClientError(said, operation.partition(".")[2])

    session.events.register(f"before-call.{operation}", fail)


def provider_of(session: Any) -> ClusterProvider:
    return ClusterProvider(session, calls=IMPATIENT)


def test_a_failed_creation_can_be_repeated(aws: Any) -> None:
    refuse(aws, "eks.CreateNodegroup", times=1)
    provider = provider_of(aws)
    with pytest.raises(errors.PermissionDenied):
        provider.create(spec_of("c"))
    assert provider.create(spec_of("c")).node_groups == ("workers",)


def test_a_failed_second_run_removes_nothing(aws: Any) -> None:
    provider_of(aws).create(spec_of("c"))
    before = taken(aws)
    refuse(aws, "eks.UpdateClusterConfig")
    with pytest.raises(errors.PermissionDenied):
        provider_of(aws).create(spec_of("c", logs=("api",)))
    assert taken(aws) == before


def test_resources_that_cannot_be_removed_are_named(aws: Any) -> None:
    refuse(aws, "eks.CreateCluster")
    refuse(aws, "ec2.DeleteSubnet")
    provider = provider_of(aws)
    with pytest.raises(errors.LeftBehind) as raised:
        provider.create(spec_of("c"))
    things = [thing.partition(" (")[0] for thing in raised.value.things]
    assert [thing.partition(" ")[0] for thing in things] == ["subnet", "subnet", "VPC"]
    assert isinstance(raised.value.__cause__, errors.PermissionDenied)
    assert sorted(taken(aws)) == ["subnets", "vpcs"]


@pytest.mark.parametrize(
    ("operation", "code", "status"),
    [
        ("ec2.ModifyVpcAttribute", "InvalidVpcID.NotFound", 400),
        ("ec2.ModifySubnetAttribute", "InvalidSubnetID.NotFound", 400),
        ("eks.CreateCluster", "InvalidParameterException", 400),  # of a role that is new
        ("eks.CreateNodegroup", "ResourceInUseException", 409),
    ],
)
def test_a_creation_is_retried_where_a_resource_is_not_ready(
    aws: Any, operation: str, code: str, status: int
) -> None:
    refuse(aws, operation, code, times=1, status=status)
    assert provider_of(aws).create(spec_of("c")).node_groups == ("workers",)


def test_a_removal_is_retried_where_a_resource_is_in_use(aws: Any) -> None:
    provider_of(aws).create(spec_of("c"))
    for operation, code in {
        "eks.DeleteNodegroup": "ResourceInUseException",
        "eks.DeleteCluster": "ResourceInUseException",
        "iam.DeleteRole": "DeleteConflict",
        "iam.DeleteInstanceProfile": "DeleteConflict",
        "ec2.DetachInternetGateway": "DependencyViolation",
        "ec2.DeleteSecurityGroup": "DependencyViolation",
        "ec2.DeleteVpc": "DependencyViolation",
    }.items():
        refuse(aws, operation, code, times=1)
    provider_of(aws).delete("c")
    assert taken(aws) == {}


def test_a_job_is_submitted_again_where_ec2_does_not_see_its_profile_yet(aws: Any) -> None:
    provider_of(aws).create(spec_of("c"))
    refuse(aws, "ec2.RunInstances", "InvalidParameterValue", times=1)
    assert provider_of(aws).submit("c", JOB)


@pytest.mark.parametrize(
    ("refused", "add"),
    [
        ("iam.CreatePolicy", lambda provider: provider.ensure_policy("c", "reads", READ)),
        *(
            (refused, lambda provider: provider.service_account("c", "web", "loader", READ))
            for refused in ("CreateOpenIDConnectProvider", "CreateRole", "PutRolePolicy")
        ),
        *(
            (refused, lambda provider: provider.operators("c", "arn:aws:iam::123456789012:root"))
            for refused in ("CreateRole", "PutRolePolicy")
        ),
    ],
)
def test_an_addition_to_a_cluster_that_is_refused_leaves_nothing(
    aws: Any, refused: str, add: Callable[[ClusterProvider], str]
) -> None:
    provider_of(aws).create(spec_of("c"))
    before = taken(aws)
    refuse(aws, f"iam.{refused.partition('.')[2] or refused}")
    with pytest.raises(errors.PermissionDenied):
        add(provider_of(aws))
    assert taken(aws) == before


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
def test_a_failed_removal_can_be_repeated(aws: Any, refused: str) -> None:
    provider = provider_of(aws)
    provider.create(spec_of("c"))
    provider.service_account("c", "web", "loader", READ)
    provider.submit("c", JOB)
    refuse(aws, refused, times=1)
    with pytest.raises(errors.ProviderError, match=refused.partition(".")[2]):
        provider_of(aws).delete("c")
    if refused in KEEP_THE_NETWORK:
        assert {"vpcs", "subnets", "groups", "gateways"} <= taken(aws).keys()
    provider.delete("c")
    assert taken(aws) == {}


def test_a_failed_cancellation_can_be_repeated(provider: ClusterProvider, aws: Any) -> None:
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
