"""A verifier of Signature Version 4 as S3 does it, written from AWS's description of it.

It knows nothing of botocore, so it can tell that what botocore signed is what went out. It is as
strict as a server can be: the path and the query are decoded and encoded anew, so a spelling that
only the client knows of does not pass.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

_ALGORITHM = "AWS4-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    _ALGORITHM + r" Credential=(?P<credential>[^,]+),\s*SignedHeaders=(?P<signed>[^,]+),"
    r"\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_SCOPE = re.compile(r"(?P<key_id>[^/]+)/(?P<scope>(?P<day>\d{8})/[^/]+/[^/]+/aws4_request)")
_UNSIGNED = "UNSIGNED-PAYLOAD"
_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def mismatch(received: Received, secret: str = "secret", key_id: str = "user") -> str | None:
    """Return why a server would refuse this request, or None if its signature is right."""
    headers = _lower_case(received)
    authorization = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if not authorization:
        return f"the Authorization is {headers.get('authorization')!r}"
    if len(received.headers.get_all("Authorization", [])) > 1:
        return "there are two Authorization headers"
    scope = _SCOPE.fullmatch(authorization["credential"])
    if not scope or scope["key_id"] != key_id:
        return f"the credential is {authorization['credential']!r}"
    moment = headers.get("x-amz-date", "")
    if moment[:8] != scope["day"]:
        return f"the date {moment!r} is not the day of {scope['scope']!r}"
    signed = authorization["signed"].split(";")
    unsigned = sorted({"host", *(n for n in headers if n.startswith("x-amz-"))} - set(signed))
    if unsigned:
        return f"not signed: {', '.join(unsigned)}"
    canonical = _canonical_request(received, headers, signed)
    digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    text = "\n".join([_ALGORITHM, moment, scope["scope"], digest])
    expected = _sign(_key(secret, scope["scope"]), text).hex()
    if not hmac.compare_digest(expected, authorization["signature"]):
        return f"the signature is wrong; the canonical request is:\n{canonical}"
    return _payload_mismatch(received.body, headers)


def _canonical_request(received: Received, headers: dict[str, str], signed: list[str]) -> str:
    return "\n".join(
        [
            received.method,
            _encoded(received.path, safe="/"),
            _canonical_query(received.query),
            *(f"{name}:{headers.get(name, '')}" for name in signed),
            "",
            ";".join(signed),
            headers.get("x-amz-content-sha256", ""),
        ]
    )


def _lower_case(received: Received) -> dict[str, str]:
    return {
        name.lower(): ",".join(
            re.sub(" +", " ", value.strip()) for value in received.headers.get_all(name, [])
        )
        for name in received.headers
    }


def _canonical_query(query: str) -> str:
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    encoded = sorted(
        (_encoded(name, safe=""), _encoded(value, safe="")) for name, _, value in pairs
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _encoded(text: str, safe: str) -> str:
    return quote(unquote_to_bytes(text.encode("latin-1")), safe=safe)


def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = _sign(key, part)
    return key


def _sign(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _payload_mismatch(body: bytes, headers: dict[str, str]) -> str | None:
    announced = headers.get("x-amz-content-sha256")
    if announced == _UNSIGNED:
        return None
    if announced == _TRAILER:
        return _trailer_mismatch(body, headers)
    if announced != hashlib.sha256(body).hexdigest():
        return f"the payload of {len(body)} bytes has not the hash {announced!r}"
    return None


def _trailer_mismatch(body: bytes, headers: dict[str, str]) -> str | None:
    """Read aws-chunked: chunks with their sizes, a last one of 0 bytes, and the trailers."""
    length = 0
    while True:
        line, end, body = body.partition(b"\r\n")
        if not end or not re.fullmatch(rb"[0-9A-Fa-f]+", line):
            return f"an aws-chunk begins with {line[:20]!r}"
        size = int(line, 16)
        if size == 0:
            break
        if len(body) < size or body[size : size + 2] != b"\r\n":
            return f"an aws-chunk of {size} bytes is not whole"
        length += size
        body = body[size + 2 :]
    if str(length) != headers.get("x-amz-decoded-content-length"):
        return f"x-amz-decoded-content-length is not {length}"
    trailers = {line.partition(b":")[0].decode("latin-1") for line in body.split(b"\r\n") if line}
    if trailers != {headers.get("x-amz-trailer")}:
        return f"the trailers are {sorted(trailers)}"
    return None
