"""The network of a cluster: a VPC with a gateway, a subnet in each zone, a security group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.creation import Resource
from workloads.cluster.ec2.gateways import Gateways
from workloads.cluster.ec2.tagging import OWNER, TaggedResources, owned_by
from workloads.cluster.errors import AlreadyThere, NotFound, NotYet, ProviderError
from workloads.cluster.spec import ClusterSpec
from workloads.cluster.undo import Undo

_OPEN_TO_ALL = "opt-in-not-required"


@dataclass(frozen=True)
class Network:
    """The ids of a cluster's network."""

    vpc: str
    subnets: tuple[str, ...]
    security_group: str


class Networks:
    """Create, find and remove networks, by the name of their cluster."""

    def __init__(self, ec2: Any, call: Calls) -> None:
        self._ec2 = ec2
        self._call = call
        # For a moment EC2 does not find a new resource, and still uses a removed one.
        self._change = partial(call.retry_on, (NotFound, NotYet))
        self._tagged = TaggedResources(ec2, call)
        self._gateways = Gateways(ec2, call)

    def ensure(self, spec: ClusterSpec, undo: Undo) -> Network:
        """Create what is missing of a network; `undo` removes only that."""
        vpc = self._ensure_vpc(spec, undo)
        self._gateways.ensure(spec.name, vpc, undo)
        return Network(
            vpc, self._ensure_subnets(spec, vpc, undo), self._ensure_group(spec.name, vpc, undo)
        )

    def find(self, cluster: str) -> Network:
        """Find the network of a cluster."""
        vpcs = self._vpcs(cluster)
        if not vpcs:
            raise NotFound(f"There is no VPC with the tag {OWNER}={cluster}.")
        subnets = sorted(subnet["SubnetId"] for subnet in self._subnets(cluster, vpcs[0]))
        groups = self._groups(cluster, vpcs[0])
        return Network(vpcs[0], tuple(subnets), groups[0] if groups else "")

    def delete(self, cluster: str) -> None:
        """Remove the network of a cluster, whatever there is of it."""
        undo = Undo()
        for vpc in self._vpcs(cluster):
            undo.add(f"VPC {vpc}", partial(self._delete_vpc, vpc))
            for subnet in self._subnets(cluster, vpc):
                name = subnet["SubnetId"]
                undo.add(f"subnet {name}", partial(self._delete_subnet, name))
            for group in self._groups(cluster, vpc):
                undo.add(f"security group {group}", partial(self._delete_group, group))
        self._gateways.undo(cluster, undo)
        undo.run()

    def _ensure_vpc(self, spec: ClusterSpec, undo: Undo) -> str:
        found = self._vpcs(spec.name)
        vpc = found[0] if found else self._create_vpc(spec, undo)
        # Nodes find the control plane by its host name.
        self._change(self._ec2.modify_vpc_attribute, VpcId=vpc, EnableDnsHostnames={"Value": True})
        return vpc

    def _create_vpc(self, spec: ClusterSpec, undo: Undo) -> str:
        look = partial(self._vpcs, spec.name)
        vpc = self._tagged.create(
            Resource("VPC", f"of {spec.name}", look, self._delete_vpc),
            spec.name,
            undo,
            "create_vpc",
            lambda answer: answer["Vpc"]["VpcId"],
            CidrBlock=spec.cidr,
        )
        self._call.wait_until(self._ec2, "vpc_available", VpcIds=[vpc])
        return vpc

    def _ensure_subnets(self, spec: ClusterSpec, vpc: str, undo: Undo) -> tuple[str, ...]:
        found = {
            subnet["CidrBlock"]: subnet["SubnetId"] for subnet in self._subnets(spec.name, vpc)
        }
        for block, zone in zip(spec.subnets(), self._zones(spec.zones)):
            if block not in found:
                found[block] = self._tagged.create(
                    Resource(
                        "subnet",
                        block,
                        partial(self._subnet_of, spec.name, vpc, block),
                        self._delete_subnet,
                    ),
                    spec.name,
                    undo,
                    "create_subnet",
                    lambda answer: answer["Subnet"]["SubnetId"],
                    VpcId=vpc,
                    CidrBlock=block,
                    AvailabilityZone=zone,
                )
            # Only instances with a public address get past the gateway.
            self._change(
                self._ec2.modify_subnet_attribute,
                SubnetId=found[block],
                MapPublicIpOnLaunch={"Value": True},
            )
        return tuple(sorted(found.values()))

    def _ensure_group(self, cluster: str, vpc: str, undo: Undo) -> str:
        for group in self._groups(cluster, vpc):
            self._let_members_talk(group)
            return group
        look = partial(self._groups, cluster, vpc)
        group = self._tagged.create(
            Resource("security group", f"of {cluster}", look, self._delete_group),
            cluster,
            undo,
            "create_security_group",
            lambda answer: answer["GroupId"],
            GroupName=cluster,
            Description=f"The nodes and the jobs of the cluster {cluster}",
            VpcId=vpc,
        )
        self._let_members_talk(group)
        return group

    def _let_members_talk(self, group: str) -> None:
        """Let only the members of a group reach each other."""
        try:
            self._change(
                self._ec2.authorize_security_group_ingress,
                GroupId=group,
                IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}],
            )
        except AlreadyThere:
            return

    def _zones(self, number: int) -> list[str]:
        answer = self._call(
            self._ec2.describe_availability_zones,
            Filters=[{"Name": "state", "Values": ["available"]}],
        )
        # EKS is not in local zones and other zones that need an opt-in.
        zones = sorted(
            zone["ZoneName"]
            for zone in answer["AvailabilityZones"]
            if zone.get("OptInStatus", _OPEN_TO_ALL) == _OPEN_TO_ALL
        )
        if len(zones) < number:
            raise ProviderError(
                f"The cluster wants {number} zones, but {', '.join(zones) or 'none'} is all there"
                " is. Choose another region, or fewer zones."
            )
        return zones[:number]

    def _vpcs(self, cluster: str) -> list[str]:
        return self._call.list_all(
            self._ec2, "describe_vpcs", "Vpcs[].VpcId", Filters=[owned_by(cluster)]
        )

    def _subnets(self, cluster: str, vpc: str) -> list[dict[str, str]]:
        ours = [_within(vpc), owned_by(cluster)]
        return self._call.list_all(self._ec2, "describe_subnets", "Subnets[]", Filters=ours)

    def _subnet_of(self, cluster: str, vpc: str, block: str) -> list[str]:
        found = self._subnets(cluster, vpc)
        return [subnet["SubnetId"] for subnet in found if subnet["CidrBlock"] == block]

    def _groups(self, cluster: str, vpc: str) -> list[str]:
        return self._call.list_all(
            self._ec2,
            "describe_security_groups",
            "SecurityGroups[].GroupId",
            Filters=[_within(vpc), owned_by(cluster)],
        )

    def _delete_vpc(self, vpc: str) -> None:
        self._change(self._ec2.delete_vpc, VpcId=vpc)

    def _delete_subnet(self, subnet: str) -> None:
        self._change(self._ec2.delete_subnet, SubnetId=subnet)

    def _delete_group(self, group: str) -> None:
        self._change(self._ec2.delete_security_group, GroupId=group)


def _within(vpc: str) -> dict[str, Any]:
    return {"Name": "vpc-id", "Values": [vpc]}
