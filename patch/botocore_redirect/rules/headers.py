"""Which headers a target gets that the request is not signed for.

A trusted target gets all headers and a signature. For others this is a list of what is allowed, not
of what is forbidden: a header that a user's hook added can be a secret under any name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from botocore_redirect.rules.call import READING

if TYPE_CHECKING:
    from collections.abc import Mapping

SSE_C = frozenset(
    f"x-amz-{source}server-side-encryption-customer-{part}"
    for source in ("", "copy-source-")
    for part in ("algorithm", "key", "key-md5")
)
_CUSTOMER_KEY = "a customer key (SSE-C)"
#: Secrets that a write needs: without them it is refused, or stores something else.
_NEEDED = {
    **dict.fromkeys(SSE_C, _CUSTOMER_KEY),
    "x-amz-server-side-encryption-context": "a KMS context",
    "x-amz-mfa": "an MFA code",
}
SECRETS = _NEEDED.keys() | {
    "authorization",
    "proxy-authorization",
    "cookie",
    "cookie2",
    "www-authenticate",
    "x-amz-security-token",
    "x-amz-s3session-token",
}
_FOR_READING = frozenset(
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
_FOR_WRITING = _FOR_READING | {
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
# The SDK adds these for its own checks. A presigned URL that does not sign them refuses them.
_OF_THE_SDK = (
    "x-amz-checksum-",
    "x-amz-sdk-",
    "x-amz-trailer",
    "x-amz-content-sha256",
    "x-amz-date",
)


def needed_secret(headers: Mapping[str, str], method: str) -> str | None:
    """Return the secret that a request does not work without, as an error names it, or None.

    A read needs no other secret than a customer key.
    """
    for name in headers:
        secret = _NEEDED.get(name.lower())
        if secret and (secret == _CUSTOMER_KEY or method not in READING):
            return secret
    return None


def for_stranger(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that a GET or HEAD may show to an untrusted target."""
    return {name: value for name, value in headers.items() if name.lower() in _FOR_READING}


def for_presigned(headers: Mapping[str, str], url: str, method: str) -> dict[str, str]:
    """Return the headers for a request to a presigned URL.

    A write keeps what the caller asked for (metadata, ACL, storage class), whether the URL signs it
    or not: a target that refuses it says so, but dropping it would silently change the object.
    """
    names = {key.lower(): value for key, value in parse_qsl(urlsplit(url).query)}
    signed = set(names.get("x-amz-signedheaders", "").lower().split(";"))
    reading = method in READING

    def travels(name: str) -> bool:
        if name in _FOR_WRITING:
            return True
        # A URL may claim that it signs any header, even a secret that a user's hook added.
        if name in SECRETS or not name.startswith("x-amz-"):
            return False
        return name in signed or not (reading or name.startswith(_OF_THE_SDK))

    return {name: value for name, value in headers.items() if travels(name.lower())}


def without_chunking(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers for the same body without aws-chunked encoding."""
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
