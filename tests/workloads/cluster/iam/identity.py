"""Roles, their policies and instance profiles."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from typing import Any, Callable

from workloads.cluster.calls import Calls
from workloads.cluster.creation import Resource, create_once
from workloads.cluster.errors import NotFound, NotYet, ProviderError
from workloads.cluster.iam.documents import Document
from workloads.cluster.spec import check_name
from workloads.cluster.undo import Undo


class Identity:
    """Create, change and remove the roles of one cluster; repeating a call is safe.

    They are found again by a path that only this cluster uses. IAM is global, so the path and the
    names contain the region.
    """

    def __init__(self, iam: Any, call: Calls, cluster: str, region: str) -> None:
        check_name("cluster", cluster)
        self._iam = iam
        self._call = call
        self._prefix = f"{cluster}-{region}-"
        self.path = f"/cluster-provider/{region}/{cluster}/"

    def name(self, purpose: str) -> str:
        """Return the name of a role or a profile of the cluster."""
        return f"{self._prefix}{purpose}"

    def ensure_role(self, name: str, trust: Document, policies: Iterable[str], undo: Undo) -> str:
        """Give a role exactly this trust and these policies (ARNs); return its ARN."""
        document = json.dumps(trust)
        found = self._role(name)
        if found is None:
            arn = self._make_role(name, document, undo)
        else:
            arn = str(found["Arn"])
            if found["AssumeRolePolicyDocument"] != trust:
                self._call(
                    self._iam.update_assume_role_policy, RoleName=name, PolicyDocument=document
                )
        self._attach(name, set(policies))
        return arn

    def allow(self, role: str, name: str, policy: Document) -> None:
        """Add an inline policy to a role, or replace the one of that name."""
        self._call(
            self._iam.put_role_policy,
            RoleName=role,
            PolicyName=name,
            PolicyDocument=json.dumps(policy),
        )

    def roles(self) -> list[str]:
        """Return the names of the cluster's roles."""
        return self._listed("list_roles", "Roles[].RoleName", PathPrefix=self.path)

    def delete_role(self, name: str) -> None:
        """Remove a role with its inline policies; detach the others."""
        self._attach(name, set())
        for policy in self._listed("list_role_policies", "PolicyNames[]", RoleName=name):
            self._call(self._iam.delete_role_policy, RoleName=name, PolicyName=policy)
        self._remove(self._iam.delete_role, RoleName=name)

    def ensure_policy(self, name: str, policy: Document, undo: Undo) -> str:
        """Create a policy for several roles and return its ARN; an existing one is not changed."""
        look = partial(self._policies_called, name)
        for arn in look():
            self._check_same(arn, policy)
            return arn

        def create() -> str:
            document = json.dumps(policy)
            answer = self._iam.create_policy(
                Path=self.path, PolicyName=name, PolicyDocument=document
            )
            return str(answer["Policy"]["Arn"])

        resource = Resource("policy", name, look, self.delete_policy)
        return create_once(resource, create, undo, self._call, self._call)

    def policies(self) -> list[str]:
        """Return the ARNs of the cluster's policies."""
        return self._listed("list_policies", "Policies[].Arn", Scope="Local", PathPrefix=self.path)

    def delete_policy(self, arn: str) -> None:
        """Remove a policy that no role uses."""
        self._remove(self._iam.delete_policy, PolicyArn=arn)

    def ensure_profile(self, name: str, role: str, undo: Undo) -> None:
        """Create an instance profile that contains a role."""
        roles = self._roles_in(name)
        if roles is None:
            self._make_profile(name, undo)
        if role not in (roles or []):
            self._put_in(name, role, undo)

    def delete_profile(self, name: str) -> None:
        """Remove a profile; its role is kept."""
        for role in self._roles_in(name) or []:
            self._take_out(name, role)
        self._remove(self._iam.delete_instance_profile, InstanceProfileName=name)

    def _make_role(self, name: str, trust: str, undo: Undo) -> str:
        def look() -> list[str]:
            return [found["Arn"]] if (found := self._role(name)) else []

        def create() -> str:
            answer = self._iam.create_role(
                Path=self.path, RoleName=name, AssumeRolePolicyDocument=trust
            )
            return str(answer["Role"]["Arn"])

        resource = Resource("role", name, look, lambda _: self.delete_role(name))
        arn = create_once(resource, create, undo, self._call, self._call)
        self._call.wait_until(self._iam, "role_exists", RoleName=name)
        return arn

    def _make_profile(self, name: str, undo: Undo) -> None:
        def look() -> list[str]:
            return [] if self._roles_in(name) is None else [name]

        def create() -> str:
            self._iam.create_instance_profile(InstanceProfileName=name, Path=self.path)
            return name

        resource = Resource("instance profile", name, look, self.delete_profile)
        create_once(resource, create, undo, self._call, self._call)
        # EC2 sees it later than IAM.
        self._call.wait_until(self._iam, "instance_profile_exists", InstanceProfileName=name)

    def _put_in(self, profile: str, role: str, undo: Undo) -> None:
        what = f"{role} in {profile}"

        def look() -> list[str]:
            return [what] if role in (self._roles_in(profile) or []) else []

        def add() -> str:
            self._iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
            return what

        resource = Resource("role", what, look, lambda _: self._take_out(profile, role))
        create_once(resource, add, undo, self._call, self._call)

    def _take_out(self, profile: str, role: str) -> None:
        self._call(
            self._iam.remove_role_from_instance_profile,
            InstanceProfileName=profile,
            RoleName=role,
        )

    def _remove(self, operation: Callable[..., Any], **name: str) -> None:
        # IAM may still count a detached policy as attached.
        self._call.retry_on((NotYet,), operation, **name)

    def _role(self, name: str) -> dict[str, Any] | None:
        return self._found("role", name, "Role", self._iam.get_role, RoleName=name)

    def _roles_in(self, profile: str) -> list[str] | None:
        """Return the roles in a profile, or None without such a profile."""
        found = self._found(
            "instance profile",
            profile,
            "InstanceProfile",
            self._iam.get_instance_profile,
            InstanceProfileName=profile,
        )
        return None if found is None else [role["RoleName"] for role in found["Roles"]]

    def _found(
        self, kind: str, name: str, at: str, operation: Callable[..., Any], **asked: str
    ) -> dict[str, Any] | None:
        """Describe what has this name, if anything; raise an error if it is not of this cluster."""
        try:
            found: dict[str, Any] = self._call(operation, **asked)[at]
        except NotFound:
            return None
        if found["Path"] != self.path:
            raise ProviderError(
                f"There is a {kind} {name} at {found['Path']}, which is not of this cluster."
                " Give the cluster another name."
            )
        return found

    def _policies_called(self, name: str) -> list[str]:
        return [arn for arn in self.policies() if arn.endswith(f"/{name}")]

    def _check_same(self, arn: str, wanted: Document) -> None:
        policy = self._call(self._iam.get_policy, PolicyArn=arn)["Policy"]
        answer = self._call(
            self._iam.get_policy_version, PolicyArn=arn, VersionId=policy["DefaultVersionId"]
        )
        if answer["PolicyVersion"]["Document"] != wanted:
            raise ProviderError(
                f"There is a policy {arn} that allows something else. Give the new one another"
                " name: policies that are in use are not changed."
            )

    def _attach(self, role: str, wanted: set[str]) -> None:
        attached = self._listed(
            "list_attached_role_policies", "AttachedPolicies[].PolicyArn", RoleName=role
        )
        for arn in sorted(wanted.difference(attached)):
            self._call(self._iam.attach_role_policy, RoleName=role, PolicyArn=arn)
        for arn in sorted(set(attached) - wanted):
            self._call(self._iam.detach_role_policy, RoleName=role, PolicyArn=arn)

    def _listed(self, operation: str, found: str, **parameters: Any) -> list[str]:
        return self._call.list_all(self._iam, operation, found, **parameters)
