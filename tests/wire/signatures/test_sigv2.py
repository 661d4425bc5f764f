"""The verifier of version 2 agrees with AWS's published examples, and each rule refuses."""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import pytest

from botocore_redirect.testing import Received
from wire.signatures import sigv2
from wire.signatures.signed_examples import (
    ACL_V2,
    EXPIRING_V2,
    GET_V2,
    KEY_ID,
    LIST_V2,
    PATH_STYLE_V2,
    PUT_V2,
    SECRET,
    SERVICE_V2,
    request,
    with_header,
    with_second_header,
)

EXPIRY = 1175139620


def refused(received: Received, seconds: int = 0) -> str:
    """Return what is wrong with a request so many seconds after it was signed, or expires."""
    date = received.headers.get("x-amz-date") or received.headers.get("Date")
    signed = parsedate_to_datetime(date).timestamp() if date else EXPIRY
    now = datetime.fromtimestamp(signed + seconds, timezone.utc)
    bucket = "johnsmith" if received.headers["Host"].startswith("johnsmith.") else ""
    return sigv2.mismatch(received, SECRET, KEY_ID, bucket, now=now) or ""


def signed(target: str, text: str, host: str = "store", **fields: str) -> Received:
    """Sign what a test says is to be signed."""
    digest = hmac.digest(SECRET.encode(), text.encode(), "sha1")
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    named["Authorization"] = f"AWS {KEY_ID}:{base64.b64encode(digest).decode()}"
    return request("GET", target, {"Host": host, **named})


@pytest.mark.parametrize(
    "example", [GET_V2, PUT_V2, LIST_V2, ACL_V2, PATH_STYLE_V2, SERVICE_V2, EXPIRING_V2]
)
def test_an_example_of_aws_is_accepted(example: Received) -> None:
    assert refused(example) == ""


DATE = "Tue, 27 Mar 2007 19:36:42 +0000"


@pytest.mark.parametrize(
    ("target", "host", "resource"),
    [
        ("/bkt/key", "store", "/bkt/key"),
        ("/key", "johnsmith.store", "/johnsmith/key"),
        ("/bkt/k%2fey", "store", "/bkt/k%2fey"),
        ("/bkt/key?uploads=&partNumber=1", "store", "/bkt/key?partNumber=1&uploads"),
        ("/bkt?versionId=a%2Fb%2B&prefix=c", "store", "/bkt?versionId=a/b+"),
        ("/bkt/key?response-content-type=a+b", "store", "/bkt/key?response-content-type=a b"),
    ],
)
def test_the_signed_resource_is_the_bucket_the_path_and_the_sub_resources(
    target: str, host: str, resource: str
) -> None:
    received = signed(target, f"GET\n\n\n{DATE}\n{resource}", host, Date=DATE)
    assert refused(received) == ""


def test_amz_headers_are_signed_sorted_and_x_amz_date_replaces_date() -> None:
    text = f"GET\n\n\n\nx-amz-acl:private\nx-amz-date:{DATE}\n/bkt/key"
    received = signed("/bkt/key", text, x_amz_date=DATE, X_Amz_Acl="private", Date="ignored")
    assert refused(received) == ""
    assert "the signature" in refused(with_header(received, "x-amz-acl", "public-read"))


@pytest.mark.parametrize(
    ("tampered", "why"),
    [
        (replace(GET_V2, method="HEAD"), "the signature"),
        (replace(GET_V2, target="/photos/kitten.jpg"), "the signature"),
        (replace(GET_V2, target="/photos%2Fpuppy.jpg"), "the signature"),
        (replace(PATH_STYLE_V2, target="/dictionary/fran%c3%a7ais/pr%c3%a9f%c3%a8re"), "the sig"),
        (with_header(GET_V2, "Host", "s3.amazonaws.com"), "the signature"),
        (replace(ACL_V2, target="/"), "the signature"),
        (replace(ACL_V2, target="/?acl&tagging"), "the signature"),
        (replace(ACL_V2, target="/?acl&prefix=a"), ""),
        (with_header(GET_V2, "x-amz-security-token", "t"), "the signature"),
        (with_header(GET_V2, "Date", "Tue, 27 Mar 2007 19:36:43 +0000"), "the signature"),
        (with_header(GET_V2, "Date", None), "the date is"),
        (with_header(PUT_V2, "Content-Type", "image/png"), "the signature"),
        (with_header(PUT_V2, "Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="), "the signature"),
        (with_header(GET_V2, "Authorization", f"AWS other:{'a' * 28}"), "the signature"),
        (with_header(GET_V2, "Authorization", None), "not exactly one signature"),
        (with_second_header(GET_V2, "Authorization", "AWS a:b"), "not exactly one signature"),
        (with_header(EXPIRING_V2, "Authorization", "AWS a:b"), "not exactly one signature"),
        (
            replace(EXPIRING_V2, target=EXPIRING_V2.target.replace("5139620", "5139621")),
            "the signature",
        ),
        (replace(EXPIRING_V2, target=f"{EXPIRING_V2.target}&Expires=1"), "in the query are"),
        (
            replace(EXPIRING_V2, target=EXPIRING_V2.target.replace("Expires=", "Expiry=")),
            "in the query are",
        ),
        (
            replace(EXPIRING_V2, target=EXPIRING_V2.target.replace(KEY_ID, "other")),
            "the signature",
        ),
        (replace(EXPIRING_V2, method="PUT"), "the signature"),
    ],
)
def test_each_part_that_is_signed_is_verified(tampered: Received, why: str) -> None:
    found = refused(tampered)
    assert why in found
    assert bool(found) is bool(why)


@pytest.mark.parametrize(
    ("received", "seconds", "why"),
    [
        (GET_V2, 900, ""),
        (GET_V2, -900, ""),
        (GET_V2, 901, "it was signed at"),
        (GET_V2, -901, "it was signed at"),
        (EXPIRING_V2, -10_000, ""),
        (EXPIRING_V2, 1, "it expired at"),
    ],
)
def test_a_signature_is_valid_for_a_limited_time(
    received: Received, seconds: int, why: str
) -> None:
    found = refused(received, seconds)
    assert why in found
    assert bool(found) is bool(why)
