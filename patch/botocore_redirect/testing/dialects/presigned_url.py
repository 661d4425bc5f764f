"""Presigned URLs of Signature Version 4: a gateway makes them, and a target verifies them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, urlsplit

from botocore_redirect.testing.dialects.s3_request import decode
from botocore_redirect.testing.server.exchange import Received, Reply
from botocore_redirect.testing.server.faults import Fault

_ALGORITHM = "AWS4-HMAC-SHA256"
_DATE = "%Y%m%dT%H%M%SZ"
_REGION = "us-east-1"
_SECONDS = 900
_PARAMETERS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
)


class Presigner:
    """The keys of the store behind a gateway, which no client has."""

    def __init__(self) -> None:
        self.key_id = f"KIT{secrets.token_hex(8).upper()}"
        self.secret = secrets.token_hex(20)

    def url(
        self,
        method: str,
        origin: str,
        path: bytes,
        pairs: list[tuple[str, str]],
        headers: Mapping[str, str],
    ) -> str:
        """Presign a request; `headers`, in lower case, are those that it must be sent with."""
        now = datetime.now(timezone.utc)
        signed = {**headers, "host": urlsplit(origin).netloc}
        query = [
            *pairs,
            ("X-Amz-Algorithm", _ALGORITHM),
            ("X-Amz-Credential", f"{self.key_id}/{_scope(now)}"),
            ("X-Amz-Date", now.strftime(_DATE)),
            ("X-Amz-Expires", str(_SECONDS)),
            ("X-Amz-SignedHeaders", ";".join(sorted(signed))),
        ]
        signature = self._signature(method, path, query, signed, now)
        return f"{origin}{quote(path)}?{_encode([*query, ('X-Amz-Signature', signature)])}"

    def check(self, received: Received) -> Reply | None:
        """Return the error of S3 for a request that is not the one that was presigned."""
        pairs = parse_query(received.query)
        said = dict(pairs)
        headers = {name.lower(): value.strip() for name, value in received.raw_headers}
        if "authorization" in headers:
            return Fault(400, "InvalidArgument", "Only one auth mechanism allowed")
        if any(name not in said for name in _PARAMETERS):
            return Fault(403, "AccessDenied", "Access Denied")
        signed = {name: headers.get(name, "") for name in said["X-Amz-SignedHeaders"].split(";")}
        if any(name.startswith("x-amz-") and name not in signed for name in headers):
            return Fault(403, "AccessDenied", "There were headers present which were not signed")
        try:
            then = datetime.strptime(said["X-Amz-Date"], _DATE).replace(tzinfo=timezone.utc)
            ends = then + timedelta(seconds=int(said["X-Amz-Expires"]))
        except ValueError:
            return Fault(400, "AuthorizationQueryParametersError", "The date or expiry is invalid")
        if datetime.now(timezone.utc) > ends:
            return Fault(403, "AccessDenied", "Request has expired")
        if said["X-Amz-Credential"] != f"{self.key_id}/{_scope(then)}":
            return Fault(403, "InvalidAccessKeyId", "The key id does not exist")
        unsigned = [pair for pair in pairs if pair[0] != "X-Amz-Signature"]
        path = decode(received.path)
        expected = self._signature(received.method, path, unsigned, signed, then)
        if not hmac.compare_digest(expected.encode(), said["X-Amz-Signature"].encode()):
            return Fault(403, "SignatureDoesNotMatch", "The signature does not match the request")
        return None

    def _signature(
        self,
        method: str,
        path: bytes,
        pairs: list[tuple[str, str]],
        headers: Mapping[str, str],
        moment: datetime,
    ) -> str:
        canonical = "\n".join(
            [
                method,
                quote(path),
                _encode(sorted(pairs)),
                *(f"{name}:{headers[name]}" for name in sorted(headers)),
                "",
                ";".join(sorted(headers)),
                "UNSIGNED-PAYLOAD",
            ]
        )
        digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
        text = f"{_ALGORITHM}\n{moment.strftime(_DATE)}\n{_scope(moment)}\n{digest}"
        key = f"AWS4{self.secret}".encode()
        for part in (*_scope(moment).split("/"), text):
            key = hmac.digest(key, part.encode(), "sha256")
        return key.hex()


def parse_query(query: str) -> list[tuple[str, str]]:
    """Return the decoded parameters of a query as it arrived; a character is a byte."""
    return parse_qsl(query, keep_blank_values=True, encoding="latin-1")


def without_signature(query: str) -> str:
    """Return a query without what presigning added to it."""
    return _encode([pair for pair in parse_query(query) if not pair[0].startswith("X-Amz-")])


def _encode(pairs: list[tuple[str, str]]) -> str:
    return "&".join(
        f"{quote(name.encode('latin-1'), safe='')}={quote(value.encode('latin-1'), safe='')}"
        for name, value in pairs
    )


def _scope(moment: datetime) -> str:
    return f"{moment:%Y%m%d}/{_REGION}/s3/aws4_request"
