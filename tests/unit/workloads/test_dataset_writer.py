"""The dataset as it is written in parts: no error leaves an upload."""

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
    with Dataset(aws, "images", part=SMALLEST_PART, workers=1) as made:
        yield made


def test_little_is_written_at_once(dataset: Dataset, s3: Stub) -> None:
    s3.answers("put_object", {**WHERE, "Body": b"little"}, {"ETag": '"little"'})
    assert dataset.write("train/1", [b"lit", b"", b"tle"]) == '"little"'


@pytest.mark.parametrize("chunks", [[], [b""]])
def test_nothing_is_written_as_an_empty_object(
    dataset: Dataset, s3: Stub, chunks: list[bytes]
) -> None:
    s3.answers("put_object", {**WHERE, "Body": b""}, {"ETag": '"none"'})
    assert dataset.write("train/1", chunks) == '"none"'


def part(number: int, body: bytes) -> dict[str, Any]:
    return {**UPLOAD, "PartNumber": number, "Body": body}


def begun(s3: Stub, *bodies: bytes) -> dict[str, Any]:
    """Expect an upload and its parts, and give the parameters that complete it."""
    s3.answers("create_multipart_upload", WHERE, {"UploadId": "up"})
    for number, body in enumerate(bodies, 1):
        s3.answers("upload_part", part(number, body), {"ETag": f'"{number}"'})
    done = [{"PartNumber": number, "ETag": f'"{number}"'} for number in range(1, len(bodies) + 1)]
    return {**UPLOAD, "MultipartUpload": {"Parts": done}}


@pytest.mark.parametrize("last", [[], [b"the rest"]])
def test_much_is_written_in_parts(dataset: Dataset, s3: Stub, last: list[bytes]) -> None:
    second = b"2" * SMALLEST_PART
    whole = begun(s3, FULL, second, *last)
    s3.answers("complete_multipart_upload", whole, {"ETag": '"whole"'})
    chunks = [FULL + second[:10], second[10:], *last]
    assert dataset.write("train/1", chunks) == '"whole"'


def test_the_parts_of_much_grow_as_s3_takes_no_more_than_ten_thousand(
    aws: mock.Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def upload_part(Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803 - S3 calls it so
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


def test_an_object_that_one_may_not_write_is_an_error(dataset: Dataset, s3: Stub) -> None:
    s3.refuses("put_object", {**WHERE, "Body": b"little"}, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        dataset.write("train/1", [b"little"])


def test_an_upload_that_was_not_begun_is_not_aborted(dataset: Dataset, s3: Stub) -> None:
    s3.refuses("create_multipart_upload", WHERE, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        dataset.write("train/1", [FULL])


def test_an_upload_with_a_part_that_fails_is_aborted(dataset: Dataset, s3: Stub) -> None:
    begun(s3, FULL)
    s3.refuses("upload_part", part(2, b"rest"), "SlowDown")
    s3.answers("abort_multipart_upload", UPLOAD)
    with pytest.raises(ClientError, match="SlowDown"):
        dataset.write("train/1", [FULL, b"rest"])


def test_an_upload_that_cannot_be_completed_is_aborted(dataset: Dataset, s3: Stub) -> None:
    s3.refuses("complete_multipart_upload", begun(s3, FULL), "SlowDown")
    s3.answers("abort_multipart_upload", UPLOAD)
    with pytest.raises(ClientError, match="SlowDown"):
        dataset.write("train/1", [FULL])


@pytest.mark.parametrize("error", [OSError("the disk is gone"), KeyboardInterrupt("stop")])
def test_an_upload_whose_source_breaks_is_aborted(
    dataset: Dataset, s3: Stub, error: BaseException
) -> None:
    def source() -> Iterator[bytes]:
        yield FULL
        raise error

    begun(s3, FULL)
    s3.answers("abort_multipart_upload", UPLOAD)
    with pytest.raises(type(error), match=str(error)):
        dataset.write("train/1", source())


def test_an_upload_that_cannot_be_aborted_is_logged_and_the_reason_stays(
    dataset: Dataset, s3: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    begun(s3)
    s3.refuses("upload_part", part(1, FULL), "SlowDown")
    s3.refuses("abort_multipart_upload", UPLOAD, "AccessDenied")
    with caplog.at_level(logging.ERROR), pytest.raises(ClientError, match="SlowDown"):
        dataset.write("train/1", [FULL])
    assert "The upload up of train/1 could not be aborted." in caplog.text


def test_parts_that_s3_would_refuse_are_refused_before_anything_is_sent(aws: mock.Mock) -> None:
    with Dataset(aws, "images", part=4) as dataset:  # noqa: SIM117 - one line is too long
        with pytest.raises(ValueError, match="part is 4; to write it must be at least 5242880"):
            dataset.write("train/1", [b"x"])
