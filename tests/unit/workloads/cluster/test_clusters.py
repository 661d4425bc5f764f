"""What moto cannot show of EKS: updates, and a creation that is repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ConnectionClosedError

from workloads.cluster import errors
from workloads.cluster.clusters import Clusters
from workloads.cluster.ec2.network import Network
from workloads.cluster.spec import ClusterSpec

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo

ROLE = "arn:aws:iam::123456789012:role/c"
NETWORK = Network("vpc-1", ("subnet-1", "subnet-2"), "sg-1")
CLUSTER = {"name": "c"}
UPDATE = {**CLUSTER, "updateId": "u-1"}
OTHERS = ["authenticator", "controllerManager", "scheduler"]


@pytest.fixture
def clusters(eks: Stub, call: Calls) -> Clusters:
    return Clusters(eks.client, call)


def active(*logs: str) -> dict[str, Any]:
    logging = {"clusterLogging": [{"types": [*logs], "enabled": True}]} if logs else {}
    tags = {"created-by": "cluster-provider"}
    return {"cluster": {"status": "ACTIVE", "version": "1.31", "tags": tags, "logging": logging}}


def changes(*logs: str, enabled: bool) -> dict[str, Any]:
    return {"types": [*logs], "enabled": enabled}


def updated(status: str, *errors: str) -> dict[str, Any]:
    return {"update": {"status": status, "errors": [{"errorMessage": each} for each in errors]}}


def test_a_repeated_creation_has_the_same_client_token(
    eks: Stub, clusters: Clusters, undo: Undo, call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def create_cluster(**request: Any) -> None:
        asked.append(request)
        if len(asked) == 1:
            raise ConnectionClosedError(endpoint_url="https://eks")

    # Before the creation, and after the answer that was lost.
    times = 1 + call.tries
    eks.refuses("describe_cluster", CLUSTER, "ResourceNotFoundException", times=times)
    eks.answers("describe_cluster", CLUSTER, active())
    monkeypatch.setattr(eks.client, "create_cluster", create_cluster)
    spec = ClusterSpec("c", version="1.31", logs=("api", "audit"))
    clusters.ensure(spec, ROLE, NETWORK, undo)
    assert asked[0].pop("clientRequestToken") == asked[1].pop("clientRequestToken") != ""
    assert asked[0] == asked[1]
    assert asked[0]["version"] == "1.31"
    assert asked[0]["logging"] == {"clusterLogging": [changes("api", "audit", enabled=True)]}


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        (["audit", "api"], ("api", "audit"), []),
        ([], (), []),
        (
            ["api", "scheduler"],
            ("api", "audit"),
            [changes("api", "audit", enabled=True), changes(*OTHERS, enabled=False)],
        ),
        (["api"], (), [changes("api", "audit", *OTHERS, enabled=False)]),
    ],
)
def test_logs_are_changed_only_if_they_differ(
    eks: Stub,
    clusters: Clusters,
    undo: Undo,
    found: list[str],
    wanted: tuple[str, ...],
    expected: list[dict[str, Any]],
) -> None:
    eks.answers("describe_cluster", CLUSTER, active(*found), active(*found))
    if expected:
        logging = {"clusterLogging": expected}
        answer = {"update": {"id": "u-1"}}
        eks.answers("update_cluster_config", {**CLUSTER, "logging": logging}, answer)
        eks.answers("describe_update", UPDATE, updated("Successful"))
    clusters.ensure(ClusterSpec("c", logs=wanted), ROLE, NETWORK, undo)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (updated("Failed", "no access", "no room"), "c is Failed: no access; no room"),
        (updated("Cancelled"), "c is Cancelled: EKS gives no reason"),
    ],
)
def test_an_update_is_followed_and_its_failure_is_explained(
    eks: Stub, clusters: Clusters, undo: Undo, answer: dict[str, Any], message: str
) -> None:
    logging = {"clusterLogging": [changes("api", "audit", *OTHERS, enabled=False)]}
    asked = {**CLUSTER, "logging": logging}
    eks.answers("describe_cluster", CLUSTER, active("api"), active("api"))
    eks.refuses("update_cluster_config", asked, "ResourceInUseException")
    eks.answers("update_cluster_config", asked, {"update": {"id": "u-1"}})
    eks.refuses("describe_update", UPDATE, "ResourceNotFoundException")
    # A wait checks twice.
    eks.answers("describe_update", UPDATE, updated("InProgress"), answer)
    with pytest.raises(errors.NotReady, match=message):
        clusters.ensure(ClusterSpec("c"), ROLE, NETWORK, undo)


@pytest.mark.parametrize("tags", [{}, {"owner": "someone"}, {"created-by": "someone"}])
def test_a_cluster_with_other_tags_belongs_to_somebody_else(
    eks: Stub, clusters: Clusters, tags: dict[str, str]
) -> None:
    eks.answers("describe_cluster", CLUSTER, {"cluster": {"status": "ACTIVE", "tags": tags}})
    with pytest.raises(errors.ProviderError, match="somebody else has made it"):
        clusters.own("c")


def test_a_node_group_that_is_gone_counts_as_removed(eks: Stub, clusters: Clusters) -> None:
    both = {"clusterName": "c", "nodegroupName": "nodes"}
    eks.refuses("delete_nodegroup", both, "ResourceNotFoundException")
    clusters.delete_nodes("c", "nodes")
