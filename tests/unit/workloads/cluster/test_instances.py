"""Single instances: described, started, stopped, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import pytest

from unit.workloads.cluster.instance_answers import ID, found, instance
from workloads.cluster import errors
from workloads.cluster.instances import Instances

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls


@pytest.fixture
def instances(ec2: Stub, call: Calls) -> Instances:
    return Instances(ec2.client, call)


def test_an_instance_is_described(ec2: Stub, instances: Instances) -> None:
    ec2.answers("describe_instances", ID, found(instance("running")))
    assert instances.describe("i-1")["State"] == {"Name": "running"}


@pytest.mark.parametrize("answer", [{"Reservations": []}, {"Reservations": [{"Instances": []}]}])
def test_an_instance_that_ec2_has_forgotten_is_not_found(
    ec2: Stub, instances: Instances, answer: dict[str, Any]
) -> None:
    ec2.answers("describe_instances", ID, answer)
    with pytest.raises(errors.NotFound, match="no instance i-1"):
        instances.describe("i-1")


LIFE: dict[str, tuple[Callable[[Instances], None], str, str, str]] = {
    "start": (lambda them: them.start("i-1"), "start_instances", "pending", "running"),
    "stop": (lambda them: them.stop("i-1"), "stop_instances", "stopping", "stopped"),
    "terminate": (
        lambda them: them.terminate("i-1"),
        "terminate_instances",
        "shutting-down",
        "terminated",
    ),
}


@pytest.mark.parametrize("life", LIFE)
def test_a_change_of_state_has_come_when_the_call_returns(
    ec2: Stub, instances: Instances, life: str
) -> None:
    act, operation, before, state = LIFE[life]
    ec2.answers(operation, ID)
    ec2.answers("describe_instances", ID, found(instance(before)))
    ec2.answers("describe_instances", ID, found(instance(state)))
    act(instances)


@pytest.mark.parametrize("life", LIFE)
def test_a_change_of_state_of_an_instance_that_is_not_there_says_so(
    ec2: Stub, instances: Instances, life: str
) -> None:
    act, operation, _, _ = LIFE[life]
    ec2.refuses(operation, ID, "InvalidInstanceID.NotFound")
    with pytest.raises(errors.NotFound, match=r"InvalidInstanceID\.NotFound"):
        act(instances)
