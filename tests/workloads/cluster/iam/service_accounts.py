"""Service accounts of Kubernetes that assume roles of IAM, by tokens of the cluster's issuer."""

from __future__ import annotations

from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.creation import Resource, create_once
from workloads.cluster.iam.documents import Document, trust_in_service_account
from workloads.cluster.iam.identity import Identity
from workloads.cluster.undo import Undo

# IAM requires a thumbprint, but does not check it for EKS.
_THUMBPRINT = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"


class ServiceAccounts:
    """Give roles to the pods of a cluster. `issuer` is the URL of the issuer of its tokens."""

    def __init__(self, iam: Any, call: Calls, identity: Identity, issuer: str) -> None:
        self._iam = iam
        self._call = call
        self._identity = identity
        self._issuer = issuer

    def ensure(self, role: str, namespace: str, account: str, policy: Document, undo: Undo) -> str:
        """Give a service account a role with this policy, and return its ARN."""
        provider = self._ensure_provider(undo)
        trust = trust_in_service_account(provider, self._issuer, namespace, account)
        arn = self._identity.ensure_role(role, trust, (), undo)
        self._identity.allow(role, account, policy)
        return arn

    def delete_provider(self) -> None:
        """Remove the trust in the issuer."""
        for arn in self._providers():
            self._delete(arn)

    def _ensure_provider(self, undo: Undo) -> str:
        for arn in self._providers():
            return arn

        def create() -> str:
            answer = self._iam.create_open_id_connect_provider(
                Url=self._issuer,
                ClientIDList=["sts.amazonaws.com"],
                ThumbprintList=[_THUMBPRINT],
            )
            return str(answer["OpenIDConnectProviderArn"])

        resource = Resource("OIDC provider", self._issuer, self._providers, self._delete)
        return create_once(resource, create, undo, self._call, self._call)

    def _delete(self, arn: str) -> None:
        self._call(self._iam.delete_open_id_connect_provider, OpenIDConnectProviderArn=arn)

    def _providers(self) -> list[str]:
        answer = self._call(self._iam.list_open_id_connect_providers)
        arns = [provider["Arn"] for provider in answer["OpenIDConnectProviderList"]]
        name = self._issuer.partition("//")[2]
        return [arn for arn in arns if arn.endswith(f":oidc-provider/{name}")]
