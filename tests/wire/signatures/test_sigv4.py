"""The verifier agrees with AWS's published examples, and each of its rules refuses on its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from botocore_redirect.testing import Received
from wire.signatures import sigv4
from wire.signatures.signed_examples import (
    KEY_ID,
    LIFECYCLE,
    LIST,
    PRESIGNED,
    PUT,
    RANGE,
    SECRET,
    SIGNED_AT,
    request,
    signed_v4,
    with_header,
    with_second_header,
)

MINUTE = timedelta(minutes=1)


def refused(received: Received, now: datetime = SIGNED_AT, **known: Any) -> str:
    return sigv4.mismatch(received, SECRET, KEY_ID, now=now, **known) or ""


@pytest.mark.parametrize("example", [RANGE, PUT, LIFECYCLE, LIST, PRESIGNED])
def test_an_example_of_aws_is_accepted(example: Received) -> None:
    assert refused(example) == ""


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
        (with_header(RANGE, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"), "signature is wrong"),
        (with_header(RANGE, "Authorization", "AWS user:c2ln"), "the Authorization is"),
        (with_header(RANGE, "Authorization", None), "without Authorization"),
        (replace(PRESIGNED, method="PUT"), "signature is wrong"),
        (replace(PRESIGNED, target=f"{PRESIGNED.target}&a=1"), "signature is wrong"),
        (with_header(PRESIGNED, "Host", "other.s3.amazonaws.com"), "signature is wrong"),
    ],
)
def test_a_request_that_was_tampered_with_is_refused(tampered: Received, why: str) -> None:
    assert why in refused(tampered)


def test_another_secret_key_region_or_service_is_refused() -> None:
    wrong_secret = sigv4.mismatch(RANGE, "other", KEY_ID, now=SIGNED_AT)
    assert "signature is wrong" in (wrong_secret or "")
    assert "the credential is" in (sigv4.mismatch(RANGE, SECRET, "other", now=SIGNED_AT) or "")
    assert "the credential is" in refused(RANGE, region="eu-west-1")
    assert "the credential is" in refused(RANGE, service="s3express")


GET = request("GET", "/bkt/key", {})


@pytest.mark.parametrize(
    ("received", "why"),
    [
        (signed_v4(GET), ""),
        (signed_v4(GET, scope="20130525/us-east-1/s3/aws4_request"), "the credential is"),
        (signed_v4(GET, scope="20130524/us-east-1/s3/aws2_request"), "the credential is"),
        (signed_v4(GET, signed="x-amz-content-sha256;x-amz-date"), "not signed: host"),
        (signed_v4(GET, signed="host;x-amz-content-sha256"), "not signed: x-amz-date"),
        (signed_v4(GET, signed="host;x-amz-date;x-amz-content-sha256"), "not sorted"),
        (signed_v4(GET, signed="host;host;x-amz-content-sha256;x-amz-date"), "not sorted"),
        (signed_v4(GET, signed="Host;x-amz-content-sha256;x-amz-date"), "not in lower case"),
        (
            signed_v4(GET, signed="host;range;x-amz-content-sha256;x-amz-date"),
            "signed, but not sent: range",
        ),
        (with_header(signed_v4(GET), "x-amz-meta-a", "b"), "not signed: x-amz-meta-a"),
        (with_header(signed_v4(GET), "x-amz-security-token", "t"), "not signed: x-amz-security-"),
        (with_header(signed_v4(GET), "Content-Type", "text/plain"), "not signed: content-type"),
        (with_header(signed_v4(GET), "Range", "bytes=0-1"), ""),
        (with_header(signed_v4(GET), "x-amz-content-sha256", None), "no x-amz-content-sha256"),
        (with_header(signed_v4(GET), "x-amz-date", None), "the Date is ''"),
        (with_header(signed_v4(GET), "x-amz-date", "2013-05-24T00:00:00Z"), "the date is '2013-"),
        (with_header(signed_v4(GET), "Host", None), "the hosts are []"),
        (with_second_header(signed_v4(GET), "Host", "store"), "the hosts are ['store', 'store']"),
        (with_second_header(signed_v4(GET), "Authorization", "AWS a:b"), "two Authorization"),
        (signed_v4(replace(GET, target="/bkt/a b")), "has what no URL may have"),
        (signed_v4(replace(GET, target="/bkt/key?a=[1]")), "has what no URL may have"),
        (signed_v4(replace(GET, target="/bkt/100%")), "has what no URL may have"),
        (signed_v4(replace(GET, target="/bkt/key?a=%zz")), "has what no URL may have"),
        (signed_v4(replace(GET, target="http://store/bkt/key")), "has what no URL may have"),
        (signed_v4(replace(GET, target="/bkt/key?X-Amz-Signature=s")), "signatures in the query"),
        (signed_v4(replace(GET, target="/bkt/key?Signature=s")), "signatures in the query"),
    ],
)
def test_each_rule_of_the_header_is_verified(received: Received, why: str) -> None:
    found = refused(received)
    assert why in found
    assert bool(found) is bool(why)


def test_a_date_header_may_replace_x_amz_date() -> None:
    # Version 4 takes either; the moment in the string to sign is written in the same form.
    dated = request("GET", "/bkt/key", {"Date": "Fri, 24 May 2013 00:00:00 GMT"})
    signed = signed_v4(dated, signed="date;host;x-amz-content-sha256")
    assert refused(with_header(signed, "x-amz-date", None)) == ""


@pytest.mark.parametrize(
    ("received", "minutes", "why"),
    [
        (RANGE, 15, ""),
        (RANGE, -15, ""),
        (RANGE, 16, "it was signed at"),
        (RANGE, -16, "it was signed at"),
        (PRESIGNED, -15, ""),
        (PRESIGNED, -16, "it was signed at"),
        (PRESIGNED, 24 * 60, ""),
        (PRESIGNED, 24 * 60 + 1, "for 86400 seconds"),
    ],
)
def test_a_signature_is_valid_for_a_limited_time(
    received: Received, minutes: int, why: str
) -> None:
    found = refused(received, SIGNED_AT + minutes * MINUTE)
    assert why in found
    assert bool(found) is bool(why)


def presigned(old: str, new: str) -> Received:
    assert old in PRESIGNED.target
    return replace(PRESIGNED, target=PRESIGNED.target.replace(old, new))


@pytest.mark.parametrize(
    ("received", "why"),
    [
        (presigned("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), "the algorithm is"),
        (presigned("X-Amz-Expires=86400&", ""), "not exactly once"),
        (presigned("X-Amz-Expires=86400", "X-Amz-Expires=9&X-Amz-Expires=9"), "not exactly once"),
        (presigned("Expires=86400", "Expires=604801"), "it expires after"),
        (presigned("Expires=86400", "Expires=0"), "it expires after"),
        (presigned("Expires=86400", "Expires=-1"), "it expires after"),
        (presigned("Expires=86400", "Expires=604800"), "signature is wrong"),
        (presigned("Date=20130524T", "Date=20130524 "), "has what no URL may have"),
        (presigned("Date=20130524T", "Date=20130524%20"), "the date is"),
        (presigned("20130524%2F", "20130525%2F"), "the credential is"),
        (presigned("us-east-1", "eu-west-1"), "the credential is"),
        (presigned(KEY_ID, "other"), "the credential is"),
        (presigned("SignedHeaders=host", "SignedHeaders=range"), "signed, but not sent"),
        (presigned("SignedHeaders=host", "SignedHeaders=Host"), "not in lower case"),
        (with_header(PRESIGNED, "x-amz-meta-a", "b"), "not signed: x-amz-meta-a"),
        (with_header(PRESIGNED, "Content-Type", "text/plain"), "not signed: content-type"),
        (with_header(PRESIGNED, "Authorization", "AWS a:b"), "signatures in the query"),
        (with_header(PRESIGNED, "Host", None), "the hosts are []"),
    ],
)
def test_each_rule_of_the_query_is_verified(received: Received, why: str) -> None:
    assert why in refused(received)


@pytest.mark.parametrize(
    ("spelled", "why"),
    [
        (replace(PUT, target="/test%24file.text"), ""),
        (replace(PUT, target="/%74est%24file.text"), ""),
        (replace(LIST, target="/?prefix=%4A&max-keys=2"), ""),
        (replace(LIST, target="/?&prefix=J&&max-keys=2&"), ""),
        (replace(LIFECYCLE, target="/?lifecycle="), ""),
        (presigned("%2F", "/"), ""),
        (replace(PUT, target="/test%2524file.text"), "signature is wrong"),
        (replace(PUT, target="//test$file.text"), "signature is wrong"),
        (replace(LIFECYCLE, target="/?lifecycle=+"), "signature is wrong"),
        (replace(LIFECYCLE, target="/?lifecycle&="), "signature is wrong"),
    ],
)
def test_only_spellings_of_the_same_path_and_query_are_equal(spelled: Received, why: str) -> None:
    assert why in refused(spelled)
    assert bool(refused(spelled)) is bool(why)


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        # By name and then by value, not as text: `-` comes before `=`.
        ("a-b=1&a=2&a=10", "a=10&a=2&a-b=1"),
        ("x=%7E&y=a+b%2Bc&z=a=b", "x=~&y=a%20b%2Bc&z=a%3Db"),
        ("b=/&a=:,;&B=*'", "B=%2A%27&a=%3A%2C%3B&b=%2F"),
    ],
)
def test_a_query_is_decoded_escaped_anew_and_sorted(query: str, canonical: str) -> None:
    made = request("GET", f"/k?{query}", {"Host": "store"})
    text = sigv4.canonical_request(made, {"host": "store"}, ["host"], "")
    assert text.split("\n")[2] == canonical


def test_white_space_in_a_header_is_collapsed_and_trimmed() -> None:
    signed = signed_v4(request("GET", "/k", {"x-amz-meta-a": "b c"}))
    assert refused(with_header(signed, "x-amz-meta-a", "  b   c ")) == ""
    assert "signature is wrong" in refused(with_header(signed, "x-amz-meta-a", "bc"))


CHUNKED = b"4\r\nWiki\r\n5\r\npedia\r\n0\r\nx-amz-checksum-crc32:rarALg==\r\n\r\n"
TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@pytest.mark.parametrize(
    ("payload", "body", "why"),
    [
        ("UNSIGNED-PAYLOAD", b"anything", ""),
        (TRAILER, CHUNKED, ""),
        (TRAILER, CHUNKED[:12], "is not whole"),
        (TRAILER, b"Wikipedia", "begins with b'Wikipedia'"),
        (TRAILER, CHUNKED[9:], "decoded-content-length is not 5"),
        (TRAILER, CHUNKED[:22] + b"\r\n", "the trailers are"),
        (TRAILER, CHUNKED.replace(b"crc32:", b"crc32;"), "the trailers are"),
        (TRAILER, CHUNKED[:-2], "the trailers are"),
        (TRAILER, CHUNKED.replace(b"pedia", b"media"), "has not the x-amz-checksum-crc32"),
    ],
)
def test_a_payload_that_is_not_signed_still_has_to_be_whole(
    payload: str, body: bytes, why: str
) -> None:
    # What is right about it was checked before: these are all judged with the right signature.
    fields = {
        "Content-Encoding": "aws-chunked",
        "x-amz-content-sha256": payload,
        "x-amz-decoded-content-length": "9",
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    found = refused(signed_v4(request("PUT", "/bkt/key", fields, body)))
    assert why in found
    assert bool(found) is bool(why)


def test_a_chunked_body_must_declare_aws_chunked() -> None:
    fields = {"x-amz-content-sha256": TRAILER, "x-amz-decoded-content-length": "9"}
    found = refused(signed_v4(request("PUT", "/bkt/key", fields, CHUNKED)))
    assert "Content-Encoding is not aws-chunked" in found


def test_a_body_that_was_not_read_is_not_checked() -> None:
    assert refused(replace(PUT, body=b""), body_was_read=False) == ""
