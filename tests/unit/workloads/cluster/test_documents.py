"""Policy documents of IAM, compared as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from workloads.cluster.iam.documents import (
    Document,
    allowed,
    trust_in_roles,
    trust_in_service_account,
    trust_in_services,
)


def document(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


@pytest.mark.parametrize(
    ("made", "whole"),
    [
        (
            # Sorted, and a single name is no list, as IAM returns it.
            trust_in_services("b", "a"),
            document(Principal={"Service": ["a", "b"]}, Action="sts:AssumeRole"),
        ),
        (
            trust_in_roles("arn"),
            document(Principal={"AWS": "arn"}, Action="sts:AssumeRole"),
        ),
        (
            trust_in_service_account("arn:p", "https://oidc.eks/id/1", "web", "loader"),
            document(
                Principal={"Federated": "arn:p"},
                Action="sts:AssumeRoleWithWebIdentity",
                Condition={
                    "StringEquals": {
                        "oidc.eks/id/1:aud": "sts.amazonaws.com",
                        "oidc.eks/id/1:sub": "system:serviceaccount:web:loader",
                    }
                },
            ),
        ),
        (allowed("b:Get", "a:Get"), document(Action=["a:Get", "b:Get"], Resource="*")),
        (
            allowed("a:Get", on="arn:x", StringEquals={"k": "v"}),
            document(Action=["a:Get"], Resource="arn:x", Condition={"StringEquals": {"k": "v"}}),
        ),
    ],
)
def test_a_document_grants_exactly_this(made: Document, whole: Document) -> None:
    assert made == whole
