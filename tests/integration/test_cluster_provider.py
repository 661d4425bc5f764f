"""Clusters made and removed as a whole, in an AWS of each test's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from integration.conftest import IMPATIENT, spec_of
from integration.inventory import taken
from workloads.cluster import errors
from workloads.cluster.documents import allowed
from workloads.cluster.jobs import JobSpec
from workloads.cluster_provider import ClusterProvider

JOB = JobSpec("night", "#!/bin/sh\ntrain\n", "ami-12c6146b")
READ = allowed("s3:GetObject")
# Every operation that makes or changes something, in the order in which `create` comes to it.
CHANGES = [
    "iam.CreateRole",
    "iam.AttachRolePolicy",
    "iam.PutRolePolicy",
    "iam.CreateInstanceProfile",
    "iam.AddRoleToInstanceProfile",
    "ec2.CreateVpc",
    "ec2.CreateTags",
    "ec2.ModifyVpcAttribute",
    "ec2.CreateSubnet",
    "ec2.CreateSecurityGroup",
    "ec2.AuthorizeSecurityGroupIngress",
    "ec2.ImportKeyPair",
    "eks.CreateCluster",
    "eks.UpdateClusterConfig",
    "eks.CreateNodegroup",
]


def refuse(session: Any, operation: str, code: str = "AccessDenied", times: int = 1000) -> None:
    """Let an operation fail in all clients that the session makes from now on."""
    left = iter(range(times))

    def fail(model: Any, **_: Any) -> None:
        if next(left, None) is not None:
            raise ClientError({"Error": {"Code": code, "Message": "injected"}}, model.name)

    session.events.register(f"before-call.{operation}", fail)


def test_a_cluster_is_made_with_all_that_it_needs(provider: ClusterProvider, aws: Any) -> None:
    cluster = provider.create(spec_of("c", logs=("api",)))
    assert (cluster.status, cluster.node_groups) == ("ACTIVE", ("workers",))
    network = provider.network("c")
    assert taken(aws) == {
        "clusters": ["c"],
        "vpcs": [network.vpc],
        "subnets": list(network.subnets),
        "groups": ["c"],
        "key pairs": ["cluster-provider-c"],
        "roles": ["c-control", "c-jobs", "c-nodes"],
        "profiles": ["c-jobs"],
    }


def test_a_cluster_that_nobody_logs_in_to_has_no_key_pair(
    provider: ClusterProvider, aws: Any
) -> None:
    provider.create(replace(spec_of("c"), public_key=None))
    assert "key pairs" not in taken(aws)


def test_a_second_run_changes_nothing(provider: ClusterProvider, aws: Any) -> None:
    first = provider.create(spec_of("c")), taken(aws)
    second = provider.create(spec_of("c")), taken(aws)
    assert first == second


def test_a_cluster_goes_with_everything_that_came_with_it(
    provider: ClusterProvider, aws: Any
) -> None:
    before = taken(aws)
    policy = provider.ensure_policy("c", "reads", READ)
    provider.create(spec_of("c", policy))
    provider.service_account("c", "web", "loader", READ)
    provider.operators("c", "arn:aws:iam::123456789012:root")
    provider.submit("c", JOB)
    provider.delete("c")
    assert taken(aws) == before
    provider.delete("c")
    assert taken(aws) == before


def test_a_new_cluster_knows_nothing_of_the_jobs_of_an_older_one(
    provider: ClusterProvider,
) -> None:
    jobs = []
    for _ in range(2):
        provider.create(spec_of("c"))
        jobs.append(provider.submit("c", JOB))
        assert provider.jobs("c") == {"night": "running"}
        provider.delete("c")
    assert jobs[0] != jobs[1]


@pytest.mark.parametrize("refused", CHANGES)
def test_a_creation_that_fails_at_any_step_leaves_nothing(
    provider: ClusterProvider, aws: Any, refused: str
) -> None:
    policy = provider.ensure_policy("c", "reads", READ)
    before = taken(aws)
    refuse(aws, refused)
    with pytest.raises(errors.PermissionDenied, match=refused.partition(".")[2]):
        ClusterProvider(aws, calls=IMPATIENT).create(spec_of("c", policy, logs=("api",)))
    assert taken(aws) == before


def test_a_creation_that_failed_succeeds_when_it_is_run_again(aws: Any) -> None:
    refuse(aws, "eks.CreateNodegroup", times=1)
    provider = ClusterProvider(aws, calls=IMPATIENT)
    with pytest.raises(errors.PermissionDenied):
        provider.create(spec_of("c"))
    assert provider.create(spec_of("c")).node_groups == ("workers",)


def test_a_later_run_that_fails_leaves_what_was_there(aws: Any) -> None:
    ClusterProvider(aws, calls=IMPATIENT).create(spec_of("c"))
    before = taken(aws)
    refuse(aws, "eks.UpdateClusterConfig")
    with pytest.raises(errors.PermissionDenied):
        ClusterProvider(aws, calls=IMPATIENT).create(spec_of("c", logs=("api",)))
    assert taken(aws) == before


def test_what_cannot_be_taken_back_is_named(aws: Any) -> None:
    refuse(aws, "eks.CreateCluster")
    refuse(aws, "ec2.DeleteSubnet")
    provider = ClusterProvider(aws, calls=IMPATIENT)
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
        ClusterProvider(aws, calls=IMPATIENT).create(spec_of("c"))
    assert isinstance(raised.value.__cause__, errors.CredentialsExpired)


def test_a_job_runs_until_it_is_cancelled(provider: ClusterProvider) -> None:
    provider.create(spec_of("c"))
    job = provider.submit("c", JOB)
    assert provider.submit("c", JOB) == job
    assert provider.job("c", "night") == "running"
    found = provider.instances.describe(job)
    assert found["IamInstanceProfile"]["Arn"].endswith("instance-profile/c-jobs")
    provider.cancel("c", "night")
    assert provider.wait_for("c", "night") == "cancelled"
    assert provider.jobs("c") == {"night": "cancelled"}


def test_a_role_that_may_see_to_the_cluster_is_acted_as(
    provider: ClusterProvider, aws: Any
) -> None:
    provider.create(spec_of("c"))
    role = provider.operators("c", "arn:aws:iam::123456789012:root")
    operator = ClusterProvider(aws, role=role, calls=IMPATIENT)
    assert operator.describe("c") == provider.describe("c")


def test_a_region_does_not_know_the_clusters_of_another(
    provider: ClusterProvider, aws: Any
) -> None:
    provider.create(spec_of("c"))
    elsewhere = ClusterProvider(aws, region="eu-central-1", calls=IMPATIENT)
    assert (provider.names(), elsewhere.names()) == (["c"], [])
    with pytest.raises(errors.NotFound, match="DescribeCluster"):
        elsewhere.describe("c")
