"""Clusters and node groups of EKS."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.errors import NotFound, NotReady, NotYet, ProviderError
from workloads.cluster.making import Thing, make
from workloads.cluster.network import Network
from workloads.cluster.spec import ClusterSpec, check_name
from workloads.cluster.undo import Undo

_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_OURS = {"created-by": "cluster-provider"}


class Clusters:
    """Make clusters and their node groups as they shall be, again and again, and remove them.

    What somebody else has made is not touched.
    """

    def __init__(self, eks: Any, call: Calls) -> None:
        self._eks = eks
        self._call = call

    def ensure(self, spec: ClusterSpec, role: str, network: Network, undo: Undo) -> None:
        """Make a cluster that is active; of one that is there, change the logs."""
        found = self.own(spec.name)
        if found is None:
            self._create(spec, role, network, undo)
            return
        if spec.version:
            _check(f"cluster {spec.name}", {"version": spec.version}, found)
        self._call.until(self._eks, "cluster_active", name=spec.name)
        self._configure(found, spec)

    def describe(self, name: str) -> dict[str, Any]:
        """Return what EKS knows of a cluster."""
        check_name("cluster", name)
        cluster: dict[str, Any] = self._call(self._eks.describe_cluster, name=name)["cluster"]
        return cluster

    def own(self, name: str) -> dict[str, Any] | None:
        """Return what EKS knows of a cluster, if there is one; it is an error if it is not ours."""
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
        return self._call.listed(self._eks, "list_clusters", "clusters[]")

    def delete(self, name: str) -> None:
        """Remove a cluster and what runs in it, and wait until EKS lets go of its network."""
        for group in self.node_groups(name):
            self.delete_nodes(name, group)
        self._call.when_free(self._eks.delete_cluster, name=name)
        self._call.until(self._eks, "cluster_deleted", name=name)

    def ensure_nodes(self, spec: ClusterSpec, role: str, network: Network, undo: Undo) -> None:
        """Make the node group of a cluster, or bring the one it has to the size of the spec."""
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

        thing = Thing("node group", nodes.name, look, partial(self.delete_nodes, spec.name))
        make(thing, create, undo, self._call, self._call.when_free)
        self._until_active(spec.name, nodes.name)

    def scale(self, cluster: str, nodes: str, scaling: dict[str, int]) -> None:
        """Bring a node group to another size, unless it has it."""
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
            self._call.when_free(self._eks.delete_nodegroup, **names)
        except NotFound:
            return
        self._call.until(self._eks, "nodegroup_deleted", **names)

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
            # The same for each try: where only the answer was lost, EKS gives it again.
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

        thing = Thing("cluster", spec.name, look, self.delete)
        make(thing, create, undo, self._call, partial(self._call.despite, (NotYet,)))
        self._call.until(self._eks, "cluster_active", name=spec.name)

    def _configure(self, cluster: Mapping[str, Any], spec: ClusterSpec) -> None:
        wanted = set(spec.logs)
        setups = cluster.get("logging", {}).get("clusterLogging", [])
        enabled = {kind for setup in setups if setup["enabled"] for kind in setup["types"]}
        # EKS takes an update that changes nothing for an error.
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
        """Wait for an update: what is updated is active before, and also after one that failed."""

        def look() -> Mapping[str, Any]:
            asked = {**names, "updateId": answer["update"]["id"]}
            update: Mapping[str, Any] = self._call.despite(
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
        self._call.until(self._eks, "nodegroup_active", clusterName=cluster, nodegroupName=nodes)


def _check(thing: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    for what, value in wanted.items():
        if found.get(what, value) != value:
            raise ProviderError(
                f"The {thing} is there with {what} {found[what]!r}, which is not changed to"
                f" {value!r}. Choose another name, or ask for what is there."
            )
