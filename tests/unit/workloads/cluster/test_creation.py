"""Resources that are created once, found again after a lost answer, and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from workloads.cluster import errors
from workloads.cluster.creation import Resource, create_once
from workloads.cluster.ec2.key_pairs import KeyPairs
from workloads.cluster.ec2.tagging import TaggedResources, tags_of

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo

LOST = ReadTimeoutError(endpoint_url="https://aws")


def refused(status: int) -> ClientError:
    metadata = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": "No"}, "ResponseMetadata": metadata}, "Create")


class Service:
    """A service of numbered resources, which may create one and yet answer with an error."""

    def __init__(self) -> None:
        self.existing: list[str] = []
        self.requests = 0
        self.faults: list[tuple[bool, BaseException]] = []  # whether it creates, and the error
        self.invisible = 0  # how often it does not list what exists
        self.resource = Resource("resource", "of c", self.look, self.existing.remove)

    def create(self) -> str:
        self.requests += 1
        creates, fault = self.faults.pop(0) if self.faults else (True, None)
        if creates:
            self.existing.append(str(self.requests))
        if fault is not None:
            raise fault
        return str(self.requests)

    def look(self) -> list[str]:
        if self.invisible:
            self.invisible -= 1
            return []
        return [*self.existing]


@pytest.fixture
def service() -> Service:
    return Service()


def created(service: Service, undo: Undo, call: Calls) -> str:
    with undo:
        return create_once(service.resource, service.create, undo, call, call)


def test_undo_removes_only_the_created_resource(service: Service, undo: Undo, call: Calls) -> None:
    service.existing.append("of another")
    assert created(service, undo, call) == "1"
    undo.run()
    assert service.existing == ["of another"]


@pytest.mark.parametrize("fault", [LOST, refused(500)], ids=["lost", "failed"])
def test_a_resource_whose_answer_was_lost_is_not_created_again(
    service: Service, undo: Undo, call: Calls, fault: Exception
) -> None:
    service.faults = [(True, fault)]
    service.invisible = call.tries - 1
    assert created(service, undo, call) == "1"
    assert service.requests == 1
    undo.run()
    assert service.existing == []


def test_a_resource_that_was_not_created_is_requested_again(
    service: Service, undo: Undo, call: Calls
) -> None:
    service.faults = [(False, LOST)]
    assert created(service, undo, call) == "2"
    assert service.existing == ["2"]


@pytest.mark.parametrize("creates", [True, False])
def test_a_resource_that_an_interrupt_leaves_in_doubt_is_removed(
    service: Service, undo: Undo, call: Calls, creates: bool
) -> None:
    service.faults = [(creates, KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt) as raised:
        created(service, undo, call)
    assert service.existing == []
    assert raised.value.__cause__ is None


def test_a_resource_in_doubt_that_cannot_be_removed_is_named(
    service: Service, undo: Undo, call: Calls
) -> None:
    service.faults = [(True, KeyboardInterrupt())]

    def remove(_: str) -> None:
        raise errors.PermissionDenied("no")

    resource = Resource("resource", "of c", service.look, remove)
    with pytest.raises(KeyboardInterrupt) as raised, undo:
        create_once(resource, service.create, undo, call, call)
    assert isinstance(raised.value.__cause__, errors.LeftBehind)
    assert raised.value.__cause__.things == ("resource of c (no)",)


@pytest.mark.parametrize(
    ("faults", "left"),
    [([(False, refused(400))], ["of another"]), ([(True, LOST), (False, refused(400))], [])],
    ids=["refused", "refused after a lost answer"],
)
def test_a_refused_resource_is_looked_for_only_after_a_lost_answer(
    service: Service,
    undo: Undo,
    call: Calls,
    faults: list[tuple[bool, BaseException]],
    left: list[str],
) -> None:
    service.existing += left
    service.faults = faults
    service.invisible = call.tries if faults[1:] else 0
    with pytest.raises(ClientError):
        created(service, undo, call)
    assert service.existing == left


def without_tags(client: Any, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn this botocore into one that cannot send tags with an operation."""
    model = client.meta.service_model.operation_model(operation)
    monkeypatch.delitem(model.input_shape.members, "TagSpecifications")


def test_an_old_botocore_tags_a_resource_after_its_creation(
    ec2: Stub, service: Service, call: Calls, undo: Undo, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_tags(ec2.client, "CreateVpc", monkeypatch)
    network: dict[str, Any] = {"CidrBlock": "10.0.0.0/16"}
    ec2.answers("create_vpc", network, {"Vpc": {"VpcId": "vpc-1"}})
    ec2.answers("create_tags", {"Resources": ["vpc-1"], "Tags": tags_of("c")})
    found = TaggedResources(ec2.client, call).create(
        service.resource, "c", undo, "create_vpc", lambda answer: answer["Vpc"]["VpcId"], **network
    )
    assert found == "vpc-1"


def test_an_old_botocore_tags_a_key_pair_by_its_id(
    ec2: Stub, call: Calls, undo: Undo, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_tags(ec2.client, "ImportKeyPair", monkeypatch)
    named = {"Filters": [{"Name": "key-name", "Values": ["pair"]}]}
    ec2.answers("describe_key_pairs", named, {"KeyPairs": []})
    asked = {"KeyName": "pair", "PublicKeyMaterial": b"ssh-rsa AAAA"}
    ec2.answers("import_key_pair", asked, {"KeyName": "pair"})
    answer = {"KeyPairs": [{"KeyPairId": "key-1"}]}
    ec2.answers("describe_key_pairs", {"KeyNames": ["pair"]}, answer)
    ec2.answers("create_tags", {"Resources": ["key-1"], "Tags": tags_of("c")})
    KeyPairs(ec2.client, call).ensure("c", "pair", "ssh-rsa AAAA", undo)
