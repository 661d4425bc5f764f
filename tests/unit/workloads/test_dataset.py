"""A dataset that is read in ranges and written in parts: an error never gives wrong data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from urllib3.exceptions import ProtocolError

from unit.workloads.stub import Stub, streamed
from workloads.dataset_reader import SMALLEST_PART, Dataset, Shard, ShardChanged, ShortRead

SHARD = Shard("train/1", 4, '"etag"')
WHERE = {"Bucket": "images", "Key": "train/1"}
RANGE = {**WHERE, "IfMatch": '"etag"', "Range": "bytes=0-3"}
UPLOAD = {**WHERE, "UploadId": "up"}
FULL = b"1" * SMALLEST_PART


@pytest.fixture
def dataset(aws: mock.Mock) -> Iterator[Dataset]:
    # One worker, as the stubs answer in the order in which they were added.
    with Dataset(aws, "images", part=SMALLEST_PART, workers=1) as opened:
        yield opened


def answer(content: bytes, etag: str = '"etag"') -> dict[str, Any]:
    return {"Body": streamed(content), "ETag": etag}


@pytest.mark.parametrize(
    ("content", "etag", "error", "message"),
    [
        (b"0123", '"other"', ShardChanged, 'is now "other", and was "etag"'),
        (b"012", '"etag"', ShortRead, "3 bytes came, and 4 were asked for"),
        (b"01234", '"etag"', ShortRead, "5 bytes came, and 4 were asked for"),
    ],
)
def test_another_object_or_another_length_is_an_error(
    dataset: Dataset, s3: Stub, content: bytes, etag: str, error: type[Exception], message: str
) -> None:
    s3.answers("get_object", RANGE, answer(content, etag))
    with pytest.raises(error, match=message):
        dataset.read(SHARD)


class Broken:
    """A body whose connection fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self) -> bytes:
        raise self._error


@pytest.mark.parametrize(
    "body",
    [
        streamed(b"012", length=4),
        Broken(ProtocolError("Connection broken")),
        Broken(ReadTimeoutError(endpoint_url="http://127.0.0.1:1")),
    ],
)
def test_a_range_that_breaks_off_is_requested_again_a_bounded_number_of_times(
    dataset: Dataset, s3: Stub, body: Any
) -> None:
    broken = {"ETag": '"etag"', "Body": body}
    s3.answers("get_object", RANGE, broken, broken, answer(b"0123"))
    assert dataset.read(SHARD) == b"0123"
    s3.answers("get_object", RANGE, broken, broken, broken)
    with pytest.raises(ShortRead, match="train/1 broke off each time it was read"):
        dataset.read(SHARD)


@pytest.mark.parametrize("refused", ["upload_part", "abort_multipart_upload"])
def test_a_refused_upload_is_aborted_or_logged(
    dataset: Dataset, s3: Stub, refused: str, caplog: pytest.LogCaptureFixture
) -> None:
    s3.answers("create_multipart_upload", WHERE, {"UploadId": "up"})
    s3.refuses("upload_part", {**UPLOAD, "PartNumber": 1, "Body": FULL}, "SlowDown")
    if refused == "upload_part":
        s3.answers("abort_multipart_upload", UPLOAD)
    else:
        s3.refuses("abort_multipart_upload", UPLOAD, "AccessDenied")
    with pytest.raises(ClientError, match="SlowDown"):
        dataset.write("train/1", [FULL])
    logged = "The upload up of train/1 could not be aborted."
    assert caplog.messages == [logged] * (refused == "abort_multipart_upload")
