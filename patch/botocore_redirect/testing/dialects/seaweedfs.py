"""SeaweedFS: 302 for reads, to the volume server that has the file.

As proposed: users ask for `filer.redirectOnRead` behind the S3 gateway (seaweedfs#7197), which does
not redirect today. The form is that of the filer (seaweedfs#37): the path at the volume is the id
of the file, and says nothing of bucket and key.
"""

from __future__ import annotations

from botocore_redirect.testing.dialects.dialect import PROPOSED, Dialect, Rules, Site
from botocore_redirect.testing.dialects.opaque_paths import OpaquePaths
from botocore_redirect.testing.dialects.s3_request import S3Request
from botocore_redirect.testing.server.exchange import Received, Redirect, Reply, Response


class SeaweedFS(Rules):
    """The gateway names a file on a volume server, which serves files and nothing else."""

    def __init__(self, site: Site, root: str) -> None:
        super().__init__(site, root)
        self._paths = OpaquePaths("/3,{}")

    def answer(self, received: Received) -> Reply | None:
        """Redirect GetObject and HeadObject."""
        if not S3Request.parse(received).is_read:
            return None
        location = f"{self.site.next_target()}{self._paths.hide(received.path)}"
        return Redirect(302, location)

    def check(self, received: Received) -> Reply | None:
        """Answer 404 for what is not the id of a file."""
        return None if self._paths.find(received.path) else Response(404)

    def upstream(self, target: str) -> str:
        """Return the object that the file is."""
        return self._paths.find(target.partition("?")[0]) or target


DIALECT = Dialect(
    name="seaweedfs",
    store="SeaweedFS",
    evidence=PROPOSED,
    redirects="GetObject and HeadObject, with 302 to the id of a file",
    rules=SeaweedFS,
    policy={"rewrites": True},
)
