"""Servers that verify the signature of each request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from botocore_redirect.testing import Gateway
from wire.servers.tls import KEY_ID
from wire.signatures import sigv2, sigv4

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocore_redirect.testing import Received

#: The credentials of clients in these tests.
SECRETS = {"user": "secret", KEY_ID: "secret-of-the-user"}


class VerifiedGateway(Gateway):
    """A gateway that raises AssertionError when it is closed, if a signature was wrong.

    `regions` are those that requests may be signed for.
    """

    def __init__(self, *args: Any, regions: Sequence[str] = ("us-east-1",), **options: Any) -> None:
        super().__init__(*args, **options)
        self._regions = regions
        self._mismatches: list[str] = []

    def clear(self) -> None:
        """Forget the received requests, but not their wrong signatures."""
        self._verify()
        super().clear()

    def close(self) -> None:
        """End every connection; then raise what is wrong with a signature."""
        super().close()
        self._verify()
        if self._mismatches:
            raise AssertionError("\n\n".join(self._mismatches))

    def _verify(self) -> None:
        for received in self.received:
            found = [mismatch(received, region) for region in self._regions]
            if all(found):
                why = found[0]
                self._mismatches.append(f"{received.method} {received.target}: {why}")


def mismatch(received: Received, region: str) -> str | None:
    """Return what is wrong with the signature for S3; None also where there is none of ours.

    The query may carry the signature of a store, of which nothing is known here.
    """
    query = dict(parse_qsl(received.query))
    authorization = received.headers.get("Authorization", "")
    if authorization:
        claimed = re.sub(r"^\S+ (Credential=)?", "", authorization)
    else:
        claimed = query.get("X-Amz-Credential") or query.get("AWSAccessKeyId", "")
    key_id = re.split("[/:]", claimed)[0]
    if key_id not in SECRETS:
        return f"the Authorization is {authorization!r}" if authorization else None
    if "aws4_request" in claimed and "/s3/" not in claimed:
        return None
    if authorization.startswith("AWS ") or "AWSAccessKeyId" in query:
        bucket = "bkt" if received.headers["Host"].startswith("bkt.") else ""
        return sigv2.mismatch(received, SECRETS[key_id], key_id, bucket)
    answered_early = (
        "Expect" in received.headers
        and received.body_bytes == 0
        and received.headers.get("Content-Length") != "0"
    )
    return sigv4.mismatch(
        received, SECRETS[key_id], key_id, region=region, body_was_read=not answered_early
    )
