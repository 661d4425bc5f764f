"""Parse the bucket, key and parameters of an S3 request, as some kind of server does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

#: Parameters that servers take from the query in place of a header, as presigned URLs have them.
HEADER_PREFIX = "x-amz-"
_SIGNING = ("x-amz-algorithm", "x-amz-credential", "x-amz-signature", "x-amz-signedheaders")
# Headers that differ between requests, or say how a request was sent.
_TRANSPORT = (
    *_SIGNING,
    "x-amz-date",
    "x-amz-expires",
    "x-amz-content-sha256",
    "x-amz-security-token",
    "x-amz-decoded-content-length",
)
_ASKING = ("range", "if-match", "if-none-match", "content-type", "content-encoding")


@dataclass(frozen=True)
class Dialect:
    """How servers differ in reading a request. The defaults are those of most servers.

    `prefixes` are paths that the server is mounted at, the first that fits is cut off. Below the
    `hosts` it takes the rest of the name for a bucket.
    """

    prefixes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    any_case: bool = False  # `?ACL` is `?acl`
    semicolons: bool = False  # `;` separates parameters, as `&` does
    last_wins: bool = False  # of a name that is given twice, and of two sub-resources


@dataclass(frozen=True)
class S3Request:
    """One request, with its names decoded exactly once."""

    method: str
    bucket: bytes
    key: bytes
    parameters: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)
    path: str = "/"

    @property
    def level(self) -> str:
        """Say whether an object, a bucket or the service is asked for."""
        return "object" if self.key else "bucket" if self.bucket else "service"


def parse_request(received: Received, dialect: Dialect) -> S3Request:
    """Read a request as a server of that dialect does."""
    path = _without_prefix(received.path, dialect.prefixes)
    host = (received.headers.get("Host") or "").rpartition(":")[0].lower()
    bucket = _bucket_of_host(host, dialect.hosts)
    _, _, rest = path.partition("/")
    if bucket is None:
        first, _, key = rest.partition("/")
        bucket = unquote_to_bytes(first.encode("latin-1"))
    else:
        key = rest
    parameters = _parse_query(received.query, dialect)
    headers = {name.lower(): value for name, value in received.raw_headers}
    for name, value in parameters.items():
        if name.lower().startswith(HEADER_PREFIX):
            headers.setdefault(name.lower(), value)
    return S3Request(
        received.method,
        bucket,
        unquote_to_bytes(key.encode("latin-1")),
        parameters,
        {name: value for name, value in headers.items() if _asks(name)},
        path,
    )


def _asks(name: str) -> bool:
    own = name.startswith(HEADER_PREFIX) and name not in _TRANSPORT
    return (own and not name.startswith("x-amz-sdk-")) or name in _ASKING


def _without_prefix(path: str, prefixes: tuple[str, ...]) -> str:
    for prefix in prefixes:
        if path == prefix or path.startswith(f"{prefix}/"):
            return path[len(prefix) :] or "/"
    return path


def _bucket_of_host(host: str, hosts: tuple[str, ...]) -> bytes | None:
    for name in hosts:
        if host.endswith(f".{name}"):
            return host[: -len(name) - 1].encode()
    return None


def _parse_query(query: str, dialect: Dialect) -> dict[str, str]:
    if dialect.semicolons:
        query = query.replace(";", "&")
    parameters: dict[str, str] = {}
    for each in query.split("&"):
        name, _, value = (_decode(part) for part in each.partition("="))
        if dialect.last_wins or name not in parameters:
            parameters[name] = value
    parameters.pop("", None)
    return parameters


def _decode(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode("latin-1")
