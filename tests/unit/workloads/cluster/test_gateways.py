"""The way out of a network: made, made again, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from unit.workloads.cluster.gateway_steps import (
    AT_VPC,
    GATEWAY,
    MAIN,
    NEW_GATEWAY,
    ONE,
    OWNED,
    ROUTE,
    SAME_GATEWAY,
    TABLES,
    UNDO_ATTACHMENT,
    UNDO_GATEWAY,
)
from workloads.cluster import errors
from workloads.cluster.gateways import Gateways

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo


@pytest.fixture
def gateways(ec2: Stub, call: Calls) -> Gateways:
    return Gateways(ec2.client, call)


@pytest.mark.parametrize(
    "failing", range(len(NEW_GATEWAY)), ids=lambda index: f"{index}-{NEW_GATEWAY[index]}"
)
def test_a_gateway_that_fails_at_any_step_is_taken_back(
    ec2: Stub, gateways: Gateways, undo: Undo, failing: int
) -> None:
    ec2.plays_until(NEW_GATEWAY, failing, "UnauthorizedOperation")
    with pytest.raises(errors.PermissionDenied), undo:
        gateways.ensure("c", "vpc-1", undo)


def test_a_route_to_a_gateway_that_is_gone_is_replaced(
    ec2: Stub, gateways: Gateways, undo: Undo
) -> None:
    ec2.plays(SAME_GATEWAY[:2])
    ec2.refuses("create_route", ROUTE, "RouteAlreadyExists")
    ec2.answers("replace_route", ROUTE)
    gateways.ensure("c", "vpc-1", undo)
    undo.run()  # it was there before


def test_a_gateway_that_was_never_attached_is_attached_and_only_that_is_undone(
    ec2: Stub, gateways: Gateways, undo: Undo
) -> None:
    ec2.answers("describe_internet_gateways", OWNED, {"InternetGateways": [ONE]})
    ec2.answers("attach_internet_gateway", AT_VPC)
    ec2.plays(NEW_GATEWAY[3:])
    gateways.ensure("c", "vpc-1", undo)
    ec2.plays(UNDO_ATTACHMENT)
    undo.run()


def test_a_table_that_ec2_does_not_show_yet_is_looked_for_again(
    ec2: Stub, gateways: Gateways, undo: Undo, pauses: list[float]
) -> None:
    ec2.plays(SAME_GATEWAY[:1])
    ec2.answers("describe_route_tables", MAIN, {"RouteTables": []})
    ec2.answers("describe_route_tables", MAIN, TABLES)
    ec2.answers("create_route", ROUTE)
    gateways.ensure("c", "vpc-1", undo)
    assert pauses == [1.0]


def test_a_vpc_that_never_gets_a_table_is_said_to_have_none(
    ec2: Stub, gateways: Gateways, undo: Undo
) -> None:
    ec2.plays(SAME_GATEWAY[:1])
    for _ in range(4):
        ec2.answers("describe_route_tables", MAIN, {"RouteTables": []})
    with pytest.raises(errors.NotFound, match="VPC vpc-1 has no main route table yet"):
        gateways.ensure("c", "vpc-1", undo)


def test_a_gateway_is_detached_before_it_is_removed(
    ec2: Stub, gateways: Gateways, undo: Undo
) -> None:
    ec2.answers("describe_internet_gateways", OWNED, GATEWAY)
    gateways.undo("c", undo)
    ec2.refuses("detach_internet_gateway", AT_VPC, "DependencyViolation")
    ec2.plays(UNDO_ATTACHMENT)
    ec2.plays(UNDO_GATEWAY)
    undo.run()


def test_where_there_is_no_gateway_nothing_is_removed(
    ec2: Stub, gateways: Gateways, undo: Undo
) -> None:
    ec2.answers("describe_internet_gateways", OWNED, {"InternetGateways": []})
    gateways.undo("c", undo)
    undo.run()
