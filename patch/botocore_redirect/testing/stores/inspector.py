"""Look into a store, and fill it, without boto: what is there is then no client's word."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote_plus, urlencode, urlsplit
from xml.etree import ElementTree as ET

from botocore_redirect.testing.stores import moto_contents

_TIMEOUT = 30
# moto checks no signature, but takes service and region from here. Without it, it takes a request
# for `a_b/key` as one to a service named `a`.
_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=peek/20200101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


class Peek:
    """Requests straight to the store at `url`, each with these `headers` added.

    A refusal of the store ends in a RuntimeError with its words. `snapshot` and `fill` take one
    request each where the store is a `MotoStore`; any other is asked through S3.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = url
        self.headers = dict(headers or {})
        self._closed = False
        self._knows_contents: bool | None = None

    def buckets(self) -> list[str]:
        """List the names of the buckets of this account."""
        return [_text(e, "Name") for e in _all(self._xml("/"), "Bucket")]

    def keys(self, bucket: str) -> list[str]:
        """List every key of the bucket, over as many pages as it takes."""
        keys: list[str] = []
        token: dict[str, str] = {}
        while True:
            page = self._xml(f"/{bucket}", {"list-type": "2", "encoding-type": "url", **token})
            encoded = _text(page, "EncodingType") == "url"
            for entry in _all(page, "Contents"):
                key = _text(entry, "Key")
                keys.append(unquote_plus(key) if encoded else key)
            following = _text(page, "NextContinuationToken")
            if not following:
                return keys
            token = {"continuation-token": following}

    def snapshot(self) -> dict[str, dict[str, bytes]]:
        """Read everything that is stored: bucket -> key -> bytes."""
        whole = self._whole("GET")
        if whole is not None:
            return moto_contents.unpack(whole)
        return {
            bucket: {key: self.get(bucket, key) for key in self.keys(bucket)}
            for bucket in self.buckets()
        }

    def fill(self, buckets: moto_contents.Buckets) -> None:
        """Store these objects in these buckets, which are created unless this account has them."""
        if self._whole("PUT", moto_contents.pack(buckets)) is not None:
            return
        there = self.buckets()
        for bucket, objects in buckets.items():
            if bucket not in there:
                self.create_bucket(bucket)
            for key, body in objects.items():
                self.put(bucket, key, body)

    def forget(self) -> None:
        """Have a `MotoStore` free what this account holds; any other store keeps it."""
        self._whole("DELETE")

    def close(self) -> None:
        """Forget, and look no more: whoever asks later is told so."""
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
        return ET.fromstring(self._request("GET", target))  # noqa: S314 - our own store's words

    def _whole(self, method: str, body: bytes | None = None) -> bytes | None:
        """Ask for, or change, the contents as a whole; None: the store does not know of that."""
        if self._knows_contents is None:
            # To a store of another kind, a PUT or DELETE there might mean something.
            _, kind, _ = self._exchange("HEAD", moto_contents.PATH)
            self._knows_contents = kind == moto_contents.TYPE
        if not self._knows_contents:
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
                f"The store at {self.url} has ended, and nothing of it is left: look into it with"
                " `peek` before, inside its `with`."
            )
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_TIMEOUT)
        try:
            headers = {"Authorization": _AUTHORIZATION, **self.headers}
            connection.request(method, target, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers["Content-Type"], response.read()
        finally:
            connection.close()


def _path(bucket: str, key: str) -> str:
    return f"/{bucket}/{quote(key, safe='/~')}"


def _all(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """Find elements by name alone: stores differ in their XML namespace."""
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


def _text(root: ET.Element, name: str) -> str:
    return next((element.text or "" for element in _all(root, name)), "")
