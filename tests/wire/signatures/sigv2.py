"""A verifier of S3's Signature Version 2, written from AWS's description of it.

The signature is in the Authorization, or in the query with the moment at which it expires.
"""

from __future__ import annotations

import base64
import hmac
from collections import Counter
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

_SKEW = timedelta(minutes=15)
_PARAMETERS = ("AWSAccessKeyId", "Expires", "Signature")
# The parts of a query that are signed; the others can be changed by anybody.
_SIGNED = frozenset(
    (
        "acl",
        "cors",
        "delete",
        "lifecycle",
        "location",
        "logging",
        "notification",
        "partNumber",
        "policy",
        "replication",
        "requestPayment",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
        "restore",
        "select",
        "select-type",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
    )
)


def mismatch(
    received: Received,
    secret: str = "secret",
    key_id: str = "user",
    bucket: str = "",
    *,
    now: datetime | None = None,
) -> str | None:
    """Return why a server would refuse this request, or None if its signature is right.

    `bucket` is the one that the host name holds, where that is so.
    """
    now = now or datetime.now(timezone.utc)
    said = [(name, unquote(value)) for name, value in _pairs(received.query)]
    counted = Counter(name for name, _ in said if name in _PARAMETERS)
    authorizations = received.headers.get_all("Authorization", [])
    if len(authorizations) + counted["Signature"] != 1:
        return "there is not exactly one signature"
    if authorizations:
        problem, date = _dates_of_header(received, now)
    elif set(counted.values()) != {1} or len(counted) != len(_PARAMETERS):
        return f"in the query are {dict(counted)}"
    else:
        problem, date = _date_of_query(dict(said)["Expires"], now)
    if problem:
        return problem
    text = _string_to_sign(received, date, bucket)
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()
    if authorizations:
        claimed, expected = authorizations[0], f"AWS {key_id}:{signature}"
    else:
        claimed = f"{dict(said)['AWSAccessKeyId']}:{dict(said)['Signature']}"
        expected = f"{key_id}:{signature}"
    if hmac.compare_digest(claimed, expected):
        return None
    return f"the signature {claimed!r} is not {expected!r}, that of:\n{text}"


def _dates_of_header(received: Received, now: datetime) -> tuple[str | None, str]:
    """Return what is wrong with the moment of signing, and the line of it that is signed."""
    of_amazon = received.headers.get("x-amz-date")
    date = received.headers.get("Date", "")
    try:
        moment = parsedate_to_datetime(of_amazon or date)
    except (TypeError, ValueError):
        return f"the date is {of_amazon or date!r}", ""
    if abs(now - moment) > _SKEW:
        return f"it was signed at {moment}, and it is {now}", ""
    return None, "" if of_amazon else date


def _date_of_query(expires: str, now: datetime) -> tuple[str | None, str]:
    """Return what is wrong with the moment of expiry, and the line of it that is signed."""
    if not expires.isdecimal() or int(expires) < now.timestamp():
        return f"it expired at {expires!r}, and it is {now.timestamp()}", ""
    return None, expires


def _string_to_sign(received: Received, date: str, bucket: str) -> str:
    return "\n".join(
        [
            received.method,
            received.headers.get("Content-MD5", ""),
            received.headers.get("Content-Type", ""),
            date,
            *_amazon_headers(received),
            f"/{bucket}{received.path}" if bucket else received.path,
        ]
    ) + _sub_resources(received.query)


def _sub_resources(query: str) -> str:
    pairs = ((unquote_plus(name), unquote_plus(value)) for name, value in _pairs(query))
    signed = [
        f"{name}={value}" if value else name for name, value in sorted(pairs) if name in _SIGNED
    ]
    return f"?{'&'.join(signed)}" if signed else ""


def _pairs(query: str) -> list[tuple[str, str]]:
    split = (pair.partition("=") for pair in query.split("&"))
    return [(name, value) for name, _, value in split]


def _amazon_headers(received: Received) -> list[str]:
    values = {
        name.lower(): ",".join(value.strip() for value in received.headers.get_all(name, []))
        for name in received.headers
        if name.lower().startswith("x-amz-")
    }
    return [f"{name}:{value}" for name, value in sorted(values.items())]
