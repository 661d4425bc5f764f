"""A dataset as it is listed and read in ranges: an error never gives wrong data."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from urllib3.exceptions import ProtocolError

from unit.workloads.stub import Stub, streamed
from workloads.dataset_reader import Dataset, Shard, ShardChanged, ShortRead

SHARD = Shard("train/1", 10, '"etag"')
EMPTY = Shard("train/1", 0, '"etag"')
WHOLE = {"Bucket": "images", "Key": "train/1", "IfMatch": '"etag"'}
RANGE = {**WHOLE, "Range": "bytes=0-3"}


@pytest.fixture
def dataset(aws: mock.Mock) -> Iterator[Dataset]:
    # One worker, as the stubs answer in the order in which they were added.
    with Dataset(aws, "images", "http://127.0.0.1:1", part=4, page=2, workers=1) as opened:
        yield opened


def answer(content: bytes, etag: str = '"etag"', length: int | None = None) -> dict[str, Any]:
    return {"Body": streamed(content, length), "ETag": etag}


@pytest.mark.parametrize("wrong", [{"part": 0}, {"workers": 0}])
def test_a_dataset_without_parts_or_workers_is_refused(
    aws: mock.Mock, wrong: dict[str, int]
) -> None:
    with pytest.raises(ValueError, match="both must be at least 1"):
        Dataset(aws, "images", **wrong)  # type: ignore[arg-type]  # mypy thinks of other arguments


def test_a_client_has_a_connection_for_each_worker_and_a_closed_dataset_has_no_threads(
    aws: mock.Mock,
) -> None:
    with Dataset(aws, "images", "http://127.0.0.1:1", workers=3) as dataset:
        aws.client.assert_called_once_with("s3", endpoint_url="http://127.0.0.1:1", config=mock.ANY)
    assert aws.client.call_args[1]["config"].max_pool_connections == 3
    with pytest.raises(RuntimeError, match="after shutdown"):
        dataset.read(SHARD)


def test_a_listing_that_breaks_off_is_an_error(dataset: Dataset, s3: Stub) -> None:
    listed = {"Bucket": "images", "Prefix": "train/", "MaxKeys": 2}
    s3.answers("list_objects_v2", listed, {"IsTruncated": True, "NextContinuationToken": "t"})
    s3.refuses("list_objects_v2", {**listed, "ContinuationToken": "t"}, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        list(dataset.shards("train/"))


def ranges_from(get_object: Any, *, workers: int, part: int) -> Dataset:
    session = mock.Mock(**{"client.return_value.get_object.side_effect": get_object})
    return Dataset(session, "images", part=part, workers=workers)


def test_ranges_are_joined_in_order_whichever_arrives_first() -> None:
    content = b"0123456789" * 5
    asked = []

    def get_object(Range: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - the name in S3
        asked.append(Range)
        start, end = map(int, Range[len("bytes=") :].split("-"))
        return answer(content[start : end + 1])

    with ranges_from(get_object, workers=8, part=3) as dataset:
        assert dataset.read(Shard("train/1", len(content), '"etag"')) == content
    assert len(asked) == 17


def test_once_a_range_has_failed_the_others_are_not_requested() -> None:
    asked: list[str] = []
    known = threading.Event()

    def get_object(Range: str, **_: Any) -> Any:  # noqa: N803 - the name in S3
        asked.append(Range)
        if len(asked) > 1:  # the worker began another one before the failure was known
            known.wait()
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")

    with ranges_from(get_object, workers=1, part=4) as dataset:
        with pytest.raises(ClientError, match="AccessDenied"):
            dataset.read(Shard("train/1", 4000, '"etag"'))
        known.set()
    assert 1 <= len(asked) <= 2


@pytest.mark.parametrize("code", ["PreconditionFailed", "412", "NoSuchKey"])
@pytest.mark.parametrize(("shard", "asked"), [(EMPTY, WHOLE), (SHARD, RANGE)])
def test_a_shard_that_was_replaced_or_deleted_is_named(
    dataset: Dataset, s3: Stub, shard: Shard, asked: dict[str, str], code: str
) -> None:
    s3.refuses("get_object", asked, code)
    with pytest.raises(ShardChanged, match=r'train/1 is no longer as .* \("etag"\)'):
        dataset.read(shard)


@pytest.mark.parametrize(
    ("shard", "asked", "wrong", "error", "message"),
    [
        (SHARD, RANGE, answer(b"0123", '"other"'), ShardChanged, 'is now "other", and was "etag"'),
        (SHARD, RANGE, answer(b"012"), ShortRead, "3 bytes came, and 4 were asked for"),
        (SHARD, RANGE, answer(b"01234"), ShortRead, "5 bytes came, and 4 were asked for"),
        (EMPTY, WHOLE, answer(b"0"), ShortRead, "1 bytes came, and 0 were asked for"),
    ],
)
def test_another_object_or_another_length_is_an_error(
    dataset: Dataset,
    s3: Stub,
    shard: Shard,
    asked: dict[str, str],
    wrong: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    s3.answers("get_object", asked, wrong)
    with pytest.raises(error, match=message):
        dataset.read(shard)


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
    dataset: Dataset, s3: Stub, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken = {"Body": body, "ETag": '"etag"'}
    s3.answers("get_object", RANGE, broken, broken, answer(b"0123"))
    assert dataset.read_range(SHARD, 0, 4) == b"0123"
    assert caplog.text.count("train/1 broke off") == 2
    s3.answers("get_object", RANGE, broken, broken, broken)
    with pytest.raises(ShortRead, match="train/1 broke off each time it was read"):
        dataset.read_range(SHARD, 0, 4)


def test_a_shard_that_was_replaced_after_a_range_broke_off_is_named(
    dataset: Dataset, s3: Stub
) -> None:
    s3.answers("get_object", RANGE, answer(b"01", length=4))
    s3.refuses("get_object", RANGE, "PreconditionFailed")
    with pytest.raises(ShardChanged):
        dataset.read_range(SHARD, 0, 4)
