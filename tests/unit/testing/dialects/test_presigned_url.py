"""Presigned URLs of the kit: others verify them, and the kit verifies those of others."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from botocore_redirect.testing import Received
from botocore_redirect.testing.dialects.presigned_url import Presigner, without_signature
from unit.testing.dialects.exchanges import request, response_to
from wire.signatures import sigv4

ORIGIN = "http://10.0.0.2:9000"
PATH = "/bkt/a b;na\u00efve'(x)+%".encode()


@pytest.fixture
def presigner() -> Presigner:
    return Presigner()


def _sent(url: str, method: str = "GET", **headers: str) -> Received:
    parts = urlsplit(url)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return request(method, f"{parts.path}?{parts.query}", {"Host": parts.netloc, **names})


def _refusal(presigner: Presigner, received: Received) -> str:
    return response_to(presigner.check(received), received).body.decode()


@pytest.mark.parametrize("pairs", [[], [("versionId", "a/b+c"), ("response-content-type", "x y")]])
def test_an_independent_verifier_takes_them(
    presigner: Presigner, pairs: list[tuple[str, str]]
) -> None:
    received = _sent(presigner.url("GET", ORIGIN, PATH, pairs, {}))
    assert sigv4.mismatch(received, presigner.secret, presigner.key_id) is None
    assert presigner.check(received) is None


def test_headers_can_be_signed_as_well(presigner: Presigner) -> None:
    url = presigner.url("PUT", ORIGIN, PATH, [], {"x-amz-meta-by": "kit"})
    received = _sent(url, "PUT", x_amz_meta_by="kit")
    assert sigv4.mismatch(received, presigner.secret, presigner.key_id) is None
    assert presigner.check(received) is None
    assert "SignatureDoesNotMatch" in _refusal(presigner, _sent(url, "PUT", x_amz_meta_by="you"))
    assert "SignatureDoesNotMatch" in _refusal(presigner, _sent(url, "PUT"))


def test_those_of_botocore_are_taken(presigner: Presigner) -> None:
    s3: Any = boto3.client(
        "s3",
        endpoint_url=ORIGIN,
        region_name="us-east-1",
        aws_access_key_id=presigner.key_id,
        aws_secret_access_key=presigner.secret,
        config=Config(signature_version="s3v4"),
    )
    place = {"Bucket": "bkt", "Key": "a b;na\u00efve'(x)+%", "VersionId": "a/b+c"}
    assert presigner.check(_sent(s3.generate_presigned_url("get_object", Params=place))) is None


def test_any_other_request_is_refused(presigner: Presigner) -> None:
    url = presigner.url("GET", ORIGIN, PATH, [("versionId", "3")], {})
    for received, code in (
        (_sent(url, "PUT"), "SignatureDoesNotMatch"),
        (_sent(url.replace("/bkt/", "/other/")), "SignatureDoesNotMatch"),
        (_sent(url.replace("versionId=3", "versionId=4")), "SignatureDoesNotMatch"),
        (_sent(url.replace(ORIGIN, "http://10.0.0.3:9000")), "SignatureDoesNotMatch"),
        (_sent(url.replace("X-Amz-Expires=900", "X-Amz-Expires=901")), "SignatureDoesNotMatch"),
        (_sent(url, Authorization="AWS4-HMAC-SHA256 x"), "Only one auth mechanism allowed"),
        (_sent(url, x_amz_meta_by="you"), "headers present which were not signed"),
        (_sent(url.replace("X-Amz-Signature", "X-Amz-Other")), "AccessDenied"),
        (_sent(url.replace("X-Amz-Date=2", "X-Amz-Date=1")), "Request has expired"),
        (_sent(url.replace("X-Amz-Date=2", "X-Amz-Date=x")), "AuthorizationQueryParameters"),
        (_sent(url.replace(presigner.key_id, "SOMEBODY")), "InvalidAccessKeyId"),
    ):
        assert code in _refusal(presigner, received)


def test_the_store_behind_is_asked_without_the_signature(presigner: Presigner) -> None:
    query = urlsplit(presigner.url("GET", ORIGIN, PATH, [("versionId", "a/b")], {})).query
    assert without_signature(query) == "versionId=a%2Fb"
