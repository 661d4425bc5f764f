"""Clusters and node groups: made, configured, scaled, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import pytest

from unit.workloads.stub import Step
from workloads.cluster import errors
from workloads.cluster.clusters import Clusters
from workloads.cluster.network import Network
from workloads.cluster.spec import ClusterSpec, NodeGroupSpec

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo

ROLE = "arn:aws:iam::123456789012:role/c"
NETWORK = Network("vpc-1", ("subnet-1", "subnet-2"), "sg-1")
NODES = NodeGroupSpec("nodes", nodes=2, at_least=1, at_most=3, labels={"for": "work"})
SPEC = ClusterSpec("c", nodes=NODES, version="1.31", logs=("api", "audit"))
CLUSTER, BOTH = {"name": "c"}, {"clusterName": "c", "nodegroupName": "nodes"}
CREATE = {
    **CLUSTER,
    "version": "1.31",
    "roleArn": ROLE,
    "resourcesVpcConfig": {
        "subnetIds": ["subnet-1", "subnet-2"],
        "securityGroupIds": ["sg-1"],
    },
    "tags": {"created-by": "cluster-provider"},
}
OFF = ["authenticator", "controllerManager", "scheduler"]
CONFIGURE = {
    **CLUSTER,
    "logging": {
        "clusterLogging": [
            {"types": ["api", "audit"], "enabled": True},
            {"types": OFF, "enabled": False},
        ]
    },
}
SCALING = {"minSize": 1, "maxSize": 3, "desiredSize": 2}
CREATE_NODES = {
    **BOTH,
    "nodeRole": ROLE,
    "subnets": ["subnet-1", "subnet-2"],
    "scalingConfig": SCALING,
    "instanceTypes": ["t3.medium"],
    "diskSize": 20,
    "labels": {"for": "work"},
    "tags": {"created-by": "cluster-provider"},
}


def active(*logs: str) -> dict[str, Any]:
    logging = {"clusterLogging": [{"types": [*logs], "enabled": True}]} if logs else {}
    return {"cluster": {"status": "ACTIVE", "logging": logging}}


def nodes_of(status: str, size: int = 2) -> dict[str, Any]:
    scaling = {**SCALING, "desiredSize": size}
    return {"nodegroup": {"status": status, "scalingConfig": scaling}}


DELETED = (
    Step("list_nodegroups", {"clusterName": "c"}, {"nodegroups": []}),
    Step("delete_cluster", CLUSTER),
)
NEW = [
    Step("create_cluster", CREATE, undone_by=DELETED),
    Step("describe_cluster", CLUSTER, active()),
    Step("describe_cluster", CLUSTER, active()),
    Step("update_cluster_config", CONFIGURE),
    Step("describe_cluster", CLUSTER, active()),
    Step("describe_cluster", CLUSTER, active("api", "audit")),
]
NEW_NODES = [
    Step("create_nodegroup", CREATE_NODES),
    Step("describe_nodegroup", BOTH, nodes_of("ACTIVE")),
]


@pytest.fixture
def clusters(eks: Stub, call: Calls) -> Clusters:
    return Clusters(eks.client, call)


def expect_gone(eks: Stub) -> None:
    eks.refuses("describe_cluster", CLUSTER, "ResourceNotFoundException")


def expect_nodes_gone(eks: Stub) -> None:
    eks.answers("delete_nodegroup", BOTH)
    eks.answers("describe_nodegroup", BOTH, nodes_of("DELETING"))
    eks.refuses("describe_nodegroup", BOTH, "ResourceNotFoundException")


def test_a_cluster_is_made_waited_for_and_configured(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    eks.plays(NEW)
    assert clusters.ensure(SPEC, ROLE, NETWORK, undo)["status"] == "ACTIVE"


@pytest.mark.parametrize("failing", range(len(NEW)), ids=lambda index: f"{index}-{NEW[index]}")
def test_a_cluster_that_fails_at_any_step_is_taken_back(
    eks: Stub, clusters: Clusters, undo: Undo, failing: int
) -> None:
    eks.plays_until(NEW, failing, "AccessDeniedException")
    if failing:
        expect_gone(eks)
    with pytest.raises(errors.PermissionDenied), undo:
        clusters.ensure(SPEC, ROLE, NETWORK, undo)


def test_a_cluster_that_is_there_as_it_shall_be_is_left_alone(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    eks.refuses("create_cluster", CREATE, "ResourceInUseException")
    for _ in range(3):
        eks.answers("describe_cluster", CLUSTER, active("audit", "api"))
    clusters.ensure(SPEC, ROLE, NETWORK, undo)
    undo.run()


def test_a_cluster_that_nobody_wants_logs_of_is_not_asked_to_be_silent_twice(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    spec = ClusterSpec("c", nodes=NODES)
    silent = {key: value for key, value in CREATE.items() if key != "version"}
    eks.answers("create_cluster", silent)
    for _ in range(3):
        eks.answers("describe_cluster", CLUSTER, {"cluster": {"status": "ACTIVE"}})
    clusters.ensure(spec, ROLE, NETWORK, undo)


def test_logs_that_are_not_wanted_any_more_are_switched_off(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    spec = ClusterSpec("c", nodes=NODES, version="1.31")
    everything = ["api", "audit", *OFF]
    off = {"clusterLogging": [{"types": everything, "enabled": False}]}
    eks.refuses("create_cluster", CREATE, "ResourceInUseException")
    for _ in range(2):
        eks.answers("describe_cluster", CLUSTER, active("api"))
    eks.answers("update_cluster_config", {**CLUSTER, "logging": off})
    for _ in range(2):
        eks.answers("describe_cluster", CLUSTER, active())
    clusters.ensure(spec, ROLE, NETWORK, undo)


def test_a_cluster_that_fails_to_start_is_not_ready(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    eks.answers("create_cluster", CREATE)
    eks.answers("describe_cluster", CLUSTER, {"cluster": {"status": "FAILED"}})
    with pytest.raises(errors.NotReady):
        clusters.ensure(SPEC, ROLE, NETWORK, undo)


def test_all_clusters_are_listed(eks: Stub, clusters: Clusters) -> None:
    eks.answers("list_clusters", {}, {"clusters": ["b"], "nextToken": "more"})
    eks.answers("list_clusters", {"nextToken": "more"}, {"clusters": ["a"]})
    assert clusters.names() == ["b", "a"]


def test_a_cluster_is_removed_after_its_nodes(eks: Stub, clusters: Clusters) -> None:
    eks.answers("list_nodegroups", {"clusterName": "c"}, {"nodegroups": ["nodes"]})
    expect_nodes_gone(eks)
    eks.answers("delete_cluster", CLUSTER)
    eks.answers("describe_cluster", CLUSTER, {"cluster": {"status": "DELETING"}})
    expect_gone(eks)
    clusters.delete("c")


def test_a_node_group_is_made_and_undone(eks: Stub, clusters: Clusters, undo: Undo) -> None:
    eks.plays(NEW_NODES)
    clusters.ensure_nodes(SPEC, ROLE, NETWORK, undo)
    expect_nodes_gone(eks)
    undo.run()


@pytest.mark.parametrize("failing", range(len(NEW_NODES)))
def test_a_node_group_that_fails_at_any_step_is_taken_back(
    eks: Stub, clusters: Clusters, undo: Undo, failing: int
) -> None:
    eks.plays_until(NEW_NODES, failing, "AccessDeniedException")
    if failing:
        expect_nodes_gone(eks)
    with pytest.raises(errors.PermissionDenied), undo:
        clusters.ensure_nodes(SPEC, ROLE, NETWORK, undo)


def test_the_owner_of_the_key_may_log_in_from_within_the_network(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    login = {"ec2SshKey": "cluster-provider-c", "sourceSecurityGroups": ["sg-1"]}
    eks.answers("create_nodegroup", {**CREATE_NODES, "remoteAccess": login})
    eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE"))
    spec = ClusterSpec("c", nodes=NODES, public_key="ssh-rsa AAAA")
    clusters.ensure_nodes(spec, ROLE, NETWORK, undo)


def test_a_node_group_that_is_there_is_brought_to_its_size(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    eks.refuses("create_nodegroup", CREATE_NODES, "ResourceInUseException")
    eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE", size=3))
    eks.answers("update_nodegroup_config", {**BOTH, "scalingConfig": SCALING})
    eks.answers("describe_nodegroup", BOTH, nodes_of("UPDATING"))
    eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE"))
    clusters.ensure_nodes(SPEC, ROLE, NETWORK, undo)
    undo.run()


def test_a_node_group_of_the_right_size_is_left_alone(eks: Stub, clusters: Clusters) -> None:
    eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE"))
    clusters.scale("c", "nodes", SCALING)


def test_a_node_group_that_is_gone_needs_no_removal(eks: Stub, clusters: Clusters) -> None:
    eks.refuses("delete_nodegroup", BOTH, "ResourceNotFoundException")
    clusters.delete_nodes("c", "nodes")


@pytest.mark.parametrize(
    ("act", "operation", "parameters"),
    [
        (lambda clusters: clusters.describe("c"), "describe_cluster", CLUSTER),
        (lambda clusters: clusters.names(), "list_clusters", {}),
        (lambda clusters: clusters.delete("c"), "list_nodegroups", {"clusterName": "c"}),
        (lambda clusters: clusters.scale("c", "nodes", SCALING), "describe_nodegroup", BOTH),
        (lambda clusters: clusters.delete_nodes("c", "nodes"), "delete_nodegroup", BOTH),
    ],
)
def test_expired_credentials_are_called_so(
    eks: Stub,
    clusters: Clusters,
    act: Callable[[Clusters], Any],
    operation: str,
    parameters: dict[str, Any],
) -> None:
    eks.refuses(operation, parameters, "ExpiredTokenException")
    with pytest.raises(errors.CredentialsExpired, match="Get new credentials"):
        act(clusters)
