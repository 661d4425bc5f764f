"""The verifiers agree with AWS's published examples, and refuse whatever was tampered with."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from email.message import Message

import pytest

from botocore_redirect.testing import Received
from wire import sigv2, sigv4

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOTHING = hashlib.sha256(b"").hexdigest()
WELCOME = b"Welcome to Amazon S3."


def request(method: str, target: str, fields: dict[str, str], body: bytes = b"") -> Received:
    headers = Message()
    for name, value in fields.items():
        headers[name] = value
    return Received(method, target, headers, body=body)


def example_v4(
    method: str, target: str, signature: str, fields: dict[str, str], body: bytes = b""
) -> Received:
    """Return a request of 'Examples: Signature Calculations' in the S3 API reference."""
    digest = hashlib.sha256(body).hexdigest()
    fields = {"x-amz-content-sha256": digest, "x-amz-date": "20130524T000000Z", **fields}
    fields["Host"] = "examplebucket.s3.amazonaws.com"
    signed = ";".join(sorted(name.lower() for name in fields))
    fields["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20130524/us-east-1/s3/aws4_request,"
        f"SignedHeaders={signed},Signature={signature}"
    )
    return request(method, target, fields, body)


RANGE = example_v4(
    "GET",
    "/test.txt",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    {"Range": "bytes=0-9"},
)
PUT = example_v4(
    "PUT",
    "/test$file.text",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    {
        "Date": "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
    },
    WELCOME,
)
LIFECYCLE = example_v4(
    "GET",
    "/?lifecycle",
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    {},
)
LIST = example_v4(
    "GET",
    "/?max-keys=2&prefix=J",
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    {},
)


def refused(received: Received) -> str | None:
    return sigv4.mismatch(received, SECRET, KEY_ID)


@pytest.mark.parametrize("example", [RANGE, PUT, LIFECYCLE, LIST])
def test_an_example_of_aws_is_accepted(example: Received) -> None:
    assert refused(example) is None


def with_header(received: Received, name: str, value: str) -> Received:
    fields = {n: v for n, v in received.raw_headers if n.lower() != name.lower()}
    return request(received.method, received.target, {**fields, name: value}, received.body)


@pytest.mark.parametrize(
    ("tampered", "why"),
    [
        (replace(PUT, method="POST"), "signature is wrong"),
        (replace(PUT, target="/test$file.txt"), "signature is wrong"),
        (replace(LIST, target="/?max-keys=3&prefix=J"), "signature is wrong"),
        (replace(LIST, target="/?max-keys=2&prefix=J&pid=1"), "signature is wrong"),
        (replace(PUT, body=b"Welcome to Amazon S4."), "has not the hash"),
        (replace(PUT, body=b""), "has not the hash"),
        (with_header(RANGE, "Range", "bytes=0-8"), "signature is wrong"),
        (with_header(RANGE, "Host", "other.s3.amazonaws.com"), "signature is wrong"),
        (with_header(RANGE, "x-amz-date", "20130524T000001Z"), "signature is wrong"),
        (with_header(RANGE, "x-amz-date", "20130525T000000Z"), "not the day"),
        (with_header(RANGE, "x-amz-security-token", "t"), "not signed: x-amz-security-token"),
        (with_header(RANGE, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"), "signature is wrong"),
        (with_header(RANGE, "Authorization", "AWS user:c2ln"), "the Authorization is"),
        (request("GET", "/", {}), "the Authorization is None"),
    ],
)
def test_a_request_that_was_tampered_with_is_refused(tampered: Received, why: str) -> None:
    assert why in (refused(tampered) or "")


def test_another_key_is_refused() -> None:
    assert "signature is wrong" in (sigv4.mismatch(RANGE, "other", KEY_ID) or "")
    assert "the credential is" in (sigv4.mismatch(RANGE, SECRET, "other") or "")


@pytest.mark.parametrize(
    ("spelled", "other"),
    [
        (replace(PUT, target="/test%24file.text"), None),
        (replace(PUT, target="/%74est%24file.text"), None),
        (replace(LIST, target="/?prefix=%4A&max-keys=2"), None),
        (replace(LIFECYCLE, target="/?lifecycle="), None),
        (replace(PUT, target="/test%2524file.text"), "signature is wrong"),
        (replace(PUT, target="//test$file.text"), "signature is wrong"),
    ],
)
def test_spellings_of_the_same_path_and_query_are_one_and_others_are_not(
    spelled: Received, other: str | None
) -> None:
    why = refused(spelled)
    assert why is None if other is None else other in (why or "")


CHUNKED = b"4\r\nWiki\r\n5\r\npedia\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"


@pytest.mark.parametrize(
    ("payload", "body", "why"),
    [
        ("UNSIGNED-PAYLOAD", b"anything", None),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", CHUNKED, None),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", CHUNKED[:12], "is not whole"),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", b"Wikipedia", "begins with b'Wikipedia'"),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", CHUNKED[9:], "decoded-content-length is not 5"),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", CHUNKED[:22] + b"\r\n", "trailers are []"),
    ],
)
def test_a_payload_that_is_not_signed_still_has_to_be_whole(
    payload: str, body: bytes, why: str | None
) -> None:
    # What is right about it was checked before: these are all judged with the right signature.
    fields = {
        "x-amz-content-sha256": payload,
        "x-amz-decoded-content-length": "9",
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    found = sigv4.mismatch(signed_v4(request("PUT", "/bkt/key", fields, body)), SECRET, KEY_ID)
    assert found is None if why is None else why in (found or "")


def signed_v4(received: Received) -> Received:
    """Sign with the verifier's own hand, by asking it what it would have expected."""
    received.headers["Host"] = "store"
    received.headers["x-amz-date"] = "20130524T000000Z"
    names = sorted(name.lower() for name in received.headers)
    scope = "20130524/us-east-1/s3/aws4_request"
    fields = {name: received.headers[name] for name in names}
    canonical = sigv4._canonical_request(received, fields, names)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n20130524T000000Z\n{scope}\n{digest}"
    signature = sigv4._sign(sigv4._key(SECRET, scope), text).hex()
    received.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope},"
        f" SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return received


