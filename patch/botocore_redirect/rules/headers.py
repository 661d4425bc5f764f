"""Which headers may travel to a target that is not signed for.

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
_CUSTOMER_KEY = "a customer key (SSE-C)"
#: Secrets without which a write would be refused, or store something else than was asked for.
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
READING = ("GET", "HEAD")
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
# Made by the SDK for its own checks. A presigned URL that does not sign them refuses them.
_OF_THE_SDK = (
    "x-amz-checksum-",
    "x-amz-sdk-",
    "x-amz-trailer",
    "x-amz-content-sha256",
    "x-amz-date",
)


def needed_secret(headers: Mapping[str, str], method: str) -> str | None:
    """Return what secret the request does not work without, in words, or None.

    A read needs no more than a customer key.
    """
    for name in headers:
        secret = _NEEDED.get(name.lower())
        if secret and (secret == _CUSTOMER_KEY or method not in READING):
            return secret
    return None


def for_stranger(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what a GET or HEAD may show to a target that is not trusted."""
    return {name: value for name, value in headers.items() if name.lower() in _FOR_READING}


def for_presigned(headers: Mapping[str, str], url: str, method: str) -> dict[str, str]:
    """Return what accompanies a request to a URL that carries its own signature.

    A write keeps what the caller asked for (metadata, ACL, storage class), signed or not: a
    target that refuses it says so, while dropping it would change the object in silence.
    """
    names = {key.lower(): value for key, value in parse_qsl(urlsplit(url).query)}
    signed = set(names.get("x-amz-signedheaders", "").lower().split(";"))
    reading = method in READING

    def travels(name: str) -> bool:
        if name in _FOR_WRITING:
            return True
        # Whoever made the URL may claim that it signs any header, a secret of the user's hooks too.
        if name in SECRETS or not name.startswith("x-amz-"):
            return False
        return name in signed or not (reading or name.startswith(_OF_THE_SDK))

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
