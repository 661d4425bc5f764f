"""Clusters: made, configured, removed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable

import pytest
from botocore.exceptions import ConnectionClosedError

from unit.workloads.cluster.eks_answers import (
    BOTH,
    CLUSTER,
    CONFIGURE,
    CREATE,
    GROUPS,
    NETWORK,
    NEW,
    NODES,
    OFF,
    ROLE,
    SCALING,
    SPEC,
    UPDATE,
    active,
    expect_gone,
    expect_nodes_gone,
    updated,
)
from workloads.cluster import errors
from workloads.cluster.clusters import Clusters
from workloads.cluster.spec import ClusterSpec

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo


def test_a_cluster_is_made_with_its_logs_and_waited_for(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    expect_gone(eks)
    eks.plays(NEW)
    clusters.ensure(SPEC, ROLE, NETWORK, undo)


@pytest.mark.parametrize("failing", range(len(NEW)), ids=lambda index: f"{index}-{NEW[index]}")
def test_a_cluster_that_fails_at_any_step_is_taken_back(
    eks: Stub, clusters: Clusters, undo: Undo, failing: int
) -> None:
    expect_gone(eks)
    eks.plays_until(NEW, failing, "AccessDeniedException")
    if failing:
        expect_gone(eks)
    with pytest.raises(errors.PermissionDenied), undo:
        clusters.ensure(SPEC, ROLE, NETWORK, undo)


def test_a_cluster_is_the_same_however_often_it_must_be_asked_for(
    eks: Stub,
    clusters: Clusters,
    undo: Undo,
    call: Calls,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def create_cluster(**request: Any) -> None:
        asked.append(request)
        if len(asked) == 1:
            raise ConnectionClosedError(endpoint_url="https://eks")

    for _ in range(1 + call.tries):  # before, and after the answer that was lost
        expect_gone(eks)
    eks.answers("describe_cluster", CLUSTER, active())
    monkeypatch.setattr(eks.client, "create_cluster", create_cluster)
    clusters.ensure(SPEC, ROLE, NETWORK, undo)
    assert asked[0]["clientRequestToken"]
    assert asked[0] == asked[1]


def test_a_role_that_eks_has_not_heard_of_is_waited_for(
    eks: Stub, clusters: Clusters, undo: Undo, pauses: list[float]
) -> None:
    expect_gone(eks)
    unknown = ("InvalidParameterException", "Role with arn x could not be assumed")
    eks.refuses("create_cluster", CREATE, *unknown)
    eks.plays(NEW)
    clusters.ensure(SPEC, ROLE, NETWORK, undo)
    assert pauses == [1.0]


def test_a_cluster_that_is_there_as_it_shall_be_is_left_alone(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    for _ in range(2):
        eks.answers("describe_cluster", CLUSTER, active("audit", "api"))
    clusters.ensure(SPEC, ROLE, NETWORK, undo)
    undo.run()


@pytest.mark.parametrize("tags", [{}, {"owner": "someone"}, {"created-by": "someone"}])
def test_a_cluster_that_somebody_else_has_made_is_not_touched(
    eks: Stub, clusters: Clusters, undo: Undo, tags: dict[str, str]
) -> None:
    eks.answers("describe_cluster", CLUSTER, {"cluster": {"status": "ACTIVE", "tags": tags}})
    with pytest.raises(errors.ProviderError, match="somebody else has made it"):
        clusters.ensure(SPEC, ROLE, NETWORK, undo)


def test_another_version_of_a_cluster_is_refused(eks: Stub, clusters: Clusters, undo: Undo) -> None:
    eks.answers("describe_cluster", CLUSTER, active())
    with pytest.raises(errors.ProviderError, match=r"with version '1\.31', which is not"):
        clusters.ensure(replace(SPEC, version="1.32"), ROLE, NETWORK, undo)


def test_a_cluster_that_nobody_wants_anything_special_of_is_left_as_it_is(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    spec = ClusterSpec("c", nodes=NODES)
    optional = ("version", "logging")
    plain = {key: value for key, value in CREATE.items() if key not in optional}
    expect_gone(eks)
    eks.answers("create_cluster", plain)
    for _ in range(3):
        eks.answers("describe_cluster", CLUSTER, active())
    clusters.ensure(spec, ROLE, NETWORK, undo)
    clusters.ensure(spec, ROLE, NETWORK, undo)


def test_logs_that_are_not_wanted_any_more_are_switched_off(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    everything = ["api", "audit", *OFF]
    off = {"clusterLogging": [{"types": everything, "enabled": False}]}
    for _ in range(2):
        eks.answers("describe_cluster", CLUSTER, active("api"))
    eks.answers("update_cluster_config", {**CLUSTER, "logging": off}, UPDATE)
    eks.answers("describe_update", {**CLUSTER, "updateId": "u-1"}, updated("Successful"))
    clusters.ensure(replace(SPEC, logs=()), ROLE, NETWORK, undo)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (updated("Failed", "no access", "no room"), "c is Failed: no access; no room"),
        (updated("Cancelled"), "c is Cancelled: EKS gives no reason"),
    ],
)
def test_an_update_is_followed_and_one_that_fails_says_why(
    eks: Stub, clusters: Clusters, undo: Undo, answer: dict[str, Any], said: str
) -> None:
    update = {**CLUSTER, "updateId": "u-1"}
    for _ in range(2):
        eks.answers("describe_cluster", CLUSTER, active())
    eks.refuses("update_cluster_config", CONFIGURE, "ResourceInUseException")
    eks.answers("update_cluster_config", CONFIGURE, UPDATE)
    eks.refuses("describe_update", update, "ResourceNotFoundException")
    eks.answers("describe_update", update, updated("InProgress"))
    eks.answers("describe_update", update, answer)
    with pytest.raises(errors.NotReady, match=said):
        clusters.ensure(SPEC, ROLE, NETWORK, undo)


def test_a_cluster_that_fails_to_start_is_not_ready(
    eks: Stub, clusters: Clusters, undo: Undo
) -> None:
    expect_gone(eks)
    eks.answers("create_cluster", CREATE)
    eks.answers("describe_cluster", CLUSTER, {"cluster": {"status": "FAILED"}})
    with pytest.raises(errors.NotReady):
        clusters.ensure(SPEC, ROLE, NETWORK, undo)


def test_all_clusters_are_listed(eks: Stub, clusters: Clusters) -> None:
    eks.answers("list_clusters", {}, {"clusters": ["b"], "nextToken": "more"})
    eks.answers("list_clusters", {"nextToken": "more"}, {"clusters": ["a"]})
    assert clusters.names() == ["b", "a"]


def test_a_cluster_is_removed_after_its_nodes_as_soon_as_they_are_not_busy(
    eks: Stub, clusters: Clusters, pauses: list[float]
) -> None:
    eks.answers("list_nodegroups", GROUPS, {"nodegroups": ["nodes"]})
    eks.refuses("delete_nodegroup", BOTH, "ResourceInUseException")
    expect_nodes_gone(eks)
    eks.refuses("delete_cluster", CLUSTER, "ResourceInUseException")
    eks.answers("delete_cluster", CLUSTER)
    eks.answers("describe_cluster", CLUSTER, {"cluster": {"status": "DELETING"}})
    expect_gone(eks)
    clusters.delete("c")
    assert len(pauses) == 2


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
