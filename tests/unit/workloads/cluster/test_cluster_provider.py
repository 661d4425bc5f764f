"""The provider as a whole: what is made for a cluster, and in which order it goes.

The runs that make everything are in tests/integration, against moto. Here is what moto cannot show:
refusals in the middle, and exactly what is asked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest

from unit.workloads.stub import Step
from workloads.cluster import errors
from workloads.cluster.documents import allowed, trust_in_roles
from workloads.cluster.jobs import JobSpec
from workloads.cluster.spec import ClusterSpec, NodeGroupSpec
from workloads.cluster_provider import Cluster, ClusterProvider

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls

PATH = "/cluster-provider/us-east-1/c/"
ISSUER = "https://oidc.eks/id/1"
OURS = {"tags": {"created-by": "cluster-provider"}}
CLUSTER = {"cluster": {"status": "ACTIVE", "identity": {"oidc": {"issuer": ISSUER}}, **OURS}}
NODES = {"nodegroups": ["workers"]}
DESCRIBE = [
    Step("describe_cluster", {"name": "c"}, CLUSTER),
    Step("list_nodegroups", {"clusterName": "c"}, NODES),
]
PROFILE = {"InstanceProfileName": "c-us-east-1-jobs"}
VPCS = {"Filters": [{"Name": "tag:cluster-provider/cluster", "Values": ["c"]}]}
JOBS = {"Filters": VPCS["Filters"]}


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
    eks: Stub, iam: Stub, provider: ClusterProvider
) -> None:
    name = "c-us-east-1-control"
    asked = {"Path": PATH, "RoleName": name, "AssumeRolePolicyDocument": mock.ANY}
    eks.refuses("describe_cluster", {"name": "c"}, "ResourceNotFoundException")
    iam.refuses("get_role", {"RoleName": name}, "NoSuchEntity")
    iam.refuses("create_role", asked, "AccessDenied")
    with pytest.raises(errors.PermissionDenied, match="CreateRole"):
        provider.create(ClusterSpec("c"))


def test_a_cluster_is_scaled_within_its_bounds(eks: Stub, provider: ClusterProvider) -> None:
    spec = ClusterSpec("c", nodes=NodeGroupSpec("n", at_most=3))
    both = {"clusterName": "c", "nodegroupName": "n"}
    now = {"scalingConfig": spec.nodes.scaling, "status": "ACTIVE"}
    scaled = {"minSize": 1, "maxSize": 3, "desiredSize": 3}
    eks.plays(DESCRIBE[:1])
    eks.answers("describe_nodegroup", both, {"nodegroup": now})
    update = {"update": {"id": "u-1"}}
    eks.answers("update_nodegroup_config", {**both, "scalingConfig": scaled}, update)
    asked = {"name": "c", "nodegroupName": "n", "updateId": "u-1"}
    eks.answers("describe_update", asked, {"update": {"status": "Successful"}})
    eks.answers("describe_nodegroup", both, {"nodegroup": now})
    provider.scale(spec, 3)
    with pytest.raises(ValueError, match="A node group of 4"):
        provider.scale(spec, 4)


def test_a_job_needs_the_network_of_a_cluster(ec2: Stub, provider: ClusterProvider) -> None:
    ec2.answers("describe_vpcs", VPCS, {"Vpcs": []})
    with pytest.raises(errors.NotFound, match="no VPC"):
        provider.submit("c", JobSpec("night", "true", "ami-1"))


OPERATORS = {"RoleName": "c-us-east-1-operators"}
OPERATORS_MADE = {
    "Path": PATH,
    **OPERATORS,
    "RoleId": "AROA0000000000000",
    "Arn": f"arn:aws:iam::123456789012:role{PATH}c-us-east-1-operators",
    "CreateDate": "2026-01-01T00:00:00Z",
}
TRUSTED = "arn:aws:iam::123456789012:root"
OPERATE = allowed("eks:*", "ec2:*", "iam:Get*", "iam:List*")
SUBMIT = allowed("iam:PassRole", on=f"arn:aws:iam::123456789012:role{PATH}*")


def policy(name: str, document: Any) -> dict[str, Any]:
    return {**OPERATORS, "PolicyName": name, "PolicyDocument": json.dumps(document)}


NEW_OPERATORS = [
    Step("get_role", OPERATORS, refusal="NoSuchEntity"),
    Step(
        "create_role",
        {
            "Path": PATH,
            **OPERATORS,
            "AssumeRolePolicyDocument": json.dumps(trust_in_roles(TRUSTED)),
        },
        {"Role": OPERATORS_MADE},
        undone_by=(
            Step("list_attached_role_policies", OPERATORS, {"AttachedPolicies": []}),
            Step("list_role_policies", OPERATORS, {"PolicyNames": []}),
            Step("delete_role", OPERATORS),
        ),
    ),
    Step("get_role", OPERATORS, {"Role": OPERATORS_MADE}),
    Step("list_attached_role_policies", OPERATORS, {"AttachedPolicies": []}),
    Step("put_role_policy", policy("operate", OPERATE)),
    Step("put_role_policy", policy("submit", SUBMIT)),
]


def test_operators_may_see_to_the_cluster_and_submit_jobs_and_nothing_else(
    iam: Stub, provider: ClusterProvider
) -> None:
    iam.plays(NEW_OPERATORS)
    assert provider.operators("c", TRUSTED) == OPERATORS_MADE["Arn"]


@pytest.mark.parametrize("failing", range(len(NEW_OPERATORS)))
def test_operators_that_cannot_be_allowed_anything_are_taken_back(
    iam: Stub, provider: ClusterProvider, failing: int
) -> None:
    iam.plays_until(NEW_OPERATORS, failing, "LimitExceeded")
    with pytest.raises(Exception, match="LimitExceeded"):
        provider.operators("c", TRUSTED)


def test_a_service_account_needs_a_cluster(eks: Stub, provider: ClusterProvider) -> None:
    for _ in range(2):
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
    ec2.answers("describe_key_pairs", VPCS, {"KeyPairs": []})
    ec2.answers("describe_vpcs", VPCS, {"Vpcs": []})
    ec2.answers("describe_internet_gateways", VPCS, {"InternetGateways": []})
    iam.refuses("get_instance_profile", PROFILE, "NoSuchEntity")
    iam.refuses("delete_instance_profile", PROFILE, "NoSuchEntity")
    iam.answers("delete_policy", {"PolicyArn": policy})
    provider.delete("c")


@pytest.mark.parametrize(
    "act",
    [
        lambda provider: provider.create(ClusterSpec("c")),
        lambda provider: provider.scale(ClusterSpec("c"), 3),
        lambda provider: provider.service_account("c", "web", "loader", allowed("s3:GetObject")),
        lambda provider: provider.delete("c"),
    ],
    ids=["create", "scale", "service_account", "delete"],
)
def test_nothing_is_asked_for_a_cluster_that_somebody_else_has_made(
    eks: Stub, provider: ClusterProvider, act: Callable[[ClusterProvider], Any]
) -> None:
    foreign = {"cluster": {"status": "ACTIVE", "tags": {"owner": "someone"}}}
    eks.answers("describe_cluster", {"name": "c"}, foreign)
    with pytest.raises(errors.ProviderError, match="somebody else has made it"):
        act(provider)


def test_a_cluster_whose_issuer_cannot_be_forgotten_stays_and_so_does_its_ground(
    eks: Stub, ec2: Stub, iam: Stub, provider: ClusterProvider
) -> None:
    arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks/id/1"
    eks.plays(DESCRIBE[:1])
    ec2.answers("describe_instances", JOBS, {"Reservations": []})
    eks.plays(DESCRIBE)
    listed = {"OpenIDConnectProviderList": [{"Arn": arn}]}
    iam.answers("list_open_id_connect_providers", {}, listed)
    forget = {"OpenIDConnectProviderArn": arn}
    iam.refuses("delete_open_id_connect_provider", forget, "AccessDenied")
    with pytest.raises(errors.PermissionDenied, match="DeleteOpenIDConnectProvider"):
        provider.delete("c")


def test_a_cluster_that_is_busy_for_too_long_keeps_its_ground(
    eks: Stub, ec2: Stub, iam: Stub, provider: ClusterProvider, call: Calls
) -> None:
    eks.plays(DESCRIBE[:1])
    ec2.answers("describe_instances", JOBS, {"Reservations": []})
    eks.plays(DESCRIBE)
    iam.answers("list_open_id_connect_providers", {}, {"OpenIDConnectProviderList": []})
    eks.answers("list_nodegroups", {"clusterName": "c"}, {"nodegroups": []})
    for _ in range(call.checks):
        eks.refuses("delete_cluster", {"name": "c"}, "ResourceInUseException")
    with pytest.raises(errors.NotYet, match="DeleteCluster was answered with ResourceInUse"):
        provider.delete("c")


def test_what_cannot_be_removed_is_reported_after_all_else_is_gone(
    eks: Stub, ec2: Stub, iam: Stub, provider: ClusterProvider
) -> None:
    iam.answers("list_policies", {"Scope": "Local", "PathPrefix": PATH}, {"Policies": []})
    iam.answers("list_roles", {"PathPrefix": PATH}, {"Roles": []})
    eks.refuses("describe_cluster", {"name": "c"}, "ResourceNotFoundException")
    ec2.answers("describe_instances", JOBS, {"Reservations": []})
    ec2.answers("describe_key_pairs", VPCS, {"KeyPairs": []})
    ec2.answers("describe_vpcs", VPCS, {"Vpcs": [{"VpcId": "vpc-1"}]})
    within = {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}, *VPCS["Filters"]]}
    ec2.answers("describe_subnets", within, {"Subnets": []})
    ec2.answers("describe_security_groups", within, {"SecurityGroups": []})
    ec2.answers("describe_internet_gateways", VPCS, {"InternetGateways": []})
    for _ in range(4):
        ec2.refuses("delete_vpc", {"VpcId": "vpc-1"}, "DependencyViolation")
    iam.refuses("get_instance_profile", PROFILE, "NoSuchEntity")
    iam.refuses("delete_instance_profile", PROFILE, "NoSuchEntity")
    with pytest.raises(errors.LeftBehind) as raised:
        provider.delete("c")
    (vpc,) = raised.value.things
    assert vpc.startswith("VPC vpc-1 (DeleteVpc was answered with DependencyViolation")
