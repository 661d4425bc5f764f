from __future__ import annotations

import pytest

from botocore_redirect.rules import headers

ASKED = {
    "Range": "bytes=0-9",
    "If-None-Match": '"e"',
    "User-Agent": "boto",
    "Authorization": "Bearer secret",
    "Cookie": "secret",
    "X-Api-Key": "secret",
    "x-amz-security-token": "secret",
    "X-Amz-S3Session-Token": "secret",
    "x-amz-server-side-encryption-customer-algorithm": "AES256",
    "x-amz-server-side-encryption-customer-key": "secret",
    "x-amz-server-side-encryption-customer-key-MD5": "secret",
    "x-amz-copy-source-server-side-encryption-customer-algorithm": "AES256",
    "x-amz-copy-source-server-side-encryption-customer-key": "secret",
    "x-amz-copy-source-server-side-encryption-customer-key-MD5": "secret",
    "x-amz-mfa": "secret",
    "x-amz-server-side-encryption-context": "secret",
    "x-amz-checksum-mode": "ENABLED",
    "x-amz-meta-by": "user",
    "x-amz-acl": "private",
    "Content-Type": "text/plain",
    "Expect": "100-continue",
}
PRESIGNED = "https://t/k?X-Amz-SignedHeaders=host%3Bx-amz-checksum-mode&X-Amz-Signature=s"


def test_a_stranger_sees_only_what_reading_needs() -> None:
    assert set(headers.for_stranger(ASKED)) == {"Range", "If-None-Match", "User-Agent"}


def test_a_presigned_read_is_given_no_secret_and_no_unsigned_header_of_amazon() -> None:
    sent = headers.for_presigned(ASKED, "https://t/k?X-Amz-Signature=s", "GET")
    assert "secret" not in "".join(sent.values())
    assert not [name for name in sent if name.lower().startswith("x-amz-")]
    assert sent["Range"] == "bytes=0-9"


def test_a_presigned_read_keeps_the_headers_that_its_signature_covers() -> None:
    assert headers.for_presigned(ASKED, PRESIGNED, "GET")["x-amz-checksum-mode"] == "ENABLED"


def test_a_signature_cannot_ask_for_a_secret() -> None:
    names = ";".join(name.lower() for name, value in ASKED.items() if "secret" in value)
    url = f"https://t/k?X-Amz-SignedHeaders={names}&X-Amz-Signature=s"
    assert "secret" not in "".join(headers.for_presigned(ASKED, url, "GET").values())


def test_a_presigned_write_keeps_what_its_caller_asked_for() -> None:
    asked = {**ASKED, "x-amz-checksum-crc32": "c", "x-amz-sdk-checksum-algorithm": "CRC32"}
    sent = headers.for_presigned(asked, "https://t/k?X-Amz-Signature=s", "PUT")
    assert sent["x-amz-meta-by"] == "user"
    assert sent["x-amz-acl"] == "private"
    assert sent["Expect"] == "100-continue"
    assert "x-amz-checksum-crc32" not in sent
    assert "x-amz-sdk-checksum-algorithm" not in sent
    assert "secret" not in "".join(sent.values())


NEEDED = [
    ("X-Amz-Server-Side-Encryption-Customer-Key", "a customer key (SSE-C)"),
    ("x-amz-copy-source-server-side-encryption-customer-key", "a customer key (SSE-C)"),
    ("X-Amz-Server-Side-Encryption-Context", "a KMS context"),
    ("x-amz-mfa", "an MFA code"),
    ("x-amz-server-side-encryption", None),
    ("x-amz-server-side-encryption-aws-kms-key-id", None),
]


@pytest.mark.parametrize(("name", "secret"), NEEDED)
def test_a_write_needs_the_secrets_that_it_carries(name: str, secret: str | None) -> None:
    assert headers.needed_secret({"Range": "bytes=0-", name: "k"}, "PUT") == secret


@pytest.mark.parametrize(("name", "secret"), NEEDED)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_needs_a_customer_key_alone(name: str, secret: str | None, method: str) -> None:
    expected = secret if "customer-key" in name.lower() else None
    assert headers.needed_secret({name: "k"}, method) == expected


def test_a_plain_body_has_no_header_of_the_chunked_one() -> None:
    chunked = {
        "Content-Encoding": "gzip,aws-chunked",
        "Transfer-Encoding": "chunked",
        "X-Amz-Decoded-Content-Length": "7",
        "Content-Type": "text/plain",
    }
    assert headers.without_chunking(chunked) == {
        "Content-Encoding": "gzip",
        "Content-Type": "text/plain",
    }
    assert headers.without_chunking({"Content-Encoding": "aws-chunked"}) == {}
