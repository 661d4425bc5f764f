"""What a request asks of S3: the bucket, the key and the parameters, by its path and query."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_to_bytes

from botocore_redirect.testing.server.exchange import Received

#: Parameters of a GET that only say what the answer looks like, or which SDK asks.
_OF_A_READ = ("response-", "x-amz-")
_ALSO_OF_A_READ = frozenset(("x-id", "versionid", "partnumber"))


@dataclass(frozen=True)
class S3Request:
    """A request in path style. Bucket and key are decoded; the key is empty for a bucket's own."""

    method: str
    bucket: bytes
    key: bytes
    parameters: frozenset[str]
    copies_from: bytes | None = None

    @classmethod
    def parse(cls, received: Received, root: str = "") -> S3Request:
        """Parse what a gateway with this path received."""
        path = received.path.removeprefix(root)
        bucket, _, key = decode(path).lstrip(b"/").partition(b"/")
        pairs = parse_qsl(received.query, keep_blank_values=True, encoding="latin-1")
        source = received.headers.get("x-amz-copy-source")
        return cls(
            received.method,
            bucket,
            key,
            frozenset(name for name, _ in pairs),
            None if source is None else decode(source.partition("?")[0]).lstrip(b"/"),
        )

    @property
    def name(self) -> bytes:
        """The bucket and the key, as `copies_from` has them."""
        return self.bucket + b"/" + self.key

    @property
    def is_read(self) -> bool:
        """Whether the content of an object is read (GetObject and HeadObject)."""
        return self.method in ("GET", "HEAD") and bool(self.key) and self._is_whole

    @property
    def is_write(self) -> bool:
        """Whether an object is stored in one request (PutObject)."""
        plain = self.method == "PUT" and bool(self.key) and self.copies_from is None
        return plain and self._is_whole

    @property
    def _is_whole(self) -> bool:
        names = (name.lower() for name in self.parameters)
        return all(name.startswith(_OF_A_READ) or name in _ALSO_OF_A_READ for name in names)


def decode(path: str) -> bytes:
    """Decode the percent-encoding of what arrived: text in which a character is a byte."""
    return unquote_to_bytes(path.encode("latin-1"))
