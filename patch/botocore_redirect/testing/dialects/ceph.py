"""Ceph RGW with `redirect_zone`: 301 to the other zone for what this one does not have.

As run against the real store (16.2.15, two zones), and after its source: abort_early in
src/rgw/rgw_rest.cc, which makes a 404 a 301. The gateway is the zone that redirects; the contents
of the store are those of the other zone. What is written through the gateway is in both, as if it
had been replicated at once. Buckets are in both zones; a missing one is not redirected.
"""

from __future__ import annotations

import secrets

from botocore_redirect.testing.dialects.dialect import RUN, Dialect, Rules, Site
from botocore_redirect.testing.dialects.s3_request import S3Request
from botocore_redirect.testing.server.exchange import Received, Redirect, Reply, Response

_SUB_RESOURCES = frozenset(("tagging", "acl", "retention", "legal-hold", "uploadId"))


class Ceph(Rules):
    """The gateway knows the objects that were written through it, and redirects for others."""

    def __init__(self, site: Site, root: str) -> None:
        super().__init__(site, root)
        self._local: set[bytes] = set()

    def answer(self, received: Received) -> Reply | None:
        """Redirect what needs an object that this zone does not have; store here what is stored."""
        request = S3Request.parse(received)
        deletes = request.method == "DELETE" and not request.parameters & _SUB_RESOURCES
        if not self._is_here(request):
            if deletes:
                return Response(204)  # it deletes nothing, and says that all is well
            url = f"{self.site.next_target()}{received.path}?{received.query}"
            request_id = f"tx{secrets.token_hex(11)[1:]}-006a0b1c2d-1036-default"
            return Redirect(301, url.encode("latin-1"), headers=(("x-amz-request-id", request_id),))
        if deletes:
            self._local.discard(request.name)
        elif request.method in ("PUT", "POST"):
            self._local.add(request.name)
        return None

    def _is_here(self, request: S3Request) -> bool:
        """Whether this zone has what the request needs; an upload is where it began."""
        if not request.key or request.is_write or request.parameters & {"uploads", "uploadId"}:
            return True
        return (request.copies_from or request.name) in self._local


DIALECT = Dialect(
    name="ceph-rgw",
    store="Ceph RGW with redirect_zone",
    evidence=RUN,
    redirects="requests for objects that the zone does not have, with 301",
    rules=Ceph,
)
