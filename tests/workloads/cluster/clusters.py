"""Clusters and node groups of EKS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.errors import AlreadyThere, NotFound
from workloads.cluster.network import Network
from workloads.cluster.spec import ClusterSpec
from workloads.cluster.undo import Undo

_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")


class Clusters:
    """Make clusters and their node groups as they shall be, again and again, and remove them."""

    def __init__(self, eks: Any, call: Calls) -> None:
        self._eks = eks
        self._call = call

    def ensure(self, spec: ClusterSpec, role: str, network: Network, undo: Undo) -> dict[str, Any]:
        """Return the description of a cluster that is active and configured."""
        optional = {"version": spec.version} if spec.version else {}
        try:
            self._call(
                self._eks.create_cluster,
                name=spec.name,
                roleArn=role,
                resourcesVpcConfig={
                    "subnetIds": list(network.subnets),
                    "securityGroupIds": [network.security_group],
                },
                tags={"created-by": "cluster-provider"},
                **optional,
            )
        except AlreadyThere:
            pass
        else:
            undo.add(f"cluster {spec.name}", lambda: self.delete(spec.name))
        self._call.until(self._eks, "cluster_active", name=spec.name)
        self._configure(spec.name, spec.logs)
        return self.describe(spec.name)

    def describe(self, name: str) -> dict[str, Any]:
        """Return what EKS knows of a cluster."""
        cluster: dict[str, Any] = self._call(self._eks.describe_cluster, name=name)["cluster"]
        return cluster

    def names(self) -> list[str]:
        """Return the names of all clusters in the region."""
        return self._call.listed(self._eks, "list_clusters", "clusters[]")

    def delete(self, name: str) -> None:
        """Remove a cluster and what runs in it, and wait until EKS lets go of its network."""
        for group in self.node_groups(name):
            self.delete_nodes(name, group)
        self._call(self._eks.delete_cluster, name=name)
        self._call.until(self._eks, "cluster_deleted", name=name)

    def ensure_nodes(self, spec: ClusterSpec, role: str, network: Network, undo: Undo) -> None:
        """Make the node group of a cluster, or bring the one it has to the size of the spec."""
        nodes = spec.nodes
        login = {}
        if spec.public_key is not None:
            groups = [network.security_group]
            login = {"remoteAccess": {"ec2SshKey": spec.key_pair, "sourceSecurityGroups": groups}}
        try:
            self._call(
                self._eks.create_nodegroup,
                clusterName=spec.name,
                nodegroupName=nodes.name,
                nodeRole=role,
                subnets=list(network.subnets),
                scalingConfig=nodes.scaling,
                instanceTypes=[nodes.instance_type],
                diskSize=nodes.disk,
                labels=nodes.labels,
                tags={"created-by": "cluster-provider"},
                **login,
            )
        except AlreadyThere:
            self.scale(spec.name, nodes.name, nodes.scaling)
            return
        undo.add(f"node group {nodes.name}", lambda: self.delete_nodes(spec.name, nodes.name))
        self._until_active(spec.name, nodes.name)

    def scale(self, cluster: str, nodes: str, scaling: dict[str, int]) -> None:
        """Bring a node group to another size, unless it has it."""
        if self.describe_nodes(cluster, nodes)["scalingConfig"] == scaling:
            return
        self._call(
            self._eks.update_nodegroup_config,
            clusterName=cluster,
            nodegroupName=nodes,
            scalingConfig=scaling,
        )
        self._until_active(cluster, nodes)

    def describe_nodes(self, cluster: str, nodes: str) -> dict[str, Any]:
        """Return what EKS knows of a node group."""
        answer = self._call(self._eks.describe_nodegroup, clusterName=cluster, nodegroupName=nodes)
        group: dict[str, Any] = answer["nodegroup"]
        return group

    def node_groups(self, cluster: str) -> list[str]:
        """Return the names of the node groups of a cluster."""
        return self._call.listed(self._eks, "list_nodegroups", "nodegroups[]", clusterName=cluster)

    def delete_nodes(self, cluster: str, nodes: str) -> None:
        """Remove a node group, and wait until its instances are gone."""
        names = {"clusterName": cluster, "nodegroupName": nodes}
        try:
            self._call(self._eks.delete_nodegroup, **names)
        except NotFound:
            return
        self._call.until(self._eks, "nodegroup_deleted", **names)

    def _configure(self, name: str, logs: Iterable[str]) -> None:
        wanted = set(logs)
        setups = self.describe(name).get("logging", {}).get("clusterLogging", [])
        enabled = {kind for setup in setups if setup["enabled"] for kind in setup["types"]}
        # EKS takes an update that changes nothing for an error.
        if enabled == wanted:
            return
        changes = [
            {"types": [kind for kind in _LOGS if (kind in wanted) is on], "enabled": on}
            for on in (True, False)
        ]
        logging = {"clusterLogging": [change for change in changes if change["types"]]}
        self._call(self._eks.update_cluster_config, name=name, logging=logging)
        self._call.until(self._eks, "cluster_active", name=name)

    def _until_active(self, cluster: str, nodes: str) -> None:
        self._call.until(self._eks, "nodegroup_active", clusterName=cluster, nodegroupName=nodes)
