"""Service accounts of Kubernetes that act as roles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from unit.workloads.stub import Step
from workloads.cluster import errors
from workloads.cluster.documents import allowed, trust_in_service_account
from workloads.cluster.identity import Identity
from workloads.cluster.service_accounts import ServiceAccounts

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo

ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/1234"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/1234"
OTHERS = {"Arn": f"{PROVIDER}5"}
READ = allowed("s3:GetObject")
ROLE = {"RoleName": "c-web-loader"}
TRUST = json.dumps(trust_in_service_account(PROVIDER, ISSUER, "web", "loader"))
MADE = {
    "Path": "/cluster-provider/eu-west-1/c/",
    **ROLE,
    "RoleId": "AROA0000000000000",
    "Arn": "arn:aws:iam::123456789012:role/cluster-provider/c/c-web-loader",
    "CreateDate": "2026-01-01T00:00:00Z",
}
LISTED = {"OpenIDConnectProviderList": [OTHERS, {"Arn": PROVIDER}]}
FORGET = (
    Step("list_open_id_connect_providers", {}, LISTED),
    Step("delete_open_id_connect_provider", {"OpenIDConnectProviderArn": PROVIDER}),
)
NEW_PROVIDER = [
    Step("list_open_id_connect_providers", {}, {"OpenIDConnectProviderList": [OTHERS]}),
    Step(
        "create_open_id_connect_provider",
        {
            "Url": ISSUER,
            "ClientIDList": ["sts.amazonaws.com"],
            "ThumbprintList": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"],
        },
        {"OpenIDConnectProviderArn": PROVIDER},
        undone_by=FORGET[1:],
    ),
]
NEW_ROLE = [
    Step("get_role", ROLE, refusal="NoSuchEntity"),
    Step(
        "create_role",
        {"Path": "/cluster-provider/eu-west-1/c/", **ROLE, "AssumeRolePolicyDocument": TRUST},
        {"Role": MADE},
        undone_by=(
            Step("list_attached_role_policies", ROLE, {"AttachedPolicies": []}),
            Step("list_role_policies", ROLE, {"PolicyNames": []}),
            Step("delete_role", ROLE),
        ),
    ),
    Step("get_role", ROLE, {"Role": MADE}),
    Step("list_attached_role_policies", ROLE, {"AttachedPolicies": []}),
    Step("put_role_policy", {**ROLE, "PolicyName": "loader", "PolicyDocument": json.dumps(READ)}),
]
NEW = [*NEW_PROVIDER, *NEW_ROLE]


@pytest.fixture
def accounts(iam: Stub, call: Calls) -> ServiceAccounts:
    return ServiceAccounts(iam.client, call, Identity(iam.client, call, "c", "eu-west-1"), ISSUER)


def ensure(accounts: ServiceAccounts, undo: Undo) -> str:
    return accounts.ensure("c-web-loader", "web", "loader", READ, undo)


def test_the_issuer_is_trusted_and_the_account_gets_its_role(
    iam: Stub, accounts: ServiceAccounts, undo: Undo
) -> None:
    iam.plays(NEW)
    assert ensure(accounts, undo) == MADE["Arn"]


@pytest.mark.parametrize("failing", range(len(NEW)), ids=lambda index: f"{index}-{NEW[index]}")
def test_an_account_that_fails_at_any_step_is_taken_back(
    iam: Stub, accounts: ServiceAccounts, undo: Undo, failing: int
) -> None:
    iam.plays_until(NEW, failing, "AccessDenied")
    with pytest.raises(errors.PermissionDenied), undo:
        ensure(accounts, undo)


def test_an_issuer_that_is_trusted_already_stays_so(
    iam: Stub, accounts: ServiceAccounts, undo: Undo
) -> None:
    iam.answers("list_open_id_connect_providers", {}, LISTED)
    iam.plays(NEW_ROLE)
    ensure(accounts, undo)
    iam.plays(NEW_ROLE[1].undone_by)
    undo.run()


def test_only_the_issuer_of_this_cluster_is_forgotten(iam: Stub, accounts: ServiceAccounts) -> None:
    iam.plays(FORGET)
    accounts.delete_provider()


def test_an_issuer_that_cannot_be_forgotten_says_why(iam: Stub, accounts: ServiceAccounts) -> None:
    iam.plays(FORGET[:1])
    iam.refuses(FORGET[1].operation, FORGET[1].parameters, "AccessDenied")
    with pytest.raises(errors.PermissionDenied, match="DeleteOpenIDConnectProvider"):
        accounts.delete_provider()
