"""Policy documents of IAM: trust and permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]


def trust_in_services(*services: str) -> Document:
    """Let services of AWS, such as `eks.amazonaws.com`, assume a role."""
    return _document(Principal={"Service": _one_or_many(services)}, Action="sts:AssumeRole")


def trust_in_roles(*roles: str) -> Document:
    """Let roles or accounts, by ARN, assume a role."""
    return _document(Principal={"AWS": _one_or_many(roles)}, Action="sts:AssumeRole")


def trust_in_service_account(provider: str, issuer: str, namespace: str, account: str) -> Document:
    """Let only the pods of one service account assume a role.

    `provider` is the ARN of the cluster's OIDC provider, `issuer` its URL.
    """
    name = issuer.partition("//")[2]
    return _document(
        Principal={"Federated": provider},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={
            "StringEquals": {
                f"{name}:aud": "sts.amazonaws.com",
                f"{name}:sub": f"system:serviceaccount:{namespace}:{account}",
            }
        },
    )


def allowed(*actions: str, on: str = "*", **condition: Mapping[str, str]) -> Document:
    """Allow actions, under a condition such as `StringEquals={...}`."""
    conditions = {"Condition": condition} if condition else {}
    return _document(Action=sorted(actions), Resource=on, **conditions)


def _document(**statement: Any) -> Document:
    # The version of the policy language.
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


def _one_or_many(names: Iterable[str]) -> Any:
    """Write names as IAM returns them, so that documents can be compared."""
    ordered = sorted(names)
    return ordered[0] if len(ordered) == 1 else ordered
