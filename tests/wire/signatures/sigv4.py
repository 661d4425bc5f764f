"""A verifier of Signature Version 4 as S3 does it, written from AWS's description of it.

It knows nothing of botocore, so it can tell that what botocore signed is what went out. It is as
strict as a server can be: the path and the query are decoded and encoded anew, so a spelling that
only the client knows of does not pass.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_to_bytes

from wire.bodies.payload import UNSIGNED, payload_mismatch

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

_ALGORITHM = "AWS4-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    _ALGORITHM + r" Credential=(?P<credential>[^,]+),\s*SignedHeaders=(?P<signed>[^,]+),"
    r"\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_DATE_FORMAT = "%Y%m%dT%H%M%SZ"
_SKEW = timedelta(minutes=15)
_LONGEST_EXPIRY = 7 * 24 * 3600
#: RFC 3986: what a path and a query may hold, and `%` only in an escape.
_LEGAL_TARGET = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_PARAMETERS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
)


class _RefusedError(Exception):
    """The request is not signed as it has to be; the text says what is wrong."""


@dataclass(frozen=True)
class _Claim:
    """What a request says about its signature, in its Authorization or in its query."""

    credential: str
    signed: list[str]
    signature: str
    moment: datetime
    content_hash: str

    @property
    def timestamp(self) -> str:
        return self.moment.strftime(_DATE_FORMAT)


def mismatch(  # what a server knows
    received: Received,
    secret: str = "secret",
    key_id: str = "user",
    *,
    region: str = "us-east-1",
    service: str = "s3",
    now: datetime | None = None,
    body_was_read: bool = True,
) -> str | None:
    """Return why a server would refuse this request, or None if its signature is right."""
    now = now or datetime.now(timezone.utc)
    try:
        _expect_legal(received)
        headers = lower_case(received)
        claim = _claim(received, headers, now)
        scope = f"{claim.timestamp[:8]}/{region}/{service}/aws4_request"
        _expect_credential(claim, f"{key_id}/{scope}")
        _expect_signed(claim.signed, headers)
        _expect_signature(received, headers, claim, scope, secret)
    except _RefusedError as refused:
        return str(refused)
    if not body_was_read:
        return None
    return payload_mismatch(received.body, {**headers, "x-amz-content-sha256": claim.content_hash})


def _expect_legal(received: Received) -> None:
    if not _LEGAL_TARGET.fullmatch(received.target):
        raise _RefusedError(f"the target {received.target!r} has what no URL may have")
    hosts = received.headers.get_all("Host", [])
    if len(hosts) != 1:
        raise _RefusedError(f"the hosts are {hosts}")


def _claim(received: Received, headers: dict[str, str], now: datetime) -> _Claim:
    if "authorization" in headers:
        return _claim_of_header(received, headers, now)
    return _claim_of_query(received, headers, now)


def _claim_of_header(received: Received, headers: dict[str, str], now: datetime) -> _Claim:
    if {name for name, _ in _parameters(received.query)} & {*_PARAMETERS, "Signature"}:
        raise _RefusedError("there are signatures in the query and in the Authorization")
    if len(received.headers.get_all("Authorization", [])) > 1:
        raise _RefusedError("there are two Authorization headers")
    found = _AUTHORIZATION.fullmatch(headers["authorization"])
    if not found:
        raise _RefusedError(f"the Authorization is {headers['authorization']!r}")
    if not headers.get("x-amz-content-sha256"):
        raise _RefusedError("there is no x-amz-content-sha256")
    if "x-amz-date" in headers:
        moment = _parse_moment(headers["x-amz-date"])
    else:
        moment = _parse_http_date(headers.get("date", ""))
    if abs(now - moment) > _SKEW:
        raise _RefusedError(f"it was signed at {moment}, and it is {now}")
    return _Claim(
        found["credential"],
        found["signed"].split(";"),
        found["signature"],
        moment,
        headers["x-amz-content-sha256"],
    )


def _claim_of_query(received: Received, headers: dict[str, str], now: datetime) -> _Claim:
    pairs = _parameters(received.query)
    counted = Counter(name for name, _ in pairs)
    wrong = [name for name in _PARAMETERS if counted[name] != 1]
    if wrong:
        raise _RefusedError(f"in the query not exactly once, without Authorization: {wrong}")
    said = dict(pairs)
    if said["X-Amz-Algorithm"] != _ALGORITHM:
        raise _RefusedError(f"the algorithm is {said['X-Amz-Algorithm']!r}")
    moment, expires = _parse_moment(said["X-Amz-Date"]), said["X-Amz-Expires"]
    if not expires.isdecimal() or not 0 < int(expires) <= _LONGEST_EXPIRY:
        raise _RefusedError(f"it expires after {expires!r} seconds")
    if not -_SKEW <= now - moment <= timedelta(seconds=int(expires)):
        raise _RefusedError(f"it was signed at {moment} for {expires} seconds, and it is {now}")
    return _Claim(
        said["X-Amz-Credential"],
        said["X-Amz-SignedHeaders"].split(";"),
        said["X-Amz-Signature"],
        moment,
        headers.get("x-amz-content-sha256", UNSIGNED),
    )


def _parse_moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, _DATE_FORMAT).replace(tzinfo=timezone.utc)
    except ValueError:
        raise _RefusedError(f"the date is {text!r}") from None


def _parse_http_date(text: str) -> datetime:
    try:
        return parsedate_to_datetime(text).astimezone(timezone.utc)
    except (TypeError, ValueError):
        raise _RefusedError(f"there is no x-amz-date, and the Date is {text!r}") from None


def _expect_credential(claim: _Claim, expected: str) -> None:
    if claim.credential != expected:
        raise _RefusedError(f"the credential is {claim.credential!r}, not {expected!r}")


def _expect_signed(signed: list[str], headers: dict[str, str]) -> None:
    if signed != sorted({name.lower() for name in signed}):
        raise _RefusedError(f"the signed headers are not sorted, or not in lower case: {signed}")
    missing = sorted(set(signed) - set(headers))
    if missing:
        raise _RefusedError(f"signed, but not sent: {', '.join(missing)}")
    needed = {name for name in headers if name.startswith("x-amz-")} | {"host"}
    unsigned = sorted((needed | {"content-type"} & set(headers)) - set(signed))
    if unsigned:
        raise _RefusedError(f"not signed: {', '.join(unsigned)}")


def _expect_signature(
    received: Received, headers: dict[str, str], claim: _Claim, scope: str, secret: str
) -> None:
    canonical = canonical_request(received, headers, claim.signed, claim.content_hash)
    expected = sign(canonical, claim.timestamp, scope, secret)
    if not hmac.compare_digest(expected, claim.signature):
        raise _RefusedError(f"the signature is wrong; the canonical request is:\n{canonical}")


def canonical_request(
    received: Received, headers: dict[str, str], signed: list[str], content_hash: str
) -> str:
    """Return what is signed of a request; `headers` are in lower case, each with one value."""
    return "\n".join(
        [
            received.method,
            _encoded(received.path, safe="/"),
            _canonical_query(received.query),
            *(f"{name}:{headers[name]}" for name in signed),
            "",
            ";".join(signed),
            content_hash,
        ]
    )


def sign(canonical: str, timestamp: str, scope: str, secret: str) -> str:
    """Return the signature of a canonical request."""
    digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex()


def lower_case(received: Received) -> dict[str, str]:
    return {
        name.lower(): ",".join(
            re.sub(" +", " ", value.strip()) for value in received.headers.get_all(name, [])
        )
        for name in received.headers
    }


def _parameters(query: str) -> list[tuple[str, str]]:
    """Return the decoded names and values that say how a query is signed."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def _canonical_query(query: str) -> str:
    # A server that reads a query takes `+` for a space: AWS, Ceph RGW, MinIO and Swift do.
    pairs = [pair.replace("+", "%20").partition("=") for pair in query.split("&") if pair]
    encoded = sorted(
        (_encoded(name, safe=""), _encoded(value, safe="")) for name, _, value in pairs
    )
    return "&".join(f"{name}={value}" for name, value in encoded if name != "X-Amz-Signature")


def _encoded(text: str, safe: str) -> str:
    return quote(unquote_to_bytes(text.encode("latin-1")), safe=safe)
