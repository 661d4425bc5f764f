"""Who may do what: roles, their policies, and the profiles that instances wear."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Callable

from workloads.cluster.calls import Calls
from workloads.cluster.documents import Document
from workloads.cluster.errors import AlreadyThere, NotYet, ProviderError
from workloads.cluster.spec import check_name
from workloads.cluster.undo import Undo


class Identity:
    """Make the roles of one cluster as they shall be, again and again, and remove them.

    What it makes is below a path of the cluster's own, by which it is found again. IAM is the same
    in all regions, so the path and the names also hold that of the cluster.
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
        """Return the ARN of a role with this trust and these policies (ARNs), and no others."""
        document = json.dumps(trust)
        try:
            answer = self._call(
                self._iam.create_role,
                Path=self.path,
                RoleName=name,
                AssumeRolePolicyDocument=document,
            )
        except AlreadyThere:
            answer = self._call(self._iam.get_role, RoleName=name)
            self._check_ours("role", name, answer["Role"])
            if answer["Role"]["AssumeRolePolicyDocument"] != trust:
                self._call(
                    self._iam.update_assume_role_policy, RoleName=name, PolicyDocument=document
                )
        else:
            undo.add(f"role {name}", lambda: self.delete_role(name))
            self._call.until(self._iam, "role_exists", RoleName=name)
        self._attach(name, set(policies))
        return str(answer["Role"]["Arn"])

    def allow(self, role: str, name: str, policy: Document) -> None:
        """Give a role a policy of its own, which goes with it; one of that name is replaced."""
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
        """Remove a role, with its own policies; what was attached is detached."""
        self._attach(name, set())
        for policy in self._listed("list_role_policies", "PolicyNames[]", RoleName=name):
            self._call(self._iam.delete_role_policy, RoleName=name, PolicyName=policy)
        self._remove(self._iam.delete_role, RoleName=name)

    def ensure_policy(self, name: str, policy: Document, undo: Undo) -> str:
        """Return the ARN of a policy that several roles may have; it is made, but not changed."""
        for arn in self.policies():
            if arn.endswith(f"/{name}"):
                self._check_same(arn, policy)
                return arn
        answer = self._call(
            self._iam.create_policy,
            Path=self.path,
            PolicyName=name,
            PolicyDocument=json.dumps(policy),
        )
        arn = str(answer["Policy"]["Arn"])
        undo.add(f"policy {name}", lambda: self.delete_policy(arn))
        return arn

    def policies(self) -> list[str]:
        """Return the ARNs of the cluster's policies."""
        return self._listed("list_policies", "Policies[].Arn", Scope="Local", PathPrefix=self.path)

    def delete_policy(self, arn: str) -> None:
        """Remove a policy that no role has any more."""
        self._remove(self._iam.delete_policy, PolicyArn=arn)

    def ensure_profile(self, name: str, role: str, undo: Undo) -> None:
        """Make a profile through which instances act as a role."""
        try:
            self._call(self._iam.create_instance_profile, InstanceProfileName=name, Path=self.path)
        except AlreadyThere:
            pass
        else:
            undo.add(f"instance profile {name}", lambda: self.delete_profile(name))
            # EC2 hears of it later than IAM.
            self._call.until(self._iam, "instance_profile_exists", InstanceProfileName=name)
        if role not in self._roles_in(name):
            self._call(
                self._iam.add_role_to_instance_profile, InstanceProfileName=name, RoleName=role
            )

    def delete_profile(self, name: str) -> None:
        """Remove a profile; its role stays."""
        for role in self._roles_in(name):
            self._call(
                self._iam.remove_role_from_instance_profile,
                InstanceProfileName=name,
                RoleName=role,
            )
        self._remove(self._iam.delete_instance_profile, InstanceProfileName=name)

    def _remove(self, operation: Callable[..., Any], **name: str) -> None:
        # What was detached just now may still count as attached.
        self._call.despite((NotYet,), operation, **name)

    def _check_ours(self, kind: str, name: str, found: Mapping[str, Any]) -> None:
        if found["Path"] != self.path:
            raise ProviderError(
                f"There is a {kind} {name} at {found['Path']}, which is not of this cluster."
                " Give the cluster another name."
            )

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

    def _roles_in(self, profile: str) -> list[str]:
        answer = self._call(self._iam.get_instance_profile, InstanceProfileName=profile)
        self._check_ours("instance profile", profile, answer["InstanceProfile"])
        return [role["RoleName"] for role in answer["InstanceProfile"]["Roles"]]

    def _listed(self, operation: str, found: str, **parameters: Any) -> list[str]:
        return self._call.listed(self._iam, operation, found, **parameters)