def example_v2(method: str, target: str, date: str, signature: str, **fields: str) -> Received:
    """Return a request of 'Signing and authenticating REST requests' in the S3 user guide."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    named.update(Date=f"Tue, 27 Mar 2007 {date} +0000", Authorization=f"AWS {KEY_ID}:{signature}")
    return request(method, target, named)


GET_V2 = example_v2("GET", "/photos/puppy.jpg", "19:36:42", "bWq2s1WEIj+Ydj0vQ697zp+IXMU=")
PUT_V2 = example_v2(
    "PUT",
    "/photos/puppy.jpg",
    "21:15:45",
    "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
    Content_Type="image/jpeg",
)
LIST_V2 = example_v2(
    "GET",
    "/?prefix=photos&max-keys=50&marker=puppy",
    "19:42:41",
    "htDYFYduRNen8P9ZfE/s9SuKy0U=",
)
ACL_V2 = example_v2("GET", "/?acl", "19:44:46", "c2WLPFtWHVgbEmeEG93a4cG37dM=")


@pytest.mark.parametrize("example", [GET_V2, PUT_V2, LIST_V2, ACL_V2])
def test_an_example_of_version_2_is_accepted(example: Received) -> None:
    assert sigv2.mismatch(example, SECRET, KEY_ID, "johnsmith") is None


@pytest.mark.parametrize(
    "tampered",
    [
        replace(GET_V2, method="HEAD"),
        replace(GET_V2, target="/photos/kitten.jpg"),
        replace(GET_V2, target="/photos%2Fpuppy.jpg"),
        replace(ACL_V2, target="/"),
        with_header(GET_V2, "x-amz-security-token", "t"),
        with_header(PUT_V2, "Content-Type", "image/png"),
    ],
)
def test_a_request_of_version_2_that_was_tampered_with_is_refused(tampered: Received) -> None:
    assert sigv2.mismatch(tampered, SECRET, KEY_ID, "johnsmith")
