"""Clusters whose creation ends at any step: before the service acts, or before it answers.

All creations share one AWS and its clients, as each leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from integration.conftest import IMPATIENT, session_of_eks, spec_of
from integration.inventory import taken
from workloads.cluster import errors
from workloads.cluster.iam.documents import allowed
from workloads.cluster_provider import ClusterProvider

# Every operation that creates or changes something, in the order of `create`.
CHANGES = [
    "iam.CreateRole",
    "iam.AttachRolePolicy",
    "iam.PutRolePolicy",
    "iam.CreateInstanceProfile",
    "iam.AddRoleToInstanceProfile",
    "ec2.CreateVpc",
    "ec2.ModifyVpcAttribute",
    "ec2.CreateInternetGateway",
    "ec2.AttachInternetGateway",
    "ec2.CreateRoute",
    "ec2.CreateSubnet",
    "ec2.ModifySubnetAttribute",
    "ec2.CreateSecurityGroup",
    "ec2.AuthorizeSecurityGroupIngress",
    "ec2.ImportKeyPair",
    "eks.CreateCluster",
    "eks.CreateNodegroup",
]
BEFORE, AFTER = "before-call", "after-call"  # events of botocore: the second is a lost answer
LOST = ReadTimeoutError(endpoint_url="https://aws")


class Account:
    """An AWS with a policy of the cluster `c`, and a provider whose calls a test can disturb."""

    def __init__(self) -> None:
        self.session = session_of_eks()
        self.asked: list[str] = []
        self._faults: dict[tuple[str, str], list[BaseException]] = {}
        for when in (BEFORE, AFTER):
            self.session.events.register(when, self._pass)
        self.provider = ClusterProvider(self.session, calls=IMPATIENT)
        policy = self.provider.ensure_policy("c", "reads", allowed("s3:GetObject"))
        self.spec = spec_of("c", policy, logs=("api",))
        self.before = self.taken()

    def taken(self) -> dict[str, list[str]]:
        return taken(self.session)

    def disturb(self, when: str, *operations: str, error: BaseException, times: int = 1000) -> None:
        for operation in operations:
            self._faults[when, operation] = [error] * times

    def stop_disturbing(self) -> None:
        self._faults.clear()

    def _pass(self, model: Any, event_name: str, **_: Any) -> None:
        operation = f"{model.service_model.service_name}.{model.name}"
        self.asked.append(operation)
        faults = self._faults.get((event_name.partition(".")[0], operation))
        if faults:
            raise faults.pop()


@pytest.fixture(scope="module")
def shared() -> Iterator[Account]:
    with mock_aws():
        yield Account()


@pytest.fixture
def account(shared: Account) -> Iterator[Account]:
    shared.asked.clear()
    yield shared
    shared.stop_disturbing()
    if shared.taken() != shared.before:  # the next test needs a clean account
        shared.provider.delete("c")
        shared.provider.ensure_policy("c", "reads", allowed("s3:GetObject"))


def test_the_list_of_changes_is_complete(account: Account) -> None:
    account.provider.create(account.spec)
    reads = ("Describe", "Get", "List")
    changes = [each for each in account.asked if not each.partition(".")[2].startswith(reads)]
    assert list(dict.fromkeys(changes)) == CHANGES


@pytest.mark.parametrize("when", [BEFORE, AFTER])
@pytest.mark.parametrize("change", CHANGES)
def test_an_interrupted_creation_leaves_nothing(account: Account, change: str, when: str) -> None:
    account.disturb(when, change, error=KeyboardInterrupt(), times=1)
    with pytest.raises(KeyboardInterrupt):
        account.provider.create(account.spec)
    assert account.taken() == account.before


@pytest.mark.parametrize("change", CHANGES)
def test_a_refused_creation_leaves_nothing(account: Account, change: str) -> None:
    said = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    operation = change.partition(".")[2]
    account.disturb(BEFORE, change, error=ClientError(said, operation))
    with pytest.raises(errors.PermissionDenied, match=operation):
        account.provider.create(account.spec)
    assert account.taken() == account.before


def test_resources_whose_answers_were_lost_are_removed(account: Account) -> None:
    *others, last = CHANGES
    account.disturb(AFTER, *others, error=LOST, times=1)
    account.disturb(BEFORE, last, error=LOST)
    with pytest.raises(errors.Unavailable):
        account.provider.create(account.spec)
    assert account.taken() == account.before


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_a_creation_succeeds_though_each_operation_fails_once(account: Account, when: str) -> None:
    account.provider.create(account.spec)
    undisturbed = {kind: len(things) for kind, things in account.taken().items()}
    account.provider.delete("c")
    account.provider.ensure_policy("c", "reads", allowed("s3:GetObject"))
    account.disturb(when, *CHANGES, error=LOST, times=1)
    assert account.provider.create(account.spec).status == "ACTIVE"
    assert {kind: len(things) for kind, things in account.taken().items()} == undisturbed
