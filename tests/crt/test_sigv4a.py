"""Signature Version 4A, which botocore makes with awscrt: each host gets one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect
from crt.sigv4a import mismatch

if TYPE_CHECKING:
    from botocore_redirect.testing import Received, RedirectingStore

_CREDENTIALS = ("testing", "testing")


@pytest.fixture
def s3(store: RedirectingStore) -> Any:
    return botocore_redirect.follow(store.client(signature_version="s3v4a"))


def _received(store: RedirectingStore) -> list[Received]:
    return [each for server in (store.gateway, *store.targets) for each in server.received]


def test_gateway_and_target_get_a_signature_of_their_own(s3: Any, store: RedirectingStore) -> None:
    s3.put_object(Bucket="data", Key="a b/ü", Body=b"content")
    assert s3.get_object(Bucket="data", Key="a b/ü")["Body"].read() == b"content"
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="data", Prefix="a b")["Contents"]]
    received = _received(store)
    assert len(received) == 6
    assert [mismatch(each, *_CREDENTIALS) for each in received] == [None] * 6
    assert {each.headers["X-Amz-Region-Set"] for each in received} == {"us-east-1"}


def test_the_verifier_refuses_the_signature_of_another_request(
    s3: Any, store: RedirectingStore
) -> None:
    s3.get_bucket_location(Bucket="data")
    at_gateway, at_target = _received(store)
    at_target.headers.replace_header("Authorization", at_gateway.headers["Authorization"])
    at_target.headers.replace_header("X-Amz-Date", at_gateway.headers["X-Amz-Date"])
    assert mismatch(at_target, *_CREDENTIALS) == "the signature is that of another request"
