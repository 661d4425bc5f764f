"""Clusters created, changed and removed as a whole; each test has an empty AWS."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from integration.conftest import IMPATIENT, spec_of
from integration.inventory import taken
from workloads.cluster import errors
from workloads.cluster.iam.documents import allowed, trust_in_services
from workloads.cluster.jobs import JobSpec
from workloads.cluster_provider import ClusterProvider

JOB = JobSpec("night", "#!/bin/sh\ntrain\n", "ami-12c6146b")
READ = allowed("s3:GetObject")


def the_gateway_of(session: Any, vpc: str) -> str:
    asked = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    found = session.client("ec2").describe_internet_gateways(Filters=asked)
    return str(found["InternetGateways"][0]["InternetGatewayId"])


def test_a_cluster_is_created_with_all_its_resources(provider: ClusterProvider, aws: Any) -> None:
    cluster = provider.create(spec_of("c", logs=("api",)))
    assert (cluster.status, cluster.node_groups) == ("ACTIVE", ("workers",))
    network = provider.network("c")
    assert taken(aws) == {
        "clusters": ["c"],
        "vpcs": [network.vpc],
        "gateways": [the_gateway_of(aws, network.vpc)],
        "subnets": list(network.subnets),
        "groups": ["c"],
        "key pairs": ["cluster-provider-c"],
        "roles": [f"c-us-east-1-{purpose}" for purpose in ("control", "jobs", "nodes")],
        "profiles": ["c-us-east-1-jobs"],
    }


def test_a_cluster_without_a_public_key_has_no_key_pair(
    provider: ClusterProvider, aws: Any
) -> None:
    provider.create(replace(spec_of("c"), public_key=None))
    assert "key pairs" not in taken(aws)


def test_a_second_run_changes_nothing(provider: ClusterProvider, aws: Any) -> None:
    first = provider.create(spec_of("c")), taken(aws)
    second = provider.create(spec_of("c")), taken(aws)
    assert first == second


def test_a_cluster_is_removed_with_all_its_resources(provider: ClusterProvider, aws: Any) -> None:
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


def test_a_new_cluster_does_not_have_the_jobs_of_an_older_one(
    provider: ClusterProvider,
) -> None:
    jobs = []
    for _ in range(2):
        provider.create(spec_of("c"))
        jobs.append(provider.submit("c", JOB))
        assert provider.jobs("c") == {"night": "running"}
        provider.delete("c")
    assert jobs[0] != jobs[1]


def test_a_job_runs_until_it_is_cancelled(provider: ClusterProvider) -> None:
    provider.create(spec_of("c"))
    job = provider.submit("c", JOB)
    assert provider.submit("c", JOB) == job
    assert provider.job("c", "night") == "running"
    found = provider.instances.describe(job)
    assert found["IamInstanceProfile"]["Arn"].endswith("/c-us-east-1-jobs")
    provider.cancel("c", "night")
    assert provider.wait_for("c", "night") == "cancelled"
    assert provider.jobs("c") == {"night": "cancelled"}


def test_a_cluster_is_scaled_and_its_logs_are_changed(provider: ClusterProvider) -> None:
    spec = spec_of("c")
    provider.create(spec)
    provider.scale(spec, 3)
    provider.create(replace(spec, nodes=replace(spec.nodes, nodes=3), logs=("api",)))
    assert provider._clusters.describe_nodes("c", "workers")["scalingConfig"]["desiredSize"] == 3
    (logs, _) = provider._clusters.describe("c")["logging"]["clusterLogging"]
    assert (logs["types"], logs["enabled"]) == (["api"], True)


def test_a_job_stops_and_starts_with_its_instance(provider: ClusterProvider) -> None:
    provider.create(spec_of("c"))
    job = provider.submit("c", JOB)
    provider.instances.stop(job)
    assert provider.job("c", "night") == "stopped"
    provider.instances.start(job)
    assert provider.job("c", "night") == "running"


def test_a_service_account_has_one_role_however_often_it_is_asked_for(
    provider: ClusterProvider,
) -> None:
    provider.create(spec_of("c"))
    roles = {provider.service_account("c", "web", "loader", READ) for _ in range(2)}
    assert [role.rpartition("/")[2] for role in roles] == ["c-us-east-1-web-loader"]


def test_an_operator_acts_as_the_role_of_the_cluster(provider: ClusterProvider, aws: Any) -> None:
    provider.create(spec_of("c"))
    role = provider.operators("c", "arn:aws:iam::123456789012:root")
    operator = ClusterProvider(aws, role=role, calls=IMPATIENT)
    assert operator.describe("c") == provider.describe("c")


def test_a_region_does_not_list_the_clusters_of_another(
    provider: ClusterProvider, aws: Any
) -> None:
    provider.create(spec_of("c"))
    elsewhere = ClusterProvider(aws, region="eu-central-1", calls=IMPATIENT)
    assert (provider.names(), elsewhere.names()) == (["c"], [])
    with pytest.raises(errors.NotFound, match="DescribeCluster"):
        elsewhere.describe("c")


def test_removing_a_cluster_keeps_that_of_another_region(aws: Any) -> None:
    here, there = (
        ClusterProvider(aws, region=region, calls=IMPATIENT)
        for region in ("us-east-1", "eu-west-1")
    )
    there.create(spec_of("c"))
    before = taken(aws)
    here.create(spec_of("c"))
    here.delete("c")
    assert taken(aws) == before
    assert there.describe("c").status == "ACTIVE"


def test_a_cluster_of_somebody_else_is_neither_changed_nor_removed(
    provider: ClusterProvider, aws: Any
) -> None:
    subnets = [each["SubnetId"] for each in aws.client("ec2").describe_subnets()["Subnets"]]
    config = {"subnetIds": subnets[:2]}
    role = "arn:aws:iam::123456789012:role/x"
    aws.client("eks").create_cluster(name="c", roleArn=role, resourcesVpcConfig=config)
    before = taken(aws)
    for act in (
        lambda: provider.create(spec_of("c")),
        lambda: provider.scale(spec_of("c"), 3),
        lambda: provider.service_account("c", "web", "loader", READ),
        lambda: provider.delete("c"),
    ):
        with pytest.raises(errors.ProviderError, match="somebody else has made it"):
            act()
    assert taken(aws) == before


def test_resources_of_others_in_the_network_are_neither_used_nor_removed(
    provider: ClusterProvider, aws: Any
) -> None:
    ec2 = aws.client("ec2")
    ec2.create_key_pair(KeyName="cluster-provider-c")
    provider.create(spec_of("c"))
    network = provider.network("c")
    asked = {"VpcId": network.vpc, "CidrBlock": "10.0.200.0/24"}
    subnet = ec2.create_subnet(**asked)["Subnet"]["SubnetId"]
    named = {"GroupName": "theirs", "Description": "theirs", "VpcId": network.vpc}
    ec2.create_security_group(**named)
    provider.create(spec_of("c"))
    assert provider.network("c") == network
    # The VPC itself has to stay, as long as there is something in it.
    with pytest.raises(errors.LeftBehind, match=f"VPC {network.vpc}"):
        provider.delete("c")
    left = taken(aws)
    assert (left["subnets"], left["groups"]) == ([subnet], ["theirs"])
    assert left["key pairs"] == ["cluster-provider-c"]


def test_a_change_that_is_not_possible_is_refused(provider: ClusterProvider) -> None:
    provider.ensure_policy("c", "reads", READ)
    with pytest.raises(errors.ProviderError, match="allows something else"):
        provider.ensure_policy("c", "reads", allowed("s3:PutObject"))
    assert provider.ensure_policy("c", "reads", READ)
    spec = spec_of("c")
    provider.create(spec)
    for other in (
        replace(spec, version="1.99"),
        replace(spec, nodes=replace(spec.nodes, instance_type="m5.large")),
        replace(spec, nodes=replace(spec.nodes, disk=99)),
        replace(spec, nodes=replace(spec.nodes, labels={"for": "play"})),
    ):
        with pytest.raises(errors.ProviderError, match="Choose another name"):
            provider.create(other)
    with pytest.raises(ValueError, match="A node group of 5"):
        provider.scale(spec, 5)


def test_a_second_run_gives_roles_their_trust_and_exactly_their_policies(
    provider: ClusterProvider, aws: Any
) -> None:
    first, second = (provider.ensure_policy("c", name, READ) for name in ("first", "second"))
    provider.create(spec_of("c", first))
    iam = aws.client("iam")
    role = {"RoleName": "c-us-east-1-nodes"}
    trust = iam.get_role(**role)["Role"]["AssumeRolePolicyDocument"]
    foreign = json.dumps(trust_in_services("lambda.amazonaws.com"))
    iam.update_assume_role_policy(**role, PolicyDocument=foreign)
    provider.create(spec_of("c", second))
    assert iam.get_role(**role)["Role"]["AssumeRolePolicyDocument"] == trust
    attached = iam.list_attached_role_policies(**role)["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [second]


def test_a_second_run_creates_what_is_missing(provider: ClusterProvider, aws: Any) -> None:
    provider.create(spec_of("c"))
    before = {kind: len(names) for kind, names in taken(aws).items()}
    network, ec2 = provider.network("c"), aws.client("ec2")
    gateway = the_gateway_of(aws, network.vpc)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    ec2.delete_subnet(SubnetId=network.subnets[0])
    ec2.delete_security_group(GroupId=network.security_group)
    ec2.delete_key_pair(KeyName="cluster-provider-c")
    provider.create(spec_of("c"))
    assert {kind: len(names) for kind, names in taken(aws).items()} == before
    assert the_gateway_of(aws, network.vpc) == gateway


def test_a_role_or_a_profile_of_somebody_else_is_neither_changed_nor_removed(
    provider: ClusterProvider, aws: Any
) -> None:
    iam = aws.client("iam")
    name = "c-us-east-1-jobs"
    iam.create_instance_profile(InstanceProfileName=name)
    for act in (lambda: provider.create(spec_of("c")), lambda: provider.delete("c")):
        with pytest.raises(errors.ProviderError, match=f"profile {name} .*not of this cluster"):
            act()
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust_in_services("x")))
    with pytest.raises(errors.ProviderError, match=f"role {name} .*not of this cluster"):
        provider.create(spec_of("c"))
    assert taken(aws) == {"profiles": [name], "roles": [name]}


def test_operators_may_manage_the_cluster_and_submit_jobs_and_nothing_else(
    provider: ClusterProvider, aws: Any
) -> None:
    arn = provider.operators("c", "arn:aws:iam::123456789012:root")
    iam, role = aws.client("iam"), arn.rpartition("/")[2]
    expected = {
        "operate": allowed("eks:*", "ec2:*", "iam:Get*", "iam:List*"),
        "submit": allowed("iam:PassRole", on=arn.replace(role, "*")),
    }
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == [*expected]
    for name, policy in expected.items():
        answer = iam.get_role_policy(RoleName=role, PolicyName=name)
        assert answer["PolicyDocument"] == policy
