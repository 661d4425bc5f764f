"""The internet gateway of a network, through which nodes reach EKS and jobs reach EC2."""

from __future__ import annotations

from functools import partial
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.creation import Resource, create_once
from workloads.cluster.ec2.tagging import TaggedResources, owned_by
from workloads.cluster.errors import AlreadyThere, NotFound, NotYet
from workloads.cluster.undo import Undo

_ANYWHERE = "0.0.0.0/0"


class Gateways:
    """Create and remove the internet gateway of a cluster's VPC and the route to it."""

    def __init__(self, ec2: Any, call: Calls) -> None:
        self._ec2 = ec2
        self._call = call
        self._tagged = TaggedResources(ec2, call)
        self._change = partial(call.retry_on, (NotFound, NotYet))

    def ensure(self, cluster: str, vpc: str, undo: Undo) -> None:
        """Let instances with a public address reach the internet."""
        found = self._found(cluster)
        gateway, attached = next(iter(found.items()), ("", []))
        if not found:
            gateway = self._create(cluster, undo)
        if vpc not in attached:
            self._attach(cluster, gateway, vpc, undo)
        # The route is in the main table, which is removed with the VPC.
        route = {
            "RouteTableId": self._main_table(vpc),
            "DestinationCidrBlock": _ANYWHERE,
            "GatewayId": gateway,
        }
        try:
            self._change(self._ec2.create_route, **route)
        except AlreadyThere:
            # It may lead to a gateway that is gone.
            self._change(self._ec2.replace_route, **route)

    def undo(self, cluster: str, undo: Undo) -> None:
        """Add the steps that remove the gateway of a cluster, if it has one."""
        for gateway, attached in self._found(cluster).items():
            undo.add(f"internet gateway {gateway}", partial(self._delete, gateway))
            for vpc in attached:
                name = f"internet gateway {gateway} at VPC {vpc}"
                undo.add(name, partial(self._detach, gateway, vpc))

    def _create(self, cluster: str, undo: Undo) -> str:
        return self._tagged.create(
            Resource(
                "internet gateway",
                f"of {cluster}",
                lambda: [*self._found(cluster)],
                self._delete,
            ),
            cluster,
            undo,
            "create_internet_gateway",
            lambda answer: answer["InternetGateway"]["InternetGatewayId"],
        )

    def _attach(self, cluster: str, gateway: str, vpc: str, undo: Undo) -> None:
        name = f"{gateway} at VPC {vpc}"

        def look() -> list[str]:
            return [name] if vpc in self._found(cluster).get(gateway, []) else []

        def attach() -> str:
            self._ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
            return name

        resource = Resource("internet gateway", name, look, lambda _: self._detach(gateway, vpc))
        create_once(resource, attach, undo, self._call, self._change)

    def _found(self, cluster: str) -> dict[str, list[str]]:
        """Return the gateways of a cluster, each with the VPCs it is attached to."""
        answer = self._call(self._ec2.describe_internet_gateways, Filters=[owned_by(cluster)])
        return {
            gateway["InternetGatewayId"]: [each["VpcId"] for each in gateway.get("Attachments", [])]
            for gateway in answer["InternetGateways"]
        }

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

    def _delete(self, gateway: str) -> None:
        self._change(self._ec2.delete_internet_gateway, InternetGatewayId=gateway)

    def _detach(self, gateway: str, vpc: str) -> None:
        self._change(self._ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)
