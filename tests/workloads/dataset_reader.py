"""Read and write a dataset as a training job does: many keys, in ranges, from many threads.

    with Dataset(session, "images") as dataset:
        for shard in dataset.shards("train/"):
            train(dataset.read(shard))

A shard that changes while it is read, or arrives incomplete, is an error and never wrong data.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
)
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from typing_extensions import Self

PART = 8 * 1024 * 1024
#: S3 refuses smaller parts, except the last.
SMALLEST_PART = 5 * 1024 * 1024
# Releases of botocore differ in which errors of urllib3 they let through when a body breaks off.
_BROKE_OFF = (IncompleteReadError, HTTPClientError, HTTPError)
_log = logging.getLogger(__name__)


class ShardChanged(Exception):
    """The object is no longer the one that was listed."""


class ShortRead(Exception):
    """Fewer or more bytes arrived than were requested."""


@dataclass(frozen=True)
class Shard:
    """One object of the dataset, as it was when it was listed."""

    key: str
    size: int
    etag: str


class Dataset:
    """The objects of a bucket; a context manager that ends its threads."""

    def __init__(
        self,
        session: Any,
        bucket: str,
        endpoint_url: str | None = None,
        *,
        part: int = PART,
        page: int = 1000,
        workers: int = 8,
    ) -> None:
        self.bucket = bucket
        self._part = part
        self._page = page
        self._s3 = session.client(
            "s3", endpoint_url=endpoint_url, config=Config(max_pool_connections=workers)
        )
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="dataset")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()

    def shards(self, prefix: str = "") -> Iterator[Shard]:
        """List the objects below the prefix, on all pages."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix, PaginationConfig={"PageSize": self._page}
        )
        for page in pages:
            for entry in page.get("Contents", []):
                yield Shard(entry["Key"], entry["Size"], entry["ETag"])

    def read(self, shard: Shard) -> bytes:
        """Read a whole shard, its ranges concurrently."""
        # An empty shard is requested, too: it may have changed or be gone.
        ranges = [
            (start, min(self._part, shard.size - start))
            for start in range(0, shard.size or 1, self._part)
        ]
        futures = [self._threads.submit(self.read_range, shard, *each) for each in ranges]
        try:
            return b"".join(future.result() for future in futures)
        finally:  # once one has failed, the others are useless
            for future in futures:
                future.cancel()

    def read_range(self, shard: Shard, start: int, length: int, *, tries: int = 3) -> bytes:
        """Read a range of a shard; request it again if it breaks off."""
        answer = self._ask(shard, start, length)
        try:
            body: bytes = answer["Body"].read()
        except _BROKE_OFF as error:  # botocore does not retry once the response has begun
            if tries <= 1:
                raise ShortRead(f"{shard.key} broke off each time it was read: {error}") from error
            _log.warning("%s broke off, and is read again: %s", shard.key, error)
            return self.read_range(shard, start, length, tries=tries - 1)
        # A store may ignore If-Match.
        if answer["ETag"] != shard.etag:
            raise ShardChanged(f"{shard.key} is now {answer['ETag']}, and was {shard.etag}.")
        if len(body) != length:
            raise ShortRead(f"{shard.key}: {len(body)} bytes came, and {length} were asked for.")
        return body

    def _ask(self, shard: Shard, start: int, length: int) -> Any:
        # S3 refuses a range of an empty object.
        within = {"Range": f"bytes={start}-{start + length - 1}"} if shard.size else {}
        try:
            return self._s3.get_object(
                Bucket=self.bucket, Key=shard.key, IfMatch=shard.etag, **within
            )
        except ClientError as error:
            if _code(error) in {"PreconditionFailed", "412", "NoSuchKey"}:
                raise ShardChanged(
                    f"{shard.key} is no longer as it was listed ({shard.etag}): list it again."
                ) from error
            raise

    def write(self, key: str, chunks: Iterable[bytes]) -> str:
        """Write an object from chunks of any size; return its ETag.

        Without an error, the whole object is stored. One part is held in memory at a time; S3
        refuses parts below `SMALLEST_PART`.
        """
        parts = _parts(chunks, self._part)
        first = next(parts)
        if len(first) < self._part:
            etag = self._s3.put_object(Bucket=self.bucket, Key=key, Body=first)["ETag"]
            return str(etag)
        upload = {"Bucket": self.bucket, "Key": key}
        upload["UploadId"] = self._s3.create_multipart_upload(**upload)["UploadId"]
        try:
            done = [self._upload(upload, 1, first)]
            done += [self._upload(upload, number, body) for number, body in enumerate(parts, 2)]
            answer = self._s3.complete_multipart_upload(MultipartUpload={"Parts": done}, **upload)
        except BaseException:
            # An upload that is not aborted costs money.
            self._abort(upload)
            raise
        return str(answer["ETag"])

    def _upload(self, upload: dict[str, str], number: int, body: bytes) -> dict[str, Any]:
        answer = self._s3.upload_part(PartNumber=number, Body=body, **upload)
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _abort(self, upload: dict[str, str]) -> None:
        try:
            self._s3.abort_multipart_upload(**upload)
        except (BotoCoreError, ClientError):  # the caller needs the first error
            _log.exception("The upload %(UploadId)s of %(Key)s could not be aborted.", upload)


def _parts(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Cut chunks of any size into parts of this size; the last is smaller and may be empty."""
    held = bytearray()
    cut = False
    for chunk in chunks:
        held += chunk
        while len(held) >= size:
            cut = True
            yield bytes(held[:size])
            del held[:size]
    if held or not cut:
        yield bytes(held)


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
