"""moto's server behind the gateways: services other than S3."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from botocore_redirect.testing import Gateway, Inspector
from botocore_redirect.testing.stores.moto_contents import ACCOUNT
from unit.testing.http_requests import ask

pytest.importorskip("moto.server", reason="these tests need moto with its server")

FORM = "application/x-www-form-urlencoded"


def new_account() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(12))


@pytest.fixture
def gateway(backend: str) -> Iterator[Gateway]:
    with Gateway(backend, relay_headers={ACCOUNT: new_account()}) as opened:
        yield opened


@pytest.mark.parametrize(
    ("service", "ask", "answer"),
    [
        ("sts", "get_caller_identity", "Account"),
        ("iam", "list_roles", "Roles"),
        ("transcribe", "list_transcription_jobs", "TranscriptionJobSummaries"),
        ("logs", "describe_log_groups", "logGroups"),
        ("s3", "list_buckets", "Buckets"),
    ],
)
def test_the_signature_names_the_service(
    session: Any, gateway: Gateway, service: str, ask: str, answer: str
) -> None:
    client = session.client(service, endpoint_url=gateway.url)
    assert answer in getattr(client, ask)()


def test_each_account_has_services_of_its_own(session: Any, backend: str, gateway: Gateway) -> None:
    iam = session.client("iam", endpoint_url=gateway.url)
    iam.create_group(GroupName="one")
    account = gateway.relay_headers[ACCOUNT]
    assert iam.list_groups()["Groups"][0]["Arn"] == f"arn:aws:iam::{account}:group/one"
    with Gateway(backend, relay_headers={ACCOUNT: new_account()}) as other:
        assert session.client("iam", endpoint_url=other.url).list_groups()["Groups"] == []


@pytest.mark.parametrize("authorization", [None, "AWS key:signature"])
def test_a_request_without_a_service_goes_to_s3(backend: str, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    bucket = f"bucket-{new_account()}"
    assert ask(backend, "PUT", f"/{bucket}", **headers)[0].status == 200
    assert bucket in Inspector(backend).buckets()


def test_a_form_without_a_signature_goes_to_sts(backend: str) -> None:
    body = (
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:"
        "role/node&RoleSessionName=job&WebIdentityToken=token"
    )
    response, text = ask(backend, "POST", "/", body, Content_Type=f"{FORM}; charset=utf-8")
    assert (response.status, b"AssumeRoleWithWebIdentityResponse" in text) == (200, True)


def test_a_form_at_the_path_of_an_object_goes_to_s3(backend: str) -> None:
    bucket = f"bucket-{new_account()}"
    Inspector(backend).create_bucket(bucket)
    assert ask(backend, "PUT", f"/{bucket}/key", "a=b", Content_Type=FORM)[0].status == 200
    assert Inspector(backend).keys(bucket) == ["key"]
