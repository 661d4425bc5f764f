"""Node groups: made, brought to a size, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from unit.workloads.cluster.eks_answers import (
    BOTH,
    CREATE_NODES,
    GROUPS,
    NETWORK,
    NEW_NODES,
    NODES,
    ROLE,
    SCALING,
    SPEC,
    UPDATE,
    expect_nodes_gone,
    nodes_of,
    updated,
)
from workloads.cluster import errors
from workloads.cluster.clusters import Clusters
from workloads.cluster.spec import ClusterSpec

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.undo import Undo


def test_a_node_group_is_made_and_undone(eks: Stub, clusters: Clusters, undo: Undo) -> None:
    eks.plays(NEW_NODES)
    clusters.ensure_nodes(SPEC, ROLE, NETWORK, undo)
    expect_nodes_gone(eks)
    undo.run()


@pytest.mark.parametrize("failing", range(len(NEW_NODES)))
def test_a_node_group_that_fails_at_any_step_is_taken_back(
    eks: Stub, clusters: Clusters, undo: Undo, failing: int
) -> None:
    eks.plays(NEW_NODES[:failing])
    step = NEW_NODES[failing]
    eks.refuses(step.operation, step.parameters, "AccessDeniedException")
    if failing > 1:
        expect_nodes_gone(eks)
    with pytest.raises(errors.PermissionDenied), undo:
        clusters.ensure_nodes(SPEC, ROLE, NETWORK, undo)


def test_a_cluster_that_is_busy_gets_its_node_group_later(
    eks: Stub, clusters: Clusters, undo: Undo, pauses: list[float]
) -> None:
    eks.plays(NEW_NODES[:1])
    eks.refuses("create_nodegroup", CREATE_NODES, "ResourceInUseException")
    eks.plays(NEW_NODES[1:])
    clusters.ensure_nodes(SPEC, ROLE, NETWORK, undo)
    assert len(pauses) == 1


def test_the_owner_of_the_key_may_log_in_from_within_the_network(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    login = {"ec2SshKey": "cluster-provider-c", "sourceSecurityGroups": ["sg-1"]}
    eks.plays(NEW_NODES[:1])
    eks.answers("create_nodegroup", {**CREATE_NODES, "remoteAccess": login})
    eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE"))
    spec = ClusterSpec("c", nodes=NODES, public_key="ssh-rsa AAAA")
    clusters.ensure_nodes(spec, ROLE, NETWORK, undo)


def test_a_node_group_that_is_there_is_brought_to_its_size(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    eks.answers("list_nodegroups", GROUPS, {"nodegroups": ["nodes"]})
    for _ in range(2):
        eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE", size=3))
    eks.answers("update_nodegroup_config", {**BOTH, "scalingConfig": SCALING}, UPDATE)
    update = {"name": "c", "nodegroupName": "nodes", "updateId": "u-1"}
    eks.answers("describe_update", update, updated("Successful"))
    eks.answers("describe_nodegroup", BOTH, nodes_of("UPDATING"))
    eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE"))
    clusters.ensure_nodes(SPEC, ROLE, NETWORK, undo)
    undo.run()


@pytest.mark.parametrize(
    "other", [{"instanceTypes": ["m5.large"]}, {"diskSize": 99}, {"labels": {"for": "play"}}]
)
def test_other_machines_for_a_node_group_that_is_there_are_refused(
    eks: Stub, clusters: Clusters, undo: Undo, other: dict[str, Any]
) -> None:
    eks.answers("list_nodegroups", GROUPS, {"nodegroups": ["nodes"]})
    eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE", **other))
    with pytest.raises(errors.ProviderError, match=f"with {next(iter(other))} .*not changed to"):
        clusters.ensure_nodes(SPEC, ROLE, NETWORK, undo)


def test_a_node_group_of_the_right_size_is_left_alone(eks: Stub, clusters: Clusters) -> None:
    eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE"))
    clusters.scale("c", "nodes", SCALING)


def test_a_node_group_that_may_not_be_scaled_says_so(eks: Stub, clusters: Clusters) -> None:
    eks.answers("describe_nodegroup", BOTH, nodes_of("ACTIVE", size=3))
    scale = {**BOTH, "scalingConfig": SCALING}
    eks.refuses("update_nodegroup_config", scale, "AccessDeniedException")
    with pytest.raises(errors.PermissionDenied, match="UpdateNodegroupConfig"):
        clusters.scale("c", "nodes", SCALING)


def test_a_node_group_that_is_gone_needs_no_removal(eks: Stub, clusters: Clusters) -> None:
    eks.refuses("delete_nodegroup", BOTH, "ResourceNotFoundException")
    clusters.delete_nodes("c", "nodes")
