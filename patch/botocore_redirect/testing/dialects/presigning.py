"""Gateways that send clients to presigned URLs: Hugging Face buckets, lakeFS, S3Proxy."""

from __future__ import annotations

from abc import abstractmethod

from botocore_redirect.testing.dialects.dialect import (
    DOCUMENTATION,
    PROPOSED,
    SOURCE,
    Dialect,
    Rules,
    Site,
)
from botocore_redirect.testing.dialects.opaque_paths import OpaquePaths
from botocore_redirect.testing.dialects.presigned_url import (
    Presigner,
    parse_query,
    without_signature,
)
from botocore_redirect.testing.dialects.s3_request import S3Request, decode
from botocore_redirect.testing.server.exchange import Received, Redirect, Reply

#: By these words in a user agent Hugging Face knows the SDKs for which it does not redirect.
_NO_REDIRECTS = ("aws-cli", "botocore", "aws-sdk-rust")
#: What a client is sent to a presigned URL with, beside the context of its own signature.
_OF_CONTENT = ("x-amz-meta-", "x-amz-checksum-", "x-amz-sdk-checksum-algorithm")


class _HiddenReads(Rules):
    """Reads go to a URL that the target signed, with a path of its own."""

    authenticates = True
    status = 307
    form = "/{}"

    def __init__(self, site: Site, root: str) -> None:
        super().__init__(site, root)
        self._presigner = Presigner()
        self._paths = OpaquePaths(self.form)

    def answer(self, received: Received) -> Reply | None:
        """Redirect GetObject of the clients that follow; for others the gateway reads it."""
        is_get = received.method == "GET" and S3Request.parse(received, self.root).is_read
        if not is_get or not self.follows(received.headers.get("User-Agent", "")):
            return None
        path = self._paths.hide(super().upstream(received.path)).encode()
        url = self._presigner.url("GET", self.site.next_target(), path, [], {})
        return Redirect(self.status, url)

    @abstractmethod
    def follows(self, user_agent: str) -> bool:
        """Whether a client is taken for one that follows redirects."""

    def check(self, received: Received) -> Reply | None:
        """Refuse what has no valid signature of the store in its query."""
        return self._presigner.check(received)

    def upstream(self, target: str) -> str:
        """Return what is behind a path of the target's own."""
        return self._paths.find(target.partition("?")[0]) or super().upstream(target)


class HuggingFace(_HiddenReads):
    """Hugging Face buckets: 302 to a CDN, but not for the user agents of some SDKs.

    After its documentation: hub-docs, storage-buckets-s3.md.
    """

    status = 302
    form = "/xet-bridge-us/{}"

    def follows(self, user_agent: str) -> bool:
        """Whether the user agent is none of those that are known not to follow."""
        return not any(word in user_agent.lower() for word in _NO_REDIRECTS)


class LakeFS(_HiddenReads):
    """lakeFS: 307 to the object store below, if the user agent asks for it.

    After its source: pkg/gateway/operations/getobject.go.
    """

    form = "/lakefs-storage/data/{}"

    def follows(self, user_agent: str) -> bool:
        """Whether the user agent asks for redirects."""
        return "s3RedirectionSupport" in user_agent


class S3Proxy(Rules):
    """S3Proxy: 307 to the backend with a presigned URL, for reads and for PUT of whole objects.

    As proposed: gaul/s3proxy#227. No release of S3Proxy does it.
    """

    authenticates = True

    def __init__(self, site: Site, root: str) -> None:
        super().__init__(site, root)
        self._presigner = Presigner()

    def answer(self, received: Received) -> Reply | None:
        """Redirect what moves data; the headers that describe content are signed, too."""
        request = S3Request.parse(received)
        if not (request.is_read or request.is_write):
            return None
        lower = {name.lower(): value.strip() for name, value in received.raw_headers}
        headers = {name: lower[name] for name in lower if name.startswith(_OF_CONTENT)}
        url = self._presigner.url(
            received.method,
            self.site.next_target(),
            decode(received.path),
            parse_query(received.query),
            headers if request.is_write else {},
        )
        return Redirect(307, url)

    def check(self, received: Received) -> Reply | None:
        """Refuse what has no valid signature of the backend in its query."""
        return self._presigner.check(received)

    def upstream(self, target: str) -> str:
        """Return the request without the signature."""
        path, mark, query = target.partition("?")
        kept = without_signature(query) if "X-Amz-Signature" in query else query
        return f"{path}{mark}{kept}"


HUGGINGFACE = Dialect(
    name="huggingface",
    store="Hugging Face Storage Buckets",
    evidence=DOCUMENTATION,
    redirects="GetObject, with 302 to a presigned URL, unless the user agent names an SDK",
    rules=HuggingFace,
    root="/my-org",
    user_agent="my-program/1.0",
)
LAKEFS = Dialect(
    name="lakefs",
    store="lakeFS",
    evidence=SOURCE,
    redirects="GetObject, with 307 to a presigned URL, if the user agent asks for it",
    rules=LakeFS,
    user_agent="my-program/1.0 s3RedirectionSupport",
)
S3PROXY = Dialect(
    name="s3proxy",
    store="S3Proxy",
    evidence=PROPOSED,
    redirects="GetObject, HeadObject and PutObject, with 307 to a presigned URL",
    rules=S3Proxy,
)
