"""The call that was made: its bucket, its key and its query, as its URL has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from botocore_redirect.rules import query_parameters
from botocore_redirect.rules.location import decode

Pairs = Sequence[tuple[str, bytes]]

READING = ("GET", "HEAD")


@dataclass(frozen=True)
class Call:
    """The call that was made, as it was sent to its gateway."""

    method: str
    #: The first URL that was requested, without a signature of the client's in its query.
    url: str
    #: The configured endpoint, which may have a path of its own.
    endpoint: str
    #: The bucket as the caller named it, which may be an ARN. None for a call without a bucket.
    bucket: str | None
    #: Whether this is a copy: a PUT that names its source in a header.
    copies: bool = False
    is_s3: bool = True

    @cached_property
    def endpoint_path(self) -> str:
        """The path of the configured endpoint, without a slash at its end."""
        own = urlsplit(self.endpoint).path.rstrip("/")
        path = urlsplit(self.url).path
        return own if path == own or path.startswith(f"{own}/") else ""

    @cached_property
    def bucket_in_host(self) -> bool:
        """Whether the host of the URL holds the bucket."""
        return self.bucket is not None and self._split[2]

    @cached_property
    def label(self) -> str:
        """The bucket as URLs spell it, in the path or in the host."""
        return self._split[0]

    @cached_property
    def key(self) -> str:
        """The key as the URL has it, percent-encoded; empty for a call of a bucket."""
        return self._split[1]

    @cached_property
    def level(self) -> query_parameters.Level:
        """Whether the call is for the service, a bucket or an object."""
        if self.bucket is None:
            return "service"
        return "object" if self.key else "bucket"

    @cached_property
    def is_head_bucket(self) -> bool:
        """Whether this is how botocore asks for the region of a bucket."""
        return self.method == "HEAD" and self.level == "bucket" and not self.query

    @cached_property
    def query(self) -> Pairs:
        """The query of the call, decoded."""
        return parse_query(urlsplit(self.url).query)

    @cached_property
    def takes_new_prefix(self) -> bool:
        """Whether the path of a target may have a new prefix before the bucket.

        Not for other writes to a bucket: `DELETE /bkt` at `/other/bkt` would delete an object.
        """
        deletes_objects = self.method == "POST" and any(name == "delete" for name, _ in self.query)
        return self.level == "object" or self.method in READING or deletes_objects

    @cached_property
    def _split(self) -> tuple[str, str, bool]:
        """Return the bucket and the key as the URL spells them, and whether the host has it."""
        parts = urlsplit(self.url)
        rest = parts.path[len(self.endpoint_path) :].removeprefix("/")
        host, bucket = parts.hostname or "", self.bucket or ""
        first, _, key = rest.partition("/")
        if host != urlsplit(self.endpoint).hostname and host.startswith(f"{bucket.lower()}."):
            return bucket.lower(), rest, True
        if decode(first) == bucket.encode():
            return first, key, False
        return host.partition(".")[0], rest, True  # an ARN: the host has a name made of it


def parse_query(query: str) -> list[tuple[str, bytes]]:
    """Split a query into names and values; `+` is a space."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return [(decode(_spaced(name)).decode("latin-1"), decode(_spaced(v))) for name, _, v in pairs]


def _spaced(text: str) -> str:
    return text.replace("+", " ")
