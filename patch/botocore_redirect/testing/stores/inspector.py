"""Read and write the contents of a store without boto, so that no client is trusted."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote_plus, urlencode, urlsplit
from xml.etree import ElementTree as ET

from botocore_redirect.testing.stores import moto_contents

_TIMEOUT = 30
# moto checks no signature, but reads service and region here. Without it, moto takes a request for
# `a_b/key` as one to a service named `a`.
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=inspector/20200101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


class Inspector:
    """Send requests straight to the store at `url`, each with these `headers` added.

    An error of the store is a RuntimeError with its message. `snapshot` and `fill` take one request
    each if the store is a `MotoStore`, and plain S3 requests with any other.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = url
        self.headers = dict(headers or {})
        self._closed = False
        self._has_contents_path: bool | None = None

    def buckets(self) -> list[str]:
        """List the names of the buckets of this account."""
        return [_text(e, "Name") for e in _all(self._xml("/"), "Bucket")]

    def keys(self, bucket: str) -> list[str]:
        """List all keys of the bucket."""
        keys: list[str] = []
        token: dict[str, str] = {}
        while True:
            page = self._xml(f"/{bucket}", {"list-type": "2", "encoding-type": "url", **token})
            encoded = _text(page, "EncodingType") == "url"
            for entry in _all(page, "Contents"):
                key = _text(entry, "Key")
                keys.append(unquote_plus(key) if encoded else key)
            next_token = _text(page, "NextContinuationToken")
            if not next_token:
                return keys
            token = {"continuation-token": next_token}

    def snapshot(self) -> dict[str, dict[str, bytes]]:
        """Read everything that is stored: bucket -> key -> bytes."""
        contents = self._contents("GET")
        if contents is not None:
            return moto_contents.unpack(contents)
        return {
            bucket: {key: self.get(bucket, key) for key in self.keys(bucket)}
            for bucket in self.buckets()
        }

    def fill(self, buckets: moto_contents.Buckets) -> None:
        """Store these objects; buckets that the account does not have are created."""
        if self._contents("PUT", moto_contents.pack(buckets)) is not None:
            return
        existing = self.buckets()
        for bucket, objects in buckets.items():
            if bucket not in existing:
                self.create_bucket(bucket)
            for key, body in objects.items():
                self.put(bucket, key, body)

    def forget(self) -> None:
        """Delete all contents of this account in a `MotoStore`; any other store keeps them."""
        self._contents("DELETE")

    def close(self) -> None:
        """Delete the contents, as `forget` does; every later call raises RuntimeError."""
        try:
            self.forget()
        finally:
            self._closed = True

    def create_bucket(self, name: str) -> None:
        """Create an empty bucket."""
        self._request("PUT", f"/{name}")

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Store an object."""
        self._request("PUT", _path(bucket, key), body=body)

    def get(self, bucket: str, key: str) -> bytes:
        """Read the stored bytes of an object."""
        return self._request("GET", _path(bucket, key))

    def uploads(self, bucket: str) -> list[tuple[str, str]]:
        """List the multipart uploads in progress, as (key, upload id)."""
        page = self._xml(f"/{bucket}", {"uploads": ""})
        return [(_text(e, "Key"), _text(e, "UploadId")) for e in _all(page, "Upload")]

    def tags(self, bucket: str, key: str) -> dict[str, str]:
        """Read the tags of an object."""
        page = self._xml(_path(bucket, key), {"tagging": ""})
        return {_text(e, "Key"): _text(e, "Value") for e in _all(page, "Tag")}

    def _xml(self, path: str, query: Mapping[str, str] | None = None) -> ET.Element:
        target = f"{path}?{urlencode(query)}" if query else path
        return ET.fromstring(self._request("GET", target))  # noqa: S314 - the XML of our own store

    def _contents(self, method: str, body: bytes | None = None) -> bytes | None:
        """Send a request for the whole contents; None: the store has no such path."""
        if self._has_contents_path is None:
            # HEAD first: another store might act on a PUT or DELETE.
            _, kind, _ = self._exchange("HEAD", moto_contents.PATH)
            self._has_contents_path = kind == moto_contents.TYPE
        if not self._has_contents_path:
            return None
        return self._request(method, moto_contents.PATH, body)

    def _request(self, method: str, target: str, body: bytes | None = None) -> bytes:
        status, _, answer = self._exchange(method, target, body)
        if status != http.client.OK:
            raise RuntimeError(
                f"{method} {self.url}{target} was answered {status}: {answer[:500]!r}"
            )
        return answer

    def _exchange(
        self, method: str, target: str, body: bytes | None = None
    ) -> tuple[int, str | None, bytes]:
        if self._closed:
            raise RuntimeError(
                f"The store at {self.url} is closed and its contents are deleted: use `inspector`"
                " inside the `with` of the store."
            )
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_TIMEOUT)
        try:
            headers = {"Authorization": AUTHORIZATION, **self.headers}
            connection.request(method, target, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers["Content-Type"], response.read()
        finally:
            connection.close()


def _path(bucket: str, key: str) -> str:
    return f"/{bucket}/{quote(key, safe='/~')}"


def _all(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """Find elements by name: the XML namespace differs between stores."""
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


def _text(root: ET.Element, name: str) -> str:
    return next((element.text or "" for element in _all(root, name)), "")
