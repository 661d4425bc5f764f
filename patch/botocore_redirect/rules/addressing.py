"""Pure: whether the host of a target holds the bucket, as in virtual-host addressing."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Addressed:
    """What a call is about: its bucket, and its path in the form that holds the bucket."""

    bucket: str | None
    path: str

    @classmethod
    def by(cls, bucket: str | None, endpoint: str, url: str) -> Addressed:
        """Read the URL of the first request of a call to `endpoint`."""
        configured, requested = urlsplit(endpoint), urlsplit(url)
        path = requested.path.removeprefix(configured.path.rstrip("/"))
        if bucket and requested.netloc == f"{bucket}.{configured.netloc}":
            path = f"/{bucket}{path}"
        return cls(bucket, path)

    def bucket_in_host(self, url: str) -> str | None:
        """Return the bucket where the host of `url` holds it, and the path does not."""
        target = urlsplit(url)
        if not self.bucket or not target.netloc.startswith(f"{self.bucket}."):
            return None
        return None if target.path.endswith(self.path) else self.bucket
