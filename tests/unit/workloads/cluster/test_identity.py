"""Roles, policies and profiles: made, made again, changed, removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable

import pytest

from unit.workloads.stub import Step
from workloads.cluster import errors
from workloads.cluster.documents import allowed, trust_in_services
from workloads.cluster.identity import Identity
from workloads.cluster.undo import Undo

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls

PATH = "/cluster-provider/eu-west-1/c/"
EC2 = trust_in_services("ec2.amazonaws.com")
ROLE = {
    "Path": PATH,
    "RoleName": "role",
    "RoleId": "AROA0000000000000",
    "Arn": "arn:aws:iam::123456789012:role/cluster-provider/c/role",
    "CreateDate": "2026-01-01T00:00:00Z",
    "AssumeRolePolicyDocument": json.dumps(EC2),
}
NAME = {"RoleName": "role"}
CREATE = {"Path": PATH, **NAME, "AssumeRolePolicyDocument": json.dumps(EC2)}
POLICY = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
OTHER = "arn:aws:iam::aws:policy/AdministratorAccess"
PROFILE = {"InstanceProfileName": "profile"}
CREATE_PROFILE = {**PROFILE, "Path": PATH}
LOCAL = {"Scope": "Local", "PathPrefix": PATH}
LOOK = allowed("s3:GetObject")
CREATE_POLICY = {"Path": PATH, "PolicyName": "look", "PolicyDocument": json.dumps(LOOK)}
LOOKS = "arn:aws:iam::123456789012:policy/cluster-provider/c/look"


def attached(*policies: str) -> dict[str, Any]:
    return {"AttachedPolicies": [{"PolicyArn": policy} for policy in policies]}


def profile(*roles: str, path: str = PATH) -> dict[str, Any]:
    return {
        "InstanceProfile": {
            "Path": path,
            **PROFILE,
            "InstanceProfileId": "AIPA0000000000000",
            "Arn": "arn:aws:iam::123456789012:instance-profile/profile",
            "CreateDate": "2026-01-01T00:00:00Z",
            "Roles": [{**ROLE, "RoleName": role} for role in roles],
        }
    }


REMOVED = (
    Step("list_attached_role_policies", NAME, attached(POLICY)),
    Step("detach_role_policy", {**NAME, "PolicyArn": POLICY}),
    Step("list_role_policies", NAME, {"PolicyNames": ["own"]}),
    Step("delete_role_policy", {**NAME, "PolicyName": "own"}),
    Step("delete_role", NAME),
)
NEW = [
    Step("get_role", NAME, refusal="NoSuchEntity"),
    Step("create_role", CREATE, {"Role": ROLE}, undone_by=REMOVED),
    Step("get_role", NAME, {"Role": ROLE}),
    Step("list_attached_role_policies", NAME, attached()),
    Step("attach_role_policy", {**NAME, "PolicyArn": POLICY}),
]
NO_PROFILE = (
    Step("get_instance_profile", PROFILE, profile("role")),
    Step("remove_role_from_instance_profile", {**PROFILE, **NAME}),
    Step("delete_instance_profile", PROFILE),
)
Act = Callable[[Identity], Any]
NEW_PROFILE = [
    Step("get_instance_profile", PROFILE, refusal="NoSuchEntity"),
    Step(
        "create_instance_profile",
        CREATE_PROFILE,
        profile(),
        undone_by=NO_PROFILE,
    ),
    Step("get_instance_profile", PROFILE, profile()),
    Step("add_role_to_instance_profile", {**PROFILE, **NAME}),
]


def same_policy(document: Any) -> list[Step]:
    version = {"VersionId": "v1", "Document": json.dumps(document)}
    policy = {"Arn": LOOKS, "DefaultVersionId": "v1"}
    asked = {"PolicyArn": LOOKS}
    return [
        Step("get_policy", asked, {"Policy": policy}),
        Step("get_policy_version", {**asked, "VersionId": "v1"}, {"PolicyVersion": version}),
    ]


@pytest.fixture
def identity(iam: Stub, call: Calls) -> Identity:
    return Identity(iam.client, call, "c", "eu-west-1")


def test_clusters_of_one_name_in_two_regions_share_nothing(iam: Stub, call: Calls) -> None:
    here, there = (Identity(iam.client, call, "c", region) for region in ("eu-west-1", "us-west-2"))
    assert (here.name("jobs"), there.name("jobs")) == ("c-eu-west-1-jobs", "c-us-west-2-jobs")
    assert not here.path.startswith(there.path)


def test_a_role_is_made_with_its_trust_and_its_policies(
    iam: Stub, identity: Identity, undo: Undo
) -> None:
    iam.plays(NEW)
    assert identity.ensure_role("role", EC2, [POLICY], undo) == ROLE["Arn"]


@pytest.mark.parametrize("failing", range(len(NEW)), ids=lambda index: f"{index}-{NEW[index]}")
def test_a_role_that_fails_at_any_step_is_taken_back(
    iam: Stub, identity: Identity, undo: Undo, failing: int
) -> None:
    iam.plays_until(NEW, failing, "AccessDenied")
    with pytest.raises(errors.PermissionDenied), undo:
        identity.ensure_role("role", EC2, [POLICY], undo)


def test_a_role_that_is_there_gets_the_trust_and_the_policies_that_it_lacks_and_no_others(
    iam: Stub, identity: Identity, undo: Undo
) -> None:
    old = {**ROLE, "AssumeRolePolicyDocument": json.dumps(trust_in_services("x.amazonaws.com"))}
    iam.answers("get_role", NAME, {"Role": old})
    iam.answers("update_assume_role_policy", {**NAME, "PolicyDocument": json.dumps(EC2)})
    iam.answers("list_attached_role_policies", NAME, attached(OTHER))
    iam.answers("attach_role_policy", {**NAME, "PolicyArn": POLICY})
    iam.answers("detach_role_policy", {**NAME, "PolicyArn": OTHER})
    identity.ensure_role("role", EC2, [POLICY], undo)
    undo.run()  # it was there before


def test_a_role_that_is_as_it_shall_be_is_left_alone(
    iam: Stub, identity: Identity, undo: Undo
) -> None:
    iam.answers("get_role", NAME, {"Role": ROLE})
    iam.answers("list_attached_role_policies", NAME, attached(POLICY))
    assert identity.ensure_role("role", EC2, [POLICY], undo) == ROLE["Arn"]


def test_a_role_of_that_name_which_is_somebody_elses_is_not_touched(
    iam: Stub, identity: Identity, undo: Undo
) -> None:
    iam.answers("get_role", NAME, {"Role": {**ROLE, "Path": "/team/"}})
    with pytest.raises(errors.ProviderError, match="role role at /team/, which is not of this"):
        identity.ensure_role("role", EC2, [POLICY], undo)


def test_a_policy_of_its_own_is_put_into_a_role(iam: Stub, identity: Identity) -> None:
    put = {**NAME, "PolicyName": "own", "PolicyDocument": json.dumps(LOOK)}
    iam.answers("put_role_policy", put)
    identity.allow("role", "own", LOOK)
    iam.refuses("put_role_policy", put, "NoSuchEntity")
    with pytest.raises(errors.NotFound):
        identity.allow("role", "own", LOOK)


def test_roles_are_found_by_the_path_of_their_cluster(iam: Stub, identity: Identity) -> None:
    more = {"Roles": [ROLE], "IsTruncated": True, "Marker": "more"}
    iam.answers("list_roles", {"PathPrefix": PATH}, more)
    last = {"Roles": [{**ROLE, "RoleName": "other"}]}
    iam.answers("list_roles", {"PathPrefix": PATH, "Marker": "more"}, last)
    assert identity.roles() == ["role", "other"]


@pytest.mark.parametrize("failing", range(len(REMOVED)))
def test_a_role_that_cannot_be_removed_says_why(
    iam: Stub, identity: Identity, failing: int
) -> None:
    iam.plays_until(REMOVED, failing, "AccessDenied")
    with pytest.raises(errors.PermissionDenied):
        identity.delete_role("role")


def test_a_policy_is_made_once_and_undone(iam: Stub, identity: Identity, undo: Undo) -> None:
    iam.answers("list_policies", LOCAL, {"Policies": [{"Arn": f"{LOOKS}-elsewhere"}]})
    iam.answers("create_policy", CREATE_POLICY, {"Policy": {"Arn": LOOKS}})
    assert identity.ensure_policy("look", LOOK, undo) == LOOKS
    iam.answers("list_policies", LOCAL, {"Policies": [{"Arn": LOOKS}]})
    iam.plays(same_policy(LOOK))
    assert identity.ensure_policy("look", LOOK, undo) == LOOKS
    iam.answers("delete_policy", {"PolicyArn": LOOKS})
    undo.run()


def test_a_policy_that_allows_something_else_is_refused(
    iam: Stub, identity: Identity, undo: Undo
) -> None:
    iam.answers("list_policies", LOCAL, {"Policies": [{"Arn": LOOKS}]})
    iam.plays(same_policy(allowed("s3:PutObject")))
    with pytest.raises(errors.ProviderError, match=f"policy {LOOKS} that allows something else"):
        identity.ensure_policy("look", LOOK, undo)


def test_a_policy_that_is_in_use_stays_and_is_reported(
    iam: Stub, identity: Identity, undo: Undo
) -> None:
    iam.answers("list_policies", LOCAL, {"Policies": []})
    iam.answers("create_policy", CREATE_POLICY, {"Policy": {"Arn": LOOKS}})
    identity.ensure_policy("look", LOOK, undo)
    for _ in range(4):
        iam.refuses("delete_policy", {"PolicyArn": LOOKS}, "DeleteConflict")
    with pytest.raises(errors.LeftBehind, match=rf"policy {LOOKS} .*DeleteConflict"):
        undo.run()


def test_a_profile_is_made_with_its_role(iam: Stub, identity: Identity, undo: Undo) -> None:
    iam.plays(NEW_PROFILE)
    identity.ensure_profile("profile", "role", undo)


@pytest.mark.parametrize("failing", range(len(NEW_PROFILE)))
def test_a_profile_that_fails_at_any_step_is_taken_back(
    iam: Stub, identity: Identity, undo: Undo, failing: int
) -> None:
    iam.plays_until(NEW_PROFILE, failing, "AccessDenied")
    with pytest.raises(errors.PermissionDenied), undo:
        identity.ensure_profile("profile", "role", undo)


def test_a_profile_that_is_there_is_left_alone(iam: Stub, identity: Identity, undo: Undo) -> None:
    iam.answers("get_instance_profile", PROFILE, profile("role"))
    identity.ensure_profile("profile", "role", undo)
    undo.run()


def test_a_profile_of_that_name_which_is_somebody_elses_is_not_touched(
    iam: Stub, identity: Identity, undo: Undo
) -> None:
    iam.answers("get_instance_profile", PROFILE, profile("role", path="/"))
    with pytest.raises(errors.ProviderError, match="profile at /, which is not of this"):
        identity.ensure_profile("profile", "role", undo)
    iam.answers("get_instance_profile", PROFILE, profile("role", path="/"))
    with pytest.raises(errors.ProviderError, match="profile at /, which is not of this"):
        identity.delete_profile("profile")


@pytest.mark.parametrize(
    ("act", "steps", "refused"),
    [
        (lambda identity: identity.delete_role("role"), REMOVED[:4], REMOVED[4]),
        (lambda identity: identity.delete_profile("profile"), NO_PROFILE[:2], NO_PROFILE[2]),
    ],
    ids=["role", "profile"],
)
def test_what_was_detached_just_now_is_removed_as_soon_as_iam_says_so(
    iam: Stub, identity: Identity, act: Act, steps: list[Step], refused: Step
) -> None:
    iam.plays(steps)
    iam.refuses(refused.operation, refused.parameters, "DeleteConflict")
    iam.plays([refused])
    act(identity)


@pytest.mark.parametrize(
    ("act", "steps", "refused"),
    [
        (lambda identity: identity.roles(), [], Step("list_roles", {"PathPrefix": PATH})),
        (lambda identity: identity.policies(), [], Step("list_policies", LOCAL)),
        (lambda identity: identity.delete_profile("profile"), [], NO_PROFILE[0]),
        (lambda identity: identity.delete_profile("profile"), NO_PROFILE[:1], NO_PROFILE[1]),
        (lambda identity: identity.delete_profile("profile"), NO_PROFILE[:2], NO_PROFILE[2]),
        (
            lambda identity: identity.ensure_policy("look", LOOK, Undo()),
            [Step("list_policies", LOCAL, {"Policies": []})],
            Step("create_policy", CREATE_POLICY),
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, Step) else None,
)
def test_what_is_not_allowed_says_so(
    iam: Stub, identity: Identity, act: Act, steps: list[Step], refused: Step
) -> None:
    iam.plays(steps)
    iam.refuses(refused.operation, refused.parameters, "AccessDenied")
    with pytest.raises(errors.PermissionDenied, match="permission"):
        act(identity)


def test_a_trust_that_may_not_be_changed_says_so(iam: Stub, identity: Identity, undo: Undo) -> None:
    old = {**ROLE, "AssumeRolePolicyDocument": json.dumps(trust_in_services("x.amazonaws.com"))}
    iam.answers("get_role", NAME, {"Role": old})
    update = {**NAME, "PolicyDocument": json.dumps(EC2)}
    iam.refuses("update_assume_role_policy", update, "AccessDenied")
    with pytest.raises(errors.PermissionDenied, match="UpdateAssumeRolePolicy"):
        identity.ensure_role("role", EC2, [], undo)
