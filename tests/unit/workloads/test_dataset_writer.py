"""A dataset as it is written in parts: an error leaves no upload."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from unit.workloads.stub import Stub
from workloads import dataset_reader
from workloads.dataset_reader import SMALLEST_PART, Dataset

WHERE = {"Bucket": "images", "Key": "train/1"}
UPLOAD = {**WHERE, "UploadId": "up"}
FULL = b"1" * SMALLEST_PART


@pytest.fixture
def dataset(aws: mock.Mock) -> Iterator[Dataset]:
    with Dataset(aws, "images", part=SMALLEST_PART, workers=1) as opened:
        yield opened


def part(number: int, body: bytes) -> dict[str, Any]:
    return {**UPLOAD, "PartNumber": number, "Body": body}


def begin_upload(s3: Stub, *bodies: bytes) -> dict[str, Any]:
    """Expect an upload and its parts, and return the parameters that complete it."""
    s3.answers("create_multipart_upload", WHERE, {"UploadId": "up"})
    for number, body in enumerate(bodies, 1):
        s3.answers("upload_part", part(number, body), {"ETag": f'"{number}"'})
    done = [{"PartNumber": number, "ETag": f'"{number}"'} for number in range(1, len(bodies) + 1)]
    return {**UPLOAD, "MultipartUpload": {"Parts": done}}


@pytest.mark.parametrize("chunks", [[], [b""], [b"lit", b"", b"tle"]])
def test_a_small_object_is_written_with_one_request(
    dataset: Dataset, s3: Stub, chunks: list[bytes]
) -> None:
    body = {**WHERE, "Body": b"".join(chunks)}
    s3.answers("put_object", body, {"ETag": '"etag"'})
    assert dataset.write("train/1", chunks) == '"etag"'
    s3.refuses("put_object", body, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        dataset.write("train/1", chunks)


@pytest.mark.parametrize("last", [[], [b"the rest"]])
def test_a_large_object_is_written_in_parts(dataset: Dataset, s3: Stub, last: list[bytes]) -> None:
    second = b"2" * SMALLEST_PART
    whole = begin_upload(s3, FULL, second, *last)
    s3.answers("complete_multipart_upload", whole, {"ETag": '"whole"'})
    chunks = [FULL + second[:10], second[10:], *last]
    assert dataset.write("train/1", chunks) == '"whole"'


def test_parts_grow_so_that_ten_thousand_are_enough(
    aws: mock.Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def upload_part(Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803 - the name in S3
        sizes.append(len(Body))
        return {"ETag": "etag"}

    monkeypatch.setattr(dataset_reader, "SMALLEST_PART", 1)
    aws.client.side_effect = [mock.MagicMock(upload_part=upload_part)]
    with Dataset(aws, "images", part=1) as dataset:
        dataset.write("train/1", [b"x" * 1_000_000])
    assert sum(sizes) == 1_000_000
    assert len(sizes) <= 10_000
    assert sizes[:-1] == sorted(sizes[:-1])
    assert sizes[1000:1002] == [2, 2]


def test_an_upload_that_was_not_created_is_not_aborted(dataset: Dataset, s3: Stub) -> None:
    s3.refuses("create_multipart_upload", WHERE, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        dataset.write("train/1", [FULL])


@pytest.mark.parametrize("refused", ["upload_part", "complete_multipart_upload"])
def test_a_refused_upload_is_aborted(dataset: Dataset, s3: Stub, refused: str) -> None:
    whole = begin_upload(s3, FULL)
    second = [b"rest"] if refused == "upload_part" else []
    s3.refuses(refused, part(2, b"rest") if second else whole, "SlowDown")
    s3.answers("abort_multipart_upload", UPLOAD)
    with pytest.raises(ClientError, match="SlowDown"):
        dataset.write("train/1", [FULL, *second])


@pytest.mark.parametrize("error", [OSError("the disk is gone"), KeyboardInterrupt("stop")])
def test_an_upload_whose_source_fails_is_aborted(
    dataset: Dataset, s3: Stub, error: BaseException
) -> None:
    def source() -> Iterator[bytes]:
        yield FULL
        raise error

    begin_upload(s3, FULL)
    s3.answers("abort_multipart_upload", UPLOAD)
    with pytest.raises(type(error), match=str(error)):
        dataset.write("train/1", source())


def test_an_upload_that_cannot_be_aborted_is_logged_and_the_first_error_raised(
    dataset: Dataset, s3: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    begin_upload(s3)
    s3.refuses("upload_part", part(1, FULL), "SlowDown")
    s3.refuses("abort_multipart_upload", UPLOAD, "AccessDenied")
    with caplog.at_level(logging.ERROR), pytest.raises(ClientError, match="SlowDown"):
        dataset.write("train/1", [FULL])
    assert "The upload up of train/1 could not be aborted." in caplog.text


def test_parts_that_s3_would_refuse_are_refused_before_any_request(aws: mock.Mock) -> None:
    with Dataset(aws, "images", part=4) as dataset:  # noqa: SIM117 - one line is too long
        with pytest.raises(ValueError, match="part is 4; to write it must be at least 5242880"):
            dataset.write("train/1", [b"x"])
