"""Signed requests that AWS published, and functions that change them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from email.message import Message

from botocore_redirect.testing import Received
from wire.signatures import sigv4

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#: When the examples of version 4 were signed.
SIGNED_AT = datetime(2013, 5, 24, tzinfo=timezone.utc)
_SCOPE = "20130524/us-east-1/s3/aws4_request"


def request(method: str, target: str, fields: dict[str, str], body: bytes = b"") -> Received:
    """Return a request as a server receives it."""
    headers = Message()
    for name, value in fields.items():
        headers[name] = value
    return Received(method, target, headers, body=body)


def with_header(received: Received, name: str, value: str | None) -> Received:
    """Return the request with another value of a header, or without it."""
    fields = {n: v for n, v in received.raw_headers if n.lower() != name.lower()}
    if value is not None:
        fields[name] = value
    return request(received.method, received.target, fields, received.body)


def with_second_header(received: Received, name: str, value: str) -> Received:
    """Return the request with a header that it has already, once more."""
    changed = with_header(received, "", None)
    changed.headers.add_header(name, value)
    return changed


def _example_v4(
    method: str, target: str, signature: str, fields: dict[str, str], body: bytes = b""
) -> Received:
    """Return a request of 'Examples: Signature Calculations' in the S3 API reference."""
    digest = hashlib.sha256(body).hexdigest()
    fields = {"x-amz-content-sha256": digest, "x-amz-date": "20130524T000000Z", **fields}
    fields["Host"] = "examplebucket.s3.amazonaws.com"
    signed = ";".join(sorted(name.lower() for name in fields))
    fields["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{_SCOPE},"
        f"SignedHeaders={signed},Signature={signature}"
    )
    return request(method, target, fields, body)


RANGE = _example_v4(
    "GET",
    "/test.txt",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    {"Range": "bytes=0-9"},
)
PUT = _example_v4(
    "PUT",
    "/test$file.text",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    {
        "Date": "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
    },
    b"Welcome to Amazon S3.",
)
LIFECYCLE = _example_v4(
    "GET",
    "/?lifecycle",
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    {},
)
LIST = _example_v4(
    "GET",
    "/?max-keys=2&prefix=J",
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    {},
)
#: Of 'Authenticating Requests: Using Query Parameters' in the S3 API reference.
PRESIGNED = request(
    "GET",
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    f"&X-Amz-Credential={KEY_ID}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    {"Host": "examplebucket.s3.amazonaws.com"},
)


def signed_v4(received: Received, *, signed: str | None = None, scope: str = _SCOPE) -> Received:
    """Sign with the code of the verifier, so that only the subject of a test is wrong.

    `signed` names the signed headers, by default all of them.
    """
    fields = {"Host": "store", "x-amz-date": "20130524T000000Z"}
    fields["x-amz-content-sha256"] = hashlib.sha256(received.body).hexdigest()
    fields.update(received.raw_headers)
    names = (signed or ";".join(sorted(name.lower() for name in fields))).split(";")
    made = request(received.method, received.target, fields, received.body)
    values = {name.lower(): value for name, value in fields.items()}
    canonical = sigv4.canonical_request(
        made, {**dict.fromkeys(names, ""), **values}, names, values["x-amz-content-sha256"]
    )
    signature = sigv4.sign(canonical, "20130524T000000Z", scope, SECRET)
    made.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope},"
        f" SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return made


def _example_v2(
    method: str, target: str, date: str, signature: str, host: str = "", **fields: str
) -> Received:
    """Return a request of 'Signing and authenticating REST requests' in the S3 user guide."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    named.update(Date=date, Authorization=f"AWS {KEY_ID}:{signature}")
    named["Host"] = host or "johnsmith.s3.amazonaws.com"
    return request(method, target, named)


GET_V2 = _example_v2(
    "GET", "/photos/puppy.jpg", "Tue, 27 Mar 2007 19:36:42 +0000", "bWq2s1WEIj+Ydj0vQ697zp+IXMU="
)
PUT_V2 = _example_v2(
    "PUT",
    "/photos/puppy.jpg",
    "Tue, 27 Mar 2007 21:15:45 +0000",
    "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
    Content_Type="image/jpeg",
)
LIST_V2 = _example_v2(
    "GET",
    "/?prefix=photos&max-keys=50&marker=puppy",
    "Tue, 27 Mar 2007 19:42:41 +0000",
    "htDYFYduRNen8P9ZfE/s9SuKy0U=",
)
ACL_V2 = _example_v2(
    "GET", "/?acl", "Tue, 27 Mar 2007 19:44:46 +0000", "c2WLPFtWHVgbEmeEG93a4cG37dM="
)
PATH_STYLE_V2 = _example_v2(
    "GET",
    "/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re",
    "Wed, 28 Mar 2007 01:49:49 +0000",
    "DNEZGsoieTZ92F3bUfSPQcbGmlM=",
    "s3.amazonaws.com",
)
SERVICE_V2 = _example_v2(
    "GET",
    "/",
    "Wed, 28 Mar 2007 01:29:59 +0000",
    "qGdzdERIC03wnaRNKh6OqZehG9s=",
    "s3.amazonaws.com",
)
EXPIRING_V2 = request(
    "GET",
    f"/photos/puppy.jpg?AWSAccessKeyId={KEY_ID}&Expires=1175139620"
    "&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D",
    {"Host": "johnsmith.s3.amazonaws.com"},
)
