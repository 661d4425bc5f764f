"""Alluxio Enterprise: 307 for reads, to the worker that has the object in its cache.

As reported by its users: runai-model-streamer#140, and notes on its properties
(`alluxio.worker.s3.redirect.enabled`); the source is not public. Writes are redirected only on
request, and are not here.
"""

from __future__ import annotations

from botocore_redirect.testing.dialects.dialect import REPORTED, Dialect, Rules
from botocore_redirect.testing.dialects.s3_request import S3Request
from botocore_redirect.testing.server.exchange import Received, Redirect, Reply


class Alluxio(Rules):
    """Any worker is a gateway; `redirect` in the query says that a request was redirected."""

    def answer(self, received: Received) -> Reply | None:
        """Redirect GetObject to the owner, ranges included."""
        request = S3Request.parse(received)
        if request.method != "GET" or not request.is_read:
            return None
        query = f"{received.query}&redirect" if received.query else "redirect"
        url = f"{self.site.target_of(request.name)}{received.path}?{query}"
        return Redirect(307, url.encode("latin-1"))


DIALECT = Dialect(
    name="alluxio",
    store="Alluxio Enterprise",
    evidence=REPORTED,
    redirects="GetObject, with 307",
    rules=Alluxio,
)
