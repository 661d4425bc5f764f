"""NVIDIA AIStore 5.0: 307 for every object, to the target that owns it.

As run against the real store (a cluster of two gateways and three targets), and after its source:
ais/prxs3.go, ais/prxred.go, ais/htrun.go and ais/target.go of version 5.0. The path is sent
decoded, unless it holds one of `% # +` or a space; what follows a `?` of the key is taken for a
query (cos.ReparseQuery). Left out are the errors for what AIStore does not support, what it does
wrong by itself (docs/stores.md), and its region `ais`.
"""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qsl, quote, quote_plus

from botocore_redirect.testing.dialects.dialect import RUN, Dialect, Rules
from botocore_redirect.testing.dialects.s3_request import S3Request, decode
from botocore_redirect.testing.server.exchange import Received, Redirect, Reply
from botocore_redirect.testing.server.faults import Fault

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
#: What Go leaves as it is in a path that it encodes.
_SAFE_IN_PATH = "/$&+,:;=@"
_SPECIAL = frozenset(b"%?# +")
_LINE_BREAKS = re.compile(rb"[\r\n]")  # Go's net/http makes them spaces in a header
_GATEWAY = "p[kit51080]"

Pairs = list[tuple[str, str]]


class Aistore(Rules):
    """The gateway sends object requests to the owner; a target takes no write without its mark."""

    gateway_id = _GATEWAY

    def answer(self, received: Received) -> Reply | None:
        """Redirect what is about one object; buckets, lists and DeleteObjects are the gateway's."""
        request = S3Request.parse(received, self.root)
        if not self._is_redirected(request):
            return None
        owner = self.site.target_of(request.copies_from or request.name)
        location = self._location(owner, received)
        return Redirect(
            307,
            location,
            _xml(location, request.bucket),
            (
                ("Content-Type", "text/xml; charset=utf-8"),
                ("Server", "AIStore"),
                # Go closes where it has not read the body that a client waits to send.
                *((("Connection", "close"),) if received.headers.get("Expect") else ()),
            ),
        )

    def check(self, received: Received) -> Reply | None:
        """Refuse a write that no gateway sent here."""
        pairs = dict(parse_qsl(received.query, keep_blank_values=True))
        if (pairs.get("pid") and pairs.get("utm")) or received.method in ("GET", "HEAD"):
            return None
        return Fault(
            400,
            "InvalidRequest",
            f"t[kit51081]: {received.method}(obj) is expected to be redirected",
        )

    def marks(self, received: Received, path: bytes) -> Pairs:  # noqa: ARG002 - signatures need both
        """Return the parameters with which the gateway marks a request, sorted."""
        return [("pid", self.gateway_id), ("utm", base36(time.time_ns()))]

    def _is_redirected(self, request: S3Request) -> bool:
        if not request.key:
            alone = len(self.site.targets) == 1
            return request.method == "GET" and alone and "uploads" in request.parameters
        if request.method == "POST":
            return not request.parameters.isdisjoint(("uploads", "uploadId"))
        return True

    def _location(self, owner: str, received: Received) -> bytes:
        path, query = _reparse(decode(received.path), received.query)
        marks = self.marks(received, path)
        if _SPECIAL.isdisjoint(path):
            query = "&".join(part for part in (query, _encode(marks)) if part)
            location = owner.encode() + path + b"?" + query.encode("latin-1")
        else:
            pairs = sorted([*_parse(query), *marks], key=lambda pair: pair[0])
            escaped = f"{quote(path, safe=_SAFE_IN_PATH)}?{_encode(pairs)}"
            location = owner.encode() + escaped.encode()
        return _LINE_BREAKS.sub(b" ", location)


def _reparse(path: bytes, query: str) -> tuple[bytes, str]:
    """Cut the path at its first question mark, which a client had encoded."""
    path, mark, extra = path.partition(b"?")
    if not mark:
        return path, query
    pairs = sorted([*_parse(query), *_parse(extra.decode("latin-1"))], key=lambda pair: pair[0])
    return path, _encode(pairs)


def _parse(query: str) -> Pairs:
    return parse_qsl(query, keep_blank_values=True, encoding="latin-1")


def _encode(pairs: Pairs) -> str:
    return "&".join(
        f"{quote_plus(name, encoding='latin-1')}={quote_plus(value, encoding='latin-1')}"
        for name, value in pairs
    )


def _xml(location: bytes, bucket: bytes) -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b"<Error><Code>TemporaryRedirect</Code><Message>Redirect</Message>"
        b"<Endpoint>" + location.replace(b"&", b"&amp;") + b"</Endpoint>"
        b"<Bucket>" + bucket + b"</Bucket></Error>"
    )


def base36(number: int) -> str:
    """Write a number as Go's strconv does in base 36."""
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


DIALECT = Dialect(
    name="aistore",
    store="NVIDIA AIStore 5.0",
    evidence=RUN,
    redirects="every request for an object, with 307",
    rules=Aistore,
    root="/s3",
)
