"""What EKS is asked for a cluster and its node group, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.stub import ANY

from unit.workloads.stub import Step
from workloads.cluster.network import Network
from workloads.cluster.spec import ClusterSpec, NodeGroupSpec

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

ROLE = "arn:aws:iam::123456789012:role/c"
NETWORK = Network("vpc-1", ("subnet-1", "subnet-2"), "sg-1")
NODES = NodeGroupSpec("nodes", nodes=2, at_least=1, at_most=3, labels={"for": "work"})
SPEC = ClusterSpec("c", nodes=NODES, version="1.31", logs=("api", "audit"))
OURS = {"created-by": "cluster-provider"}
CLUSTER, BOTH = {"name": "c"}, {"clusterName": "c", "nodegroupName": "nodes"}
CREATE = {
    **CLUSTER,
    "version": "1.31",
    "roleArn": ROLE,
    "resourcesVpcConfig": {
        "subnetIds": ["subnet-1", "subnet-2"],
        "securityGroupIds": ["sg-1"],
        "endpointPrivateAccess": True,
    },
    "logging": {"clusterLogging": [{"types": ["api", "audit"], "enabled": True}]},
    "tags": OURS,
    "clientRequestToken": ANY,
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
    "tags": OURS,
    "clientRequestToken": ANY,
}
GROUPS = {"clusterName": "c"}
UPDATE = {"update": {"id": "u-1"}}


def active(*logs: str) -> dict[str, Any]:
    logging = {"clusterLogging": [{"types": [*logs], "enabled": True}]} if logs else {}
    found = {"status": "ACTIVE", "version": "1.31", "tags": OURS, "logging": logging}
    return {"cluster": found}


def nodes_of(status: str, size: int = 2, **other: Any) -> dict[str, Any]:
    scaling = {**SCALING, "desiredSize": size}
    same = {"instanceTypes": ["t3.medium"], "diskSize": 20, "labels": {"for": "work"}}
    return {"nodegroup": {"status": status, "scalingConfig": scaling, **same, **other}}


def updated(status: str, *errors: str) -> dict[str, Any]:
    return {"update": {"status": status, "errors": [{"errorMessage": each} for each in errors]}}


DELETED = (
    Step("list_nodegroups", {"clusterName": "c"}, {"nodegroups": []}),
    Step("delete_cluster", CLUSTER),
)
NEW = [
    Step("create_cluster", CREATE, undone_by=DELETED),
    Step("describe_cluster", CLUSTER, active("api", "audit")),
]
NEW_NODES = [
    Step("list_nodegroups", GROUPS, {"nodegroups": []}),
    Step("create_nodegroup", CREATE_NODES),
    Step("describe_nodegroup", BOTH, nodes_of("ACTIVE")),
]


def expect_gone(eks: Stub) -> None:
    eks.refuses("describe_cluster", CLUSTER, "ResourceNotFoundException")


def expect_nodes_gone(eks: Stub) -> None:
    eks.answers("delete_nodegroup", BOTH)
    eks.answers("describe_nodegroup", BOTH, nodes_of("DELETING"))
    eks.refuses("describe_nodegroup", BOTH, "ResourceNotFoundException")
