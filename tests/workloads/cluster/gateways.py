"""The way out of a network: nodes have to reach EKS, and jobs EC2."""

from __future__ import annotations

from functools import partial
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.errors import AlreadyThere, NotFound, NotYet
from workloads.cluster.tags import owned_by, tags_of
from workloads.cluster.undo import Undo

_ANYWHERE = "0.0.0.0/0"


class Gateways:
    """Make the internet gateway of a cluster's VPC and the route to it, and remove it."""

    def __init__(self, ec2: Any, call: Calls) -> None:
        self._ec2 = ec2
        self._call = call
        self._change = partial(call.despite, (NotFound, NotYet))

    def ensure(self, cluster: str, vpc: str, undo: Undo) -> None:
        """Let what has a public address in a VPC reach the internet."""
        gateway, attached = self._find(cluster) or (self._create(cluster, undo), [])
        if vpc not in attached:
            names = {"InternetGatewayId": gateway, "VpcId": vpc}
            self._change(self._ec2.attach_internet_gateway, **names)
            self._undo_attachment(gateway, vpc, undo)
        # The main table is of the VPC, and so the route goes with that.
        route = {
            "RouteTableId": self._main_table(vpc),
            "DestinationCidrBlock": _ANYWHERE,
            "GatewayId": gateway,
        }
        try:
            self._change(self._ec2.create_route, **route)
        except AlreadyThere:
            # Perhaps to a gateway that is gone.
            self._change(self._ec2.replace_route, **route)

    def undo(self, cluster: str, undo: Undo) -> None:
        """Remember how to remove the gateway of a cluster, if it has one."""
        if found := self._find(cluster):
            gateway, attached = found
            self._undo_gateway(gateway, undo)
            for vpc in attached:
                self._undo_attachment(gateway, vpc, undo)

    def _create(self, cluster: str, undo: Undo) -> str:
        answer = self._call(self._ec2.create_internet_gateway)
        gateway = str(answer["InternetGateway"]["InternetGatewayId"])
        self._undo_gateway(gateway, undo)
        self._change(self._ec2.create_tags, Resources=[gateway], Tags=tags_of(cluster))
        return gateway

    def _find(self, cluster: str) -> tuple[str, list[str]] | None:
        """Return the gateway of a cluster, and the VPCs that it is attached to."""
        answer = self._call(self._ec2.describe_internet_gateways, Filters=[owned_by(cluster)])
        for gateway in answer["InternetGateways"]:
            vpcs = [each["VpcId"] for each in gateway.get("Attachments", [])]
            return gateway["InternetGatewayId"], vpcs
        return None

    def _main_table(self, vpc: str) -> str:
        main = [
            {"Name": "vpc-id", "Values": [vpc]},
            {"Name": "association.main", "Values": ["true"]},
        ]

        def look() -> str:
            answer = self._call(self._ec2.describe_route_tables, Filters=main)
            for table in answer["RouteTables"]:
                return str(table["RouteTableId"])
            raise NotFound(f"The VPC {vpc} has no main route table yet. Run it again.")

        return str(self._change(look))

    def _undo_gateway(self, gateway: str, undo: Undo) -> None:
        undo.add(
            f"internet gateway {gateway}",
            lambda: self._change(self._ec2.delete_internet_gateway, InternetGatewayId=gateway),
        )

    def _undo_attachment(self, gateway: str, vpc: str, undo: Undo) -> None:
        undo.add(
            f"internet gateway {gateway} at VPC {vpc}",
            lambda: self._change(
                self._ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc
            ),
        )
