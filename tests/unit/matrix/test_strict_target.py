"""The target of the quadrants with aiobotocore answers as AWS does to a wrong signature."""

from __future__ import annotations

from email.message import Message

import pytest

from botocore_redirect.testing import Received
from matrix.harness import strict_target

_FORGED = (
    "AWS4-HMAC-SHA256 Credential=contract/20260101/us-east-1/s3/aws4_request,"
    f" SignedHeaders=host, Signature={'0' * 64}"
)


def received(method: str = "GET", **headers: str) -> Received:
    fields = Message()
    for name, value in {"Host": "127.0.0.1:9", **headers}.items():
        fields[name] = value
    return Received(method, "/bucket/key?acl&a=b", fields)


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, b"AccessDenied"), ({"Authorization": _FORGED}, b"SignatureDoesNotMatch")],
    ids=["unsigned", "forged"],
)
def test_a_request_with_a_wrong_signature_gets_403_and_the_code_of_s3(
    headers: dict[str, str], code: bytes
) -> None:
    response = strict_target.refuse(received(**headers))
    assert response
    assert response.status == 403
    assert b"<Code>" + code + b"</Code>" in response.body


def test_unsigned_reads_pass_where_everybody_may_read() -> None:
    assert strict_target.refuse_writes(received()) is None
    assert strict_target.refuse_writes(received("PUT"))


def test_a_signed_request_with_a_wrong_body_is_reported() -> None:
    wrong = received("PUT", Authorization=_FORGED)
    wrong.status = 200
    with pytest.raises(AssertionError, match="PUT /bucket/key"):
        strict_target.expect_signed_bodies([wrong])
    strict_target.expect_signed_bodies([received("PUT")])  # unsigned: it is refused anyway
