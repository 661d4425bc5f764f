"""A verifier of S3's Signature Version 2, written from AWS's description of it."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

# The parts of a query that are signed; the others can be changed by anybody.
_SIGNED = frozenset(
    (
        "acl",
        "delete",
        "lifecycle",
        "location",
        "partNumber",
        "policy",
        "restore",
        "select",
        "select-type",
        "tagging",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
    )
)


def mismatch(
    received: Received, secret: str = "secret", key_id: str = "user", bucket: str = ""
) -> str | None:
    """Return why a server would refuse this request, or None if its signature is right.

    `bucket` is the one that the host name holds, where that is so.
    """
    text = "\n".join(
        [
            received.method,
            received.headers.get("Content-MD5", ""),
            received.headers.get("Content-Type", ""),
            "" if "x-amz-date" in received.headers else received.headers.get("Date", ""),
            *_amazon_headers(received),
            f"/{bucket}{received.path}" if bucket else received.path,
        ]
    )
    pairs = [pair.partition("=") for pair in received.query.split("&")]
    signed = sorted((name, unquote(value)) for name, _, value in pairs if name in _SIGNED)
    if signed:
        text += "?" + "&".join(f"{name}={value}" if value else name for name, value in signed)
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()
    if received.headers.get_all("Authorization", []) == [f"AWS {key_id}:{signature}"]:
        return None
    return f"the Authorization {received.headers.get('Authorization')!r} is not one of:\n{text}"


def _amazon_headers(received: Received) -> list[str]:
    values = {
        name.lower(): ",".join(value.strip() for value in received.headers.get_all(name, []))
        for name in received.headers
        if name.lower().startswith("x-amz-")
    }
    return [f"{name}:{value}" for name, value in sorted(values.items())]
