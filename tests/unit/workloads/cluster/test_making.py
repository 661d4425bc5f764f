"""What is made once, found again where the answer was lost, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from unit.workloads.cluster.gateway_steps import TAGS
from workloads.cluster import errors
from workloads.cluster.making import Thing, make
from workloads.cluster.tagging import Births

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo

LOST = ReadTimeoutError(endpoint_url="https://aws")


def refused(status: int) -> ClientError:
    metadata = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": "No"}, "ResponseMetadata": metadata}, "CreateThing")


class Service:
    """A service whose things are numbers, and which may do as asked and yet end in an error."""

    def __init__(self) -> None:
        self.there: list[str] = []
        self.asked = 0
        self.faults: list[tuple[bool, BaseException]] = []
        self.unseen = 0
        self.thing = Thing("thing", "of c", self.look, self.there.remove)

    def create(self) -> str:
        self.asked += 1
        done, fault = self.faults.pop(0) if self.faults else (True, None)
        if done:
            self.there.append(str(self.asked))
        if fault is not None:
            raise fault
        return str(self.asked)

    def look(self) -> list[str]:
        if self.unseen:
            self.unseen -= 1
            return []
        return [*self.there]


@pytest.fixture
def service() -> Service:
    return Service()


def made(service: Service, undo: Undo, call: Calls) -> str:
    with undo:
        return make(service.thing, service.create, undo, call, call)


def test_what_is_made_is_undone_by_its_id(service: Service, undo: Undo, call: Calls) -> None:
    service.there.append("of another")
    assert made(service, undo, call) == "1"
    undo.run()
    assert service.there == ["of another"]


@pytest.mark.parametrize("fault", [LOST, refused(500)], ids=["lost", "failed"])
def test_what_was_made_though_the_answer_was_lost_is_not_made_again(
    service: Service, undo: Undo, call: Calls, fault: Exception
) -> None:
    service.faults = [(True, fault)]
    service.unseen = call.tries - 1
    assert made(service, undo, call) == "1"
    assert service.asked == 1
    undo.run()
    assert service.there == []


def test_what_was_not_made_when_the_answer_was_lost_is_asked_for_again(
    service: Service, undo: Undo, call: Calls
) -> None:
    service.faults = [(False, LOST)]
    assert made(service, undo, call) == "2"
    assert service.there == ["2"]


@pytest.mark.parametrize("done", [True, False])
def test_what_an_interrupt_leaves_in_doubt_is_looked_for_and_removed(
    service: Service, undo: Undo, call: Calls, done: bool
) -> None:
    service.faults = [(done, KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt) as raised:
        made(service, undo, call)
    assert service.there == []
    assert raised.value.__cause__ is None


def test_what_is_in_doubt_and_cannot_be_removed_is_named(
    service: Service, undo: Undo, call: Calls
) -> None:
    service.faults = [(True, KeyboardInterrupt())]
    service.there.append("another")

    def remove(_: str) -> None:
        raise errors.PermissionDenied("no")

    thing = Thing("thing", "of c", service.look, remove)
    with pytest.raises(KeyboardInterrupt) as raised, undo:
        make(thing, service.create, undo, call, call)
    assert isinstance(raised.value.__cause__, errors.LeftBehind)
    assert raised.value.__cause__.things == ("thing of c (no)",)


def test_what_the_service_refuses_is_not_looked_for(
    service: Service, undo: Undo, call: Calls
) -> None:
    service.faults = [(False, refused(400))]
    service.there.append("of another")
    with pytest.raises(ClientError):
        made(service, undo, call)
    assert service.there == ["of another"]


def test_a_refusal_does_not_tell_what_became_of_the_answer_that_was_lost_before(
    service: Service, undo: Undo, call: Calls
) -> None:
    service.faults = [(True, LOST), (False, refused(400))]
    service.unseen = call.tries
    with pytest.raises(ClientError):
        made(service, undo, call)
    assert service.there == []


def test_what_this_botocore_cannot_tag_when_it_is_made_is_tagged_afterwards(
    ec2: Stub, service: Service, call: Calls, undo: Undo, monkeypatch: pytest.MonkeyPatch
) -> None:
    network: dict[str, Any] = {"CidrBlock": "10.0.0.0/16"}
    model = ec2.client.meta.service_model.operation_model("CreateVpc")
    monkeypatch.delitem(model.input_shape.members, "TagSpecifications")
    ec2.answers("create_vpc", network, {"Vpc": {"VpcId": "vpc-1"}})
    ec2.answers("create_tags", {"Resources": ["vpc-1"], "Tags": TAGS})
    births = Births(ec2.client, call)
    assert births.make(service.thing, "c", undo, "create_vpc", vpc_of, **network) == "vpc-1"


def vpc_of(answer: Any) -> str:
    return str(answer["Vpc"]["VpcId"])
