"""Stores like Dell ECS: 307 without a Location; the body names the node.

As reported by its users: s3tools/s3cmd#810. HEAD has no body, so it is taken to be answered
directly.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from botocore_redirect.testing.dialects.dialect import REPORTED, Dialect, Rules
from botocore_redirect.testing.dialects.s3_request import S3Request
from botocore_redirect.testing.server.exchange import Received, Redirect, Reply


class Ecs(Rules):
    """Every node is a gateway."""

    def answer(self, received: Received) -> Reply | None:
        """Redirect whatever names a bucket, objects and lists alike."""
        request = S3Request.parse(received)
        if not request.bucket or request.method == "HEAD":
            return None
        node = urlsplit(self.site.next_target()).netloc
        body = (
            b'<?xml version="1.0" encoding="UTF-8"?>'
            b"<Error><Code>TemporaryRedirect</Code><Message>Temporary Redirect</Message>"
            b"<Bucket>" + request.bucket + b"</Bucket>"
            b"<Endpoint>" + node.encode() + b"</Endpoint></Error>"
        )
        return Redirect(307, None, body, (("Content-Type", "application/xml"),))


DIALECT = Dialect(
    name="ecs",
    store="Dell ECS and stores like it",
    evidence=REPORTED,
    redirects="every request with a bucket but HEAD, with 307 and `<Endpoint>`, without Location",
    rules=Ecs,
)
