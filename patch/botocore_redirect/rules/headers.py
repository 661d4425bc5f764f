"""Pure: which headers may travel to a target that is not signed for.

A trusted target gets all of them and a signature. Elsewhere the list is of what may travel, not
of what may not: a header that a user's hook added can be a secret under any name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

SSE_C = frozenset(
    f"x-amz-{source}server-side-encryption-customer-{part}"
    for source in ("", "copy-source-")
    for part in ("algorithm", "key", "key-md5")
)
SECRETS = SSE_C | {
    "authorization",
    "proxy-authorization",
    "cookie",
    "cookie2",
    "www-authenticate",
    "x-amz-security-token",
    "x-amz-s3session-token",
}
_READING = frozenset(
    {
        "accept",
        "accept-encoding",
        "cache-control",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "range",
        "user-agent",
    }
)
_WRITING = _READING | {
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "expect",
    "expires",
    "transfer-encoding",
}
# Made by the SDK for its own checks. A presigned URL that does not sign them refuses them.
_OF_THE_SDK = (
    "x-amz-checksum-",
    "x-amz-sdk-",
    "x-amz-trailer",
    "x-amz-content-sha256",
    "x-amz-date",
)


def holds_customer_key(headers: Mapping[str, str]) -> bool:
    """Return whether the request carries a key of SSE-C, which the target would need."""
    return any(name.lower() in SSE_C for name in headers)


def for_stranger(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what a GET or HEAD may show to a target that is not trusted."""
    return {name: value for name, value in headers.items() if name.lower() in _READING}


def for_presigned(headers: Mapping[str, str], url: str, method: str) -> dict[str, str]:
    """Return what accompanies a request to a URL that carries its own signature.

    A write keeps what the caller asked for (metadata, ACL, storage class), signed or not: a
    target that refuses it says so, while dropping it would change the object in silence.
    """
    names = {key.lower(): value for key, value in parse_qsl(urlsplit(url).query)}
    signed = set(names.get("x-amz-signedheaders", "").lower().split(";"))
    reading = method in ("GET", "HEAD")

    def travels(name: str) -> bool:
        if name in SECRETS:
            return False
        if name in signed or name in _WRITING:
            return True
        return not reading and name.startswith("x-amz-") and not name.startswith(_OF_THE_SDK)

    return {name: value for name, value in headers.items() if travels(name.lower())}


def without_chunking(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of the same body sent plainly instead of as aws-chunked."""
    plain = dict(headers)
    for name, value in headers.items():
        lower = name.lower()
        if lower in ("transfer-encoding", "content-length") or lower.startswith("x-amz-decoded-"):
            del plain[name]
        elif lower == "content-encoding":
            left = [part.strip() for part in value.split(",") if part.strip() != "aws-chunked"]
            del plain[name]
            if left:
                plain[name] = ",".join(left)
    return plain
