from __future__ import annotations

import pytest

from botocore_redirect.rules.presigned import is_presigned


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Algorithm=a&X-Amz-Signature=s",
        "x-amz-signature=s",
        "X-Goog-Signature=s",
        "x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=s",
        "q-sign-algorithm=sha1&q-ak=k&q-signature=s",
        "hdnea=exp=1893456000~acl=/*~hmac=s",
        "AWSAccessKeyId=k&Signature=s&Expires=1",
        "Signature=s&Expires=1&AWSAccessKeyId=k",
        "GoogleAccessId=k&Signature=s&Expires=1",
        "OSSAccessKeyId=k&Signature=s&Expires=1",
        "Key-Pair-Id=k&Signature=s&Policy=p",
        "Expires=1&KeyName=k&Signature=s",
        "sv=2024-11-04&se=2030-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=s",
        "X%2DAmz%2DSignature=s",
        "pid=p&X-Amz-Signature",
    ],
)
def test_a_query_with_a_signature_is_presigned(query: str) -> None:
    assert is_presigned(query)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "Signature=s",
        "Signature=s&Expires=1",
        "AWSAccessKeyId=k",
        "Key-Pair-Id=k&Policy=p",
        "sig=s",
        "se=2030-01-01",
        "Signature=s&se=2030-01-01",
        "sig=s&KeyName=k",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k",
        "pid=X-Amz-Signature&utm=1&u=signature-of-the-store",
        "pid=AWSAccessKeyId&u=Signature",
        "hdneas=1&q-signatures=2",
    ],
)
def test_a_query_without_a_whole_signature_is_not(query: str) -> None:
    assert not is_presigned(query)
