"""The provider as a whole: what is made for a cluster, and in which order it goes.

The runs that make everything are in tests/integration, against moto. Here is what moto cannot show:
refusals in the middle, and exactly what is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from unit.workloads.stub import Step
from workloads.cluster import errors
from workloads.cluster.documents import allowed
from workloads.cluster.jobs import JobSpec
from workloads.cluster.spec import ClusterSpec, NodeGroupSpec
from workloads.cluster_provider import Cluster, ClusterProvider

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls

PATH = "/cluster-provider/c/"
ISSUER = "https://oidc.eks/id/1"
CLUSTER = {"cluster": {"status": "ACTIVE", "identity": {"oidc": {"issuer": ISSUER}}}}
NODES = {"nodegroups": ["workers"]}
DESCRIBE = [
    Step("describe_cluster", {"name": "c"}, CLUSTER),
    Step("list_nodegroups", {"clusterName": "c"}, NODES),
]
PROFILE = {"InstanceProfileName": "c-jobs"}
VPCS = {"Filters": [{"Name": "tag:cluster-provider/cluster", "Values": ["c"]}]}
JOBS = {"Filters": VPCS["Filters"]}


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


def test_every_client_is_made_for_the_region_and_the_endpoint(
    aws: mock.Mock, provider: ClusterProvider
) -> None:
    assert isinstance(provider, ClusterProvider)
    for made in aws.client.call_args_list:
        assert made.kwargs["region_name"] == "eu-west-1"
        assert made.kwargs["endpoint_url"] == "http://aws"
    assert sorted(made.args[0] for made in aws.client.call_args_list) == ["ec2", "eks", "iam"]


def test_a_cluster_is_described(eks: Stub, provider: ClusterProvider) -> None:
    eks.plays(DESCRIBE)
    assert provider.describe("c") == Cluster("c", "ACTIVE", "", ISSUER, ("workers",))


def test_clusters_are_listed_in_order(eks: Stub, provider: ClusterProvider) -> None:
    eks.answers("list_clusters", {}, {"clusters": ["b", "a"]})
    assert provider.names() == ["a", "b"]


def test_a_cluster_that_may_not_be_made_asks_for_nothing_more(
    iam: Stub, provider: ClusterProvider
) -> None:
    asked = {"Path": PATH, "RoleName": "c-control", "AssumeRolePolicyDocument": mock.ANY}
    iam.refuses("create_role", asked, "AccessDenied")
    with pytest.raises(errors.PermissionDenied, match="CreateRole"):
        provider.create(ClusterSpec("c"))


def test_a_cluster_is_scaled_within_its_bounds(eks: Stub, provider: ClusterProvider) -> None:
    spec = ClusterSpec("c", nodes=NodeGroupSpec("n", at_most=3))
    both = {"clusterName": "c", "nodegroupName": "n"}
    now = {"scalingConfig": spec.nodes.scaling, "status": "ACTIVE"}
    scaled = {"minSize": 1, "maxSize": 3, "desiredSize": 3}
    eks.answers("describe_nodegroup", both, {"nodegroup": now})
    eks.answers("update_nodegroup_config", {**both, "scalingConfig": scaled})
    eks.answers("describe_nodegroup", both, {"nodegroup": now})
    provider.scale(spec, 3)
    with pytest.raises(ValueError, match="A node group of 4"):
        provider.scale(spec, 4)


def test_a_job_needs_the_network_of_a_cluster(ec2: Stub, provider: ClusterProvider) -> None:
    ec2.answers("describe_vpcs", VPCS, {"Vpcs": []})
    with pytest.raises(errors.NotFound, match="no VPC"):
        provider.submit("c", JobSpec("night", "true", "ami-1"))


def test_operators_that_cannot_be_allowed_anything_are_taken_back(
    iam: Stub, provider: ClusterProvider
) -> None:
    role = {"RoleName": "c-operators"}
    made = {
        "Path": PATH,
        **role,
        "RoleId": "AROA0000000000000",
        "Arn": "arn:aws:iam::123456789012:role/c-operators",
        "CreateDate": "2026-01-01T00:00:00Z",
    }
    policy: dict[str, Any] = {"PolicyName": "operate", "PolicyDocument": mock.ANY}
    iam.answers(
        "create_role", {"Path": PATH, **role, "AssumeRolePolicyDocument": mock.ANY}, {"Role": made}
    )
    iam.answers("get_role", role, {"Role": made})
    iam.answers("list_attached_role_policies", role, {"AttachedPolicies": []})
    iam.refuses("put_role_policy", {**role, **policy}, "LimitExceeded")
    iam.answers("list_attached_role_policies", role, {"AttachedPolicies": []})
    iam.answers("list_role_policies", role, {"PolicyNames": []})
    iam.answers("delete_role", role)
    with pytest.raises(Exception, match="LimitExceeded"):
        provider.operators("c", "arn:aws:iam::123456789012:root")


def test_a_service_account_needs_a_cluster(eks: Stub, provider: ClusterProvider) -> None:
    eks.refuses("describe_cluster", {"name": "c"}, "ResourceNotFoundException")
    with pytest.raises(errors.NotFound):
        provider.service_account("c", "web", "loader", allowed("s3:GetObject"))


def test_what_is_left_of_a_cluster_that_is_gone_goes_too(
    eks: Stub, ec2: Stub, iam: Stub, provider: ClusterProvider
) -> None:
    policy = "arn:aws:iam::123456789012:policy/cluster-provider/c/p"
    iam.answers(
        "list_policies", {"Scope": "Local", "PathPrefix": PATH}, {"Policies": [{"Arn": policy}]}
    )
    iam.answers("list_roles", {"PathPrefix": PATH}, {"Roles": []})
    eks.refuses("describe_cluster", {"name": "c"}, "ResourceNotFoundException")
    ec2.answers("describe_instances", JOBS, {"Reservations": []})
    ec2.answers("delete_key_pair", {"KeyName": "cluster-provider-c"})
    ec2.answers("describe_vpcs", VPCS, {"Vpcs": []})
    iam.refuses("get_instance_profile", PROFILE, "NoSuchEntity")
    iam.answers("delete_policy", {"PolicyArn": policy})
    provider.delete("c")


def test_what_cannot_be_removed_is_reported_after_all_else_is_gone(
    eks: Stub, ec2: Stub, iam: Stub, provider: ClusterProvider
) -> None:
    iam.answers("list_policies", {"Scope": "Local", "PathPrefix": PATH}, {"Policies": []})
    iam.answers("list_roles", {"PathPrefix": PATH}, {"Roles": []})
    eks.plays(DESCRIBE)
    ec2.answers("describe_instances", JOBS, {"Reservations": []})
    iam.answers("list_open_id_connect_providers", {}, {"OpenIDConnectProviderList": []})
    eks.answers("list_nodegroups", {"clusterName": "c"}, {"nodegroups": []})
    eks.refuses("delete_cluster", {"name": "c"}, "ResourceInUseException")
    ec2.answers("delete_key_pair", {"KeyName": "cluster-provider-c"})
    ec2.answers("describe_vpcs", VPCS, {"Vpcs": [{"VpcId": "vpc-1"}]})
    within = [{"Name": "vpc-id", "Values": ["vpc-1"]}]
    ec2.answers("describe_subnets", {"Filters": within}, {"Subnets": []})
    groups = {"Filters": [*within, {"Name": "group-name", "Values": ["c"]}]}
    ec2.answers("describe_security_groups", groups, {"SecurityGroups": []})
    ec2.refuses("delete_vpc", {"VpcId": "vpc-1"}, "DependencyViolation")
    iam.refuses("get_instance_profile", PROFILE, "NoSuchEntity")
    with pytest.raises(errors.LeftBehind) as raised:
        provider.delete("c")
    cluster, vpc = raised.value.things
    assert cluster.startswith("cluster c (DeleteCluster was answered with ResourceInUse")
    assert vpc.startswith("VPC vpc-1 (An error occurred (DependencyViolation)")
