"""What moto cannot show of a network: its zones, and a route table that appears late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from workloads.cluster import errors
from workloads.cluster.ec2.gateways import Gateways
from workloads.cluster.ec2.network import Networks
from workloads.cluster.ec2.tagging import owned_by

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo

AVAILABLE = {"Filters": [{"Name": "state", "Values": ["available"]}]}
ZONES = {
    "AvailabilityZones": [
        {"ZoneName": "z0-local", "OptInStatus": "opted-in"},
        {"ZoneName": "z2", "OptInStatus": "opt-in-not-required"},
        {"ZoneName": "z1"},
        {"ZoneName": "z3"},
    ]
}
MAIN = {
    "Filters": [
        {"Name": "vpc-id", "Values": ["vpc-1"]},
        {"Name": "association.main", "Values": ["true"]},
    ]
}
GATEWAY = {"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1"}]}
TABLES = {"RouteTables": [{"RouteTableId": "rtb-1"}]}


def test_a_network_uses_the_first_zones_that_need_no_opt_in(ec2: Stub, call: Calls) -> None:
    networks = Networks(ec2.client, call)
    ec2.answers("describe_availability_zones", AVAILABLE, ZONES, ZONES)
    assert networks._zones(2) == ["z1", "z2"]
    with pytest.raises(errors.ProviderError, match="wants 4 zones, but z1, z2, z3 is all there is"):
        networks._zones(4)


@pytest.mark.parametrize("tables", [[{"RouteTables": []}] * 4, [{"RouteTables": []}, TABLES]])
def test_a_route_table_that_ec2_does_not_list_yet_is_looked_for_again(
    ec2: Stub, call: Calls, undo: Undo, tables: list[dict[str, Any]]
) -> None:
    gateways = Gateways(ec2.client, call)
    asked = {"Filters": [owned_by("c")]}
    ec2.answers("describe_internet_gateways", asked, {"InternetGateways": [GATEWAY]})
    ec2.answers("describe_route_tables", MAIN, *tables)
    if TABLES not in tables:
        with pytest.raises(errors.NotFound, match="VPC vpc-1 has no main route table yet"):
            gateways.ensure("c", "vpc-1", undo)
        return
    route = {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}
    # One that exists may lead to a gateway that is gone.
    ec2.refuses("create_route", route, "RouteAlreadyExists")
    ec2.answers("replace_route", route)
    gateways.ensure("c", "vpc-1", undo)
    undo.run()  # nothing was created
