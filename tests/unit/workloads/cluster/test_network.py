"""The network of a cluster: made, made again, found, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from unit.workloads.cluster.gateway_steps import (
    GATEWAY,
    NEW_GATEWAY,
    OWNED,
    SAME_GATEWAY,
    UNDO_ATTACHMENT,
    UNDO_GATEWAY,
    born,
)
from unit.workloads.stub import Step
from workloads.cluster import errors
from workloads.cluster.network import Network, Networks
from workloads.cluster.spec import ClusterSpec
from workloads.cluster.tags import OWNER

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo

SPEC = ClusterSpec("c")
WITHIN = {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}, *OWNED["Filters"]]}
DNS = {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": True}}
AVAILABLE = {"Filters": [{"Name": "state", "Values": ["available"]}]}
LOCAL = {"ZoneName": "z0-local", "OptInStatus": "opted-in"}
FOR_ALL = {"ZoneName": "z2", "OptInStatus": "opt-in-not-required"}
ZONES = {"AvailabilityZones": [LOCAL, FOR_ALL, {"ZoneName": "z1"}, {"ZoneName": "z3"}]}
GROUP = {
    "GroupName": "c",
    "Description": "The nodes and the jobs of the cluster c",
    "VpcId": "vpc-1",
    **born("security-group"),
}
AMONG_MEMBERS = {
    "GroupId": "sg-1",
    "IpPermissions": [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}]}],
}


def block(number: int) -> str:
    return f"10.0.{number}.0/24"


def subnet(number: int) -> dict[str, str]:
    return {"SubnetId": f"subnet-{number}", "CidrBlock": block(number)}


def public(number: int) -> dict[str, Any]:
    return {"SubnetId": f"subnet-{number}", "MapPublicIpOnLaunch": {"Value": True}}


def created(zone: str, number: int) -> dict[str, Any]:
    where = {"VpcId": "vpc-1", "CidrBlock": block(number), "AvailabilityZone": zone}
    return {**where, **born("subnet")}


@pytest.fixture
def networks(ec2: Stub, call: Calls) -> Networks:
    return Networks(ec2.client, call)


NEW_VPC = [
    Step("describe_vpcs", OWNED, {"Vpcs": []}),
    Step(
        "create_vpc",
        {"CidrBlock": "10.0.0.0/16", **born("vpc")},
        {"Vpc": {"VpcId": "vpc-1"}},
        undone_by=(Step("delete_vpc", {"VpcId": "vpc-1"}),),
    ),
    Step("describe_vpcs", {"VpcIds": ["vpc-1"]}, {"Vpcs": [{"State": "available"}]}),
    Step("modify_vpc_attribute", DNS),
]
NEW_SUBNET = [
    Step(
        "create_subnet",
        created("z2", 1),
        {"Subnet": subnet(1)},
        undone_by=(Step("delete_subnet", {"SubnetId": "subnet-1"}),),
    ),
    Step("modify_subnet_attribute", public(1)),
]
NEW_SUBNETS = [
    Step("describe_subnets", WITHIN, {"Subnets": []}),
    Step("describe_availability_zones", AVAILABLE, ZONES),
    Step(
        "create_subnet",
        created("z1", 0),
        {"Subnet": subnet(0)},
        undone_by=(Step("delete_subnet", {"SubnetId": "subnet-0"}),),
    ),
    Step("modify_subnet_attribute", public(0)),
    *NEW_SUBNET,
]
NEW_GROUP = [
    Step("describe_security_groups", WITHIN, {"SecurityGroups": []}),
    Step(
        "create_security_group",
        GROUP,
        {"GroupId": "sg-1"},
        undone_by=(Step("delete_security_group", {"GroupId": "sg-1"}),),
    ),
    Step("authorize_security_group_ingress", AMONG_MEMBERS),
]
NEW = [*NEW_VPC, *NEW_GATEWAY, *NEW_SUBNETS, *NEW_GROUP]


def test_a_network_is_a_vpc_with_a_subnet_in_each_zone_and_a_group_whose_members_talk(
    ec2: Stub, networks: Networks, undo: Undo
) -> None:
    ec2.plays(NEW)
    assert networks.ensure(SPEC, undo) == Network("vpc-1", ("subnet-0", "subnet-1"), "sg-1")


@pytest.mark.parametrize("failing", range(len(NEW)), ids=lambda index: f"{index}-{NEW[index]}")
def test_a_network_that_fails_at_any_step_takes_back_what_was_made(
    ec2: Stub, networks: Networks, undo: Undo, failing: int
) -> None:
    ec2.plays_until(NEW, failing, "UnauthorizedOperation")
    with pytest.raises(errors.PermissionDenied), undo:
        networks.ensure(SPEC, undo)


def test_a_network_that_is_there_is_made_no_second_time_and_never_undone(
    ec2: Stub, networks: Networks, undo: Undo
) -> None:
    ec2.answers("describe_vpcs", OWNED, {"Vpcs": [{"VpcId": "vpc-1"}]})
    ec2.answers("modify_vpc_attribute", DNS)
    ec2.plays(SAME_GATEWAY)
    ec2.answers("describe_subnets", WITHIN, {"Subnets": [subnet(1), subnet(0)]})
    ec2.answers("describe_availability_zones", AVAILABLE, ZONES)
    for number in (0, 1):
        ec2.answers("modify_subnet_attribute", public(number))
    ec2.answers("describe_security_groups", WITHIN, {"SecurityGroups": [{"GroupId": "sg-1"}]})
    ec2.refuses("authorize_security_group_ingress", AMONG_MEMBERS, "InvalidPermission.Duplicate")
    assert networks.ensure(SPEC, undo) == Network("vpc-1", ("subnet-0", "subnet-1"), "sg-1")
    undo.run()


def test_what_is_missing_is_made_and_only_that_is_undone(
    ec2: Stub, networks: Networks, undo: Undo
) -> None:
    ec2.answers("describe_vpcs", OWNED, {"Vpcs": [{"VpcId": "vpc-1"}]})
    ec2.answers("modify_vpc_attribute", DNS)
    ec2.plays(SAME_GATEWAY)
    ec2.answers("describe_subnets", WITHIN, {"Subnets": [subnet(0)]})
    ec2.answers("describe_availability_zones", AVAILABLE, ZONES)
    ec2.answers("modify_subnet_attribute", public(0))
    ec2.plays([*NEW_SUBNET, *NEW_GROUP])
    networks.ensure(SPEC, undo)
    ec2.answers("delete_security_group", {"GroupId": "sg-1"})
    ec2.answers("delete_subnet", {"SubnetId": "subnet-1"})
    undo.run()


def test_a_vpc_that_is_in_use_is_named(ec2: Stub, networks: Networks, undo: Undo) -> None:
    ec2.plays(NEW_VPC[:3])
    ec2.refuses("modify_vpc_attribute", DNS, "UnauthorizedOperation")
    for _ in range(4):
        ec2.refuses("delete_vpc", {"VpcId": "vpc-1"}, "DependencyViolation")
    with pytest.raises(errors.LeftBehind, match=r"VPC vpc-1 .*DependencyViolation") as raised, undo:
        networks.ensure(SPEC, undo)
    assert isinstance(raised.value.__cause__, errors.PermissionDenied)


def test_a_region_with_too_few_zones_is_refused(ec2: Stub, networks: Networks, undo: Undo) -> None:
    ec2.plays([*NEW_VPC, *NEW_GATEWAY, NEW_SUBNETS[0]])
    one = {"AvailabilityZones": [{"ZoneName": "z1"}]}
    ec2.answers("describe_availability_zones", AVAILABLE, one)
    with pytest.raises(errors.ProviderError, match="wants 2 zones, but z1 is all there is"):
        networks.ensure(SPEC, undo)


def test_a_network_is_found_by_the_name_of_its_cluster(ec2: Stub, networks: Networks) -> None:
    ec2.answers("describe_vpcs", OWNED, {"Vpcs": [{"VpcId": "vpc-1"}]})
    ec2.answers("describe_subnets", WITHIN, {"Subnets": [subnet(1), subnet(0)]})
    ec2.answers("describe_security_groups", WITHIN, {"SecurityGroups": [{"GroupId": "sg-1"}]})
    assert networks.find("c") == Network("vpc-1", ("subnet-0", "subnet-1"), "sg-1")


def test_a_network_that_is_not_there_is_not_found(ec2: Stub, networks: Networks) -> None:
    ec2.answers("describe_vpcs", OWNED, {"Vpcs": []})
    with pytest.raises(errors.NotFound, match=f"no VPC with the tag {OWNER}=c"):
        networks.find("c")


def test_a_network_is_removed_from_the_inside_out_as_soon_as_it_is_free(
    ec2: Stub, networks: Networks, pauses: list[float]
) -> None:
    ec2.answers("describe_vpcs", OWNED, {"Vpcs": [{"VpcId": "vpc-1"}]})
    ec2.answers("describe_subnets", WITHIN, {"Subnets": [subnet(0)]})
    ec2.answers("describe_security_groups", WITHIN, {"SecurityGroups": [{"GroupId": "sg-1"}]})
    ec2.answers("describe_internet_gateways", OWNED, GATEWAY)
    ec2.plays(UNDO_ATTACHMENT)
    ec2.plays(UNDO_GATEWAY)
    ec2.refuses("delete_security_group", {"GroupId": "sg-1"}, "DependencyViolation")
    ec2.answers("delete_security_group", {"GroupId": "sg-1"})
    for _ in range(4):
        ec2.refuses("delete_subnet", {"SubnetId": "subnet-0"}, "InvalidSubnetID.NotFound")
    ec2.answers("delete_vpc", {"VpcId": "vpc-1"})
    networks.delete("c")
    assert pauses == [1.0, 1.0, 2.0, 3.0]


def test_a_group_that_may_not_be_removed_is_named(ec2: Stub, networks: Networks) -> None:
    ec2.answers("describe_vpcs", OWNED, {"Vpcs": [{"VpcId": "vpc-1"}]})
    ec2.answers("describe_subnets", WITHIN, {"Subnets": []})
    ec2.answers("describe_security_groups", WITHIN, {"SecurityGroups": [{"GroupId": "sg-1"}]})
    ec2.answers("describe_internet_gateways", OWNED, {"InternetGateways": []})
    ec2.refuses("delete_security_group", {"GroupId": "sg-1"}, "UnauthorizedOperation")
    ec2.answers("delete_vpc", {"VpcId": "vpc-1"})
    with pytest.raises(errors.LeftBehind, match="security group sg-1"):
        networks.delete("c")


def test_a_vpc_that_ec2_does_not_find_yet_is_changed_all_the_same(
    ec2: Stub, networks: Networks, undo: Undo, pauses: list[float]
) -> None:
    ec2.plays(NEW_VPC[:3])
    ec2.refuses("modify_vpc_attribute", DNS, "InvalidVpcID.NotFound")
    ec2.plays([*NEW_VPC[3:], *NEW[len(NEW_VPC) :]])
    networks.ensure(SPEC, undo)
    assert pauses == [1.0]


def test_a_vpc_that_ec2_never_finds_is_named(ec2: Stub, networks: Networks, undo: Undo) -> None:
    ec2.plays(NEW_VPC[:3])
    for operation, asked in (("modify_vpc_attribute", DNS), ("delete_vpc", {"VpcId": "vpc-1"})):
        for _ in range(4):
            ec2.refuses(operation, asked, "InvalidVpcID.NotFound")
    with pytest.raises(errors.LeftBehind, match="VPC vpc-1"), undo:
        networks.ensure(SPEC, undo)


def test_expired_credentials_are_called_so(ec2: Stub, networks: Networks) -> None:
    ec2.refuses("describe_vpcs", OWNED, "RequestExpired")
    with pytest.raises(errors.CredentialsExpired, match="Get new credentials"):
        networks.find("c")
