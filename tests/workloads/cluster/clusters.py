"""Clusters and node groups of EKS."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.creation import Resource, create_once
from workloads.cluster.ec2.network import Network
from workloads.cluster.errors import NotFound, NotReady, NotYet, ProviderError
from workloads.cluster.spec import ClusterSpec, check_name
from workloads.cluster.undo import Undo

_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_OURS = {"created-by": "cluster-provider"}


class Clusters:
    """Create, change and remove clusters and their node groups; repeating a call is safe.

    Clusters that somebody else created are left alone.
    """

    def __init__(self, eks: Any, call: Calls) -> None:
        self._eks = eks
        self._call = call

    def ensure(self, spec: ClusterSpec, role: str, network: Network, undo: Undo) -> None:
        """Create a cluster and wait until it is active; change the logs of an existing one."""
        found = self.own(spec.name)
        if found is None:
            self._create(spec, role, network, undo)
            return
        if spec.version:
            _check(f"cluster {spec.name}", {"version": spec.version}, found)
        self._call.wait_until(self._eks, "cluster_active", name=spec.name)
        self._configure(found, spec)

    def describe(self, name: str) -> dict[str, Any]:
        """Describe a cluster."""
        check_name("cluster", name)
        cluster: dict[str, Any] = self._call(self._eks.describe_cluster, name=name)["cluster"]
        return cluster

    def own(self, name: str) -> dict[str, Any] | None:
        """Describe a cluster, if there is one; raise an error if somebody else created it."""
        try:
            found = self.describe(name)
        except NotFound:
            return None
        if not _OURS.items() <= found.get("tags", {}).items():
            raise ProviderError(
                f"There is a cluster {name} without the tag created-by=cluster-provider, so"
                " somebody else has made it. Choose another name."
            )
        return found

    def names(self) -> list[str]:
        """Return the names of all clusters in the region."""
        return self._call.list_all(self._eks, "list_clusters", "clusters[]")

    def delete(self, name: str) -> None:
        """Remove a cluster with its node groups, and wait until EKS has released its network."""
        for group in self.node_groups(name):
            self.delete_nodes(name, group)
        self._call.when_free(self._eks.delete_cluster, name=name)
        self._call.wait_until(self._eks, "cluster_deleted", name=name)

    def ensure_nodes(self, spec: ClusterSpec, role: str, network: Network, undo: Undo) -> None:
        """Create the node group of a cluster, or scale the existing one."""
        nodes = spec.nodes
        wanted = {
            "instanceTypes": [nodes.instance_type],
            "diskSize": nodes.disk,
            "labels": nodes.labels,
        }
        if nodes.name in self.node_groups(spec.name):
            found = self.describe_nodes(spec.name, nodes.name)
            _check(f"node group {nodes.name}", wanted, found)
            self.scale(spec.name, nodes.name, nodes.scaling)
            return
        if spec.public_key is not None:
            groups = [network.security_group]
            wanted["remoteAccess"] = {
                "ec2SshKey": spec.key_pair,
                "sourceSecurityGroups": groups,
            }
        request = {
            "clusterName": spec.name,
            "nodegroupName": nodes.name,
            "nodeRole": role,
            "subnets": list(network.subnets),
            "scalingConfig": nodes.scaling,
            "tags": _OURS,
            "clientRequestToken": str(uuid.uuid4()),
            **wanted,
        }

        def look() -> list[str]:
            return [each for each in self.node_groups(spec.name) if each == nodes.name]

        def create() -> str:
            self._eks.create_nodegroup(**request)
            return nodes.name

        resource = Resource("node group", nodes.name, look, partial(self.delete_nodes, spec.name))
        create_once(resource, create, undo, self._call, self._call.when_free)
        self._until_active(spec.name, nodes.name)

    def scale(self, cluster: str, nodes: str, scaling: dict[str, int]) -> None:
        """Scale a node group, unless it has this size."""
        if self.describe_nodes(cluster, nodes)["scalingConfig"] == scaling:
            return
        answer = self._call.when_free(
            self._eks.update_nodegroup_config,
            clusterName=cluster,
            nodegroupName=nodes,
            scalingConfig=scaling,
        )
        self._follow(answer, name=cluster, nodegroupName=nodes)
        self._until_active(cluster, nodes)

    def describe_nodes(self, cluster: str, nodes: str) -> dict[str, Any]:
        """Describe a node group."""
        answer = self._call(self._eks.describe_nodegroup, clusterName=cluster, nodegroupName=nodes)
        group: dict[str, Any] = answer["nodegroup"]
        return group

    def node_groups(self, cluster: str) -> list[str]:
        """Return the names of the node groups of a cluster."""
        return self._call.list_all(
            self._eks, "list_nodegroups", "nodegroups[]", clusterName=cluster
        )

    def delete_nodes(self, cluster: str, nodes: str) -> None:
        """Remove a node group, and wait until its instances are gone."""
        names = {"clusterName": cluster, "nodegroupName": nodes}
        try:
            self._call.when_free(self._eks.delete_nodegroup, **names)
        except NotFound:
            return
        self._call.wait_until(self._eks, "nodegroup_deleted", **names)

    def _create(self, spec: ClusterSpec, role: str, network: Network, undo: Undo) -> None:
        request: dict[str, Any] = {
            "name": spec.name,
            "roleArn": role,
            "resourcesVpcConfig": {
                "subnetIds": list(network.subnets),
                "securityGroupIds": [network.security_group],
                "endpointPrivateAccess": True,
            },
            "tags": _OURS,
            # The same for each try, so that EKS repeats an answer that was lost.
            "clientRequestToken": str(uuid.uuid4()),
        }
        if spec.version:
            request["version"] = spec.version
        if spec.logs:
            request["logging"] = {"clusterLogging": [{"types": [*spec.logs], "enabled": True}]}

        def look() -> list[str]:
            return [] if self.own(spec.name) is None else [spec.name]

        def create() -> str:
            self._eks.create_cluster(**request)
            return spec.name

        resource = Resource("cluster", spec.name, look, self.delete)
        create_once(resource, create, undo, self._call, partial(self._call.retry_on, (NotYet,)))
        self._call.wait_until(self._eks, "cluster_active", name=spec.name)

    def _configure(self, cluster: Mapping[str, Any], spec: ClusterSpec) -> None:
        wanted = set(spec.logs)
        setups = cluster.get("logging", {}).get("clusterLogging", [])
        enabled = {kind for setup in setups if setup["enabled"] for kind in setup["types"]}
        # EKS refuses an update that changes nothing.
        if enabled == wanted:
            return
        changes = [
            {"types": [kind for kind in _LOGS if (kind in wanted) is on], "enabled": on}
            for on in (True, False)
        ]
        logging = {"clusterLogging": [change for change in changes if change["types"]]}
        answer = self._call.when_free(
            self._eks.update_cluster_config, name=spec.name, logging=logging
        )
        self._follow(answer, name=spec.name)

    def _follow(self, answer: Mapping[str, Any], **names: str) -> None:
        """Wait for an update; the status of the cluster does not show whether it failed."""

        def look() -> Mapping[str, Any]:
            asked = {**names, "updateId": answer["update"]["id"]}
            update: Mapping[str, Any] = self._call.retry_on(
                (NotFound,), self._eks.describe_update, **asked
            )["update"]
            return update

        update = self._call.watch(look, lambda seen: seen["status"] != "InProgress")
        if update["status"] != "Successful":
            reasons: Iterable[Mapping[str, Any]] = update.get("errors", [])
            said = "; ".join(each["errorMessage"] for each in reasons) or "EKS gives no reason"
            raise NotReady(
                f"The update of {' '.join(names.values())} is {update['status']}: {said}."
            )

    def _until_active(self, cluster: str, nodes: str) -> None:
        self._call.wait_until(
            self._eks, "nodegroup_active", clusterName=cluster, nodegroupName=nodes
        )


def _check(thing: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    for what, value in wanted.items():
        if found.get(what, value) != value:
            raise ProviderError(
                f"The {thing} is there with {what} {found[what]!r}, which is not changed to"
                f" {value!r}. Choose another name, or ask for what is there."
            )
