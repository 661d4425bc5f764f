"""What EC2 is asked for the gateway of a cluster, and what it answers."""

from __future__ import annotations

from typing import Any

from unit.workloads.stub import Step
from workloads.cluster.tags import OWNER

OWNED = {"Filters": [{"Name": f"tag:{OWNER}", "Values": ["c"]}]}
MAIN = {
    "Filters": [
        {"Name": "vpc-id", "Values": ["vpc-1"]},
        {"Name": "association.main", "Values": ["true"]},
    ]
}
TABLES = {"RouteTables": [{"RouteTableId": "rtb-1"}]}
ROUTE = {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}
ONE = {"InternetGatewayId": "igw-1"}
AT_VPC = {**ONE, "VpcId": "vpc-1"}
GATEWAY = {"InternetGateways": [{**ONE, "Attachments": [{"VpcId": "vpc-1"}]}]}
UNDO_GATEWAY = (Step("delete_internet_gateway", ONE),)
UNDO_ATTACHMENT = (Step("detach_internet_gateway", AT_VPC),)


TAGS = [{"Key": OWNER, "Value": "c"}, {"Key": "Name", "Value": "c"}]


def born(kind: str) -> dict[str, Any]:
    """Return how a thing of a kind is asked for with its tags."""
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": TAGS}]}


NEW_GATEWAY = [
    Step("describe_internet_gateways", OWNED, {"InternetGateways": []}),
    Step(
        "create_internet_gateway",
        born("internet-gateway"),
        {"InternetGateway": ONE},
        undone_by=UNDO_GATEWAY,
    ),
    Step("attach_internet_gateway", AT_VPC, undone_by=UNDO_ATTACHMENT),
    Step("describe_route_tables", MAIN, TABLES),
    Step("create_route", ROUTE),
]
SAME_GATEWAY = [
    Step("describe_internet_gateways", OWNED, GATEWAY),
    Step("describe_route_tables", MAIN, TABLES),
    Step("create_route", ROUTE),
]
