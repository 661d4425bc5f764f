"""The dataset as it is listed and read in ranges: no error gives wrong data."""

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
WHERE = {"Bucket": "images", "Key": "train/1"}
EMPTY = Shard("train/1", 0, '"etag"')
WHOLE = {**WHERE, "IfMatch": '"etag"'}
LISTED = {"Bucket": "images", "Prefix": "train/", "MaxKeys": 2}
MORE = {"IsTruncated": True, "NextContinuationToken": "t"}


@pytest.fixture
def dataset(aws: mock.Mock) -> Iterator[Dataset]:
    # One worker: the stubs answer in the order in which they were added.
    with Dataset(aws, "images", "http://127.0.0.1:1", part=4, page=2, workers=1) as made:
        yield made


def ranged(start: int, length: int) -> dict[str, str]:
    return {**WHERE, "Range": f"bytes={start}-{start + length - 1}", "IfMatch": '"etag"'}


def answer(content: bytes, etag: str = '"etag"', length: int | None = None) -> dict[str, Any]:
    return {"Body": streamed(content, length), "ETag": etag}


# -- the dataset itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"part": 0}, {"workers": 0}])
def test_no_part_and_no_worker_are_mistakes(aws: mock.Mock, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="both must be at least 1"):
        Dataset(aws, "images", **wrong)  # type: ignore[arg-type]  # mypy thinks of other arguments


def test_a_client_has_a_connection_for_each_worker(aws: mock.Mock) -> None:
    with Dataset(aws, "images", "http://127.0.0.1:1", workers=3):
        aws.client.assert_called_once_with("s3", endpoint_url="http://127.0.0.1:1", config=mock.ANY)
    assert aws.client.call_args[1]["config"].max_pool_connections == 3


def test_a_dataset_that_was_left_has_no_threads(aws: mock.Mock) -> None:
    with Dataset(aws, "images") as dataset:
        pass
    with pytest.raises(RuntimeError, match="after shutdown"):
        dataset.read(SHARD)


# -- listing ---------------------------------------------------------------------------------------


def test_shards_are_listed_page_by_page(dataset: Dataset, s3: Stub) -> None:
    def entry(number: int) -> dict[str, Any]:
        return {"Key": f"train/{number}", "Size": number, "ETag": f'"{number}"'}

    s3.answers("list_objects_v2", LISTED, {"Contents": [entry(1), entry(2)], **MORE})
    s3.answers("list_objects_v2", {**LISTED, "ContinuationToken": "t"}, {"Contents": [entry(3)]})
    expected = [Shard(f"train/{number}", number, f'"{number}"') for number in (1, 2, 3)]
    assert list(dataset.shards("train/")) == expected


def test_a_bucket_without_objects_has_no_shards(dataset: Dataset, s3: Stub) -> None:
    s3.answers("list_objects_v2", {**LISTED, "Prefix": ""})
    assert list(dataset.shards()) == []


def test_a_listing_that_breaks_off_is_an_error(dataset: Dataset, s3: Stub) -> None:
    s3.answers("list_objects_v2", LISTED, MORE)
    s3.refuses("list_objects_v2", {**LISTED, "ContinuationToken": "t"}, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        list(dataset.shards("train/"))


# -- reading ---------------------------------------------------------------------------------------


def test_a_shard_is_read_in_ranges(dataset: Dataset, s3: Stub) -> None:
    for start, content in ((0, b"0123"), (4, b"4567"), (8, b"89")):
        s3.answers("get_object", ranged(start, len(content)), answer(content))
    assert dataset.read(SHARD) == b"0123456789"


def test_an_empty_shard_is_asked_for_without_a_range(dataset: Dataset, s3: Stub) -> None:
    s3.answers("get_object", WHOLE, answer(b""))
    assert dataset.read(EMPTY) == b""


@pytest.mark.parametrize("code", ["PreconditionFailed", "412", "NoSuchKey"])
def test_an_empty_shard_that_was_replaced_or_deleted_is_named(
    dataset: Dataset, s3: Stub, code: str
) -> None:
    s3.refuses("get_object", WHOLE, code)
    with pytest.raises(ShardChanged, match=r'train/1 is no longer as .* \("etag"\)'):
        dataset.read(EMPTY)


def test_an_empty_shard_that_is_not_empty_any_more_is_an_error(dataset: Dataset, s3: Stub) -> None:
    s3.answers("get_object", WHOLE, answer(b"0"))
    with pytest.raises(ShortRead, match="1 bytes came, and 0 were asked for"):
        dataset.read(EMPTY)


def test_ranges_are_put_together_in_their_order_whichever_comes_first() -> None:
    content = b"0123456789" * 5

    def get_object(Range: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - S3 calls it so
        start, end = map(int, Range[len("bytes=") :].split("-"))
        return answer(content[start : end + 1])

    session = mock.Mock(**{"client.return_value.get_object.side_effect": get_object})
    with Dataset(session, "images", part=3, workers=8) as dataset:
        assert dataset.read(Shard("train/1", len(content), '"etag"')) == content
    assert session.client().get_object.call_count == 17


def test_once_a_range_has_failed_the_others_are_not_asked_for() -> None:
    asked: list[str] = []
    known = threading.Event()

    def get_object(Range: str, **_: Any) -> Any:  # noqa: N803 - S3 calls it so
        asked.append(Range)
        if len(asked) > 1:  # the worker had begun with another one before the failure was known
            known.wait()
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")

    session = mock.Mock(**{"client.return_value.get_object.side_effect": get_object})
    with Dataset(session, "images", part=4, workers=1) as dataset:
        with pytest.raises(ClientError, match="AccessDenied"):
            dataset.read(Shard("train/1", 4000, '"etag"'))
        known.set()
    assert 1 <= len(asked) <= 2


@pytest.mark.parametrize("code", ["PreconditionFailed", "412", "NoSuchKey"])
def test_a_shard_that_was_replaced_or_deleted_is_named(
    dataset: Dataset, s3: Stub, code: str
) -> None:
    s3.refuses("get_object", ranged(0, 4), code)
    with pytest.raises(ShardChanged, match=r'train/1 is no longer as .* \("etag"\)'):
        dataset.read_range(SHARD, 0, 4)


def test_a_store_that_ignores_the_condition_is_seen_through(dataset: Dataset, s3: Stub) -> None:
    s3.answers("get_object", ranged(0, 4), answer(b"0123", '"other"'))
    with pytest.raises(ShardChanged, match='train/1 is now "other", and was "etag"'):
        dataset.read_range(SHARD, 0, 4)


@pytest.mark.parametrize("content", [b"012", b"01234"])
def test_a_range_of_another_length_is_an_error(dataset: Dataset, s3: Stub, content: bytes) -> None:
    s3.answers("get_object", ranged(0, 4), answer(content))
    with pytest.raises(ShortRead, match=f"{len(content)} bytes came, and 4 were asked for"):
        dataset.read_range(SHARD, 0, 4)


class Broken:
    """A body whose connection fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self) -> bytes:
        raise self._error


BREAKS = [
    streamed(b"012", length=4),
    Broken(ProtocolError("Connection broken")),
    Broken(ReadTimeoutError(endpoint_url="http://127.0.0.1:1")),
]


@pytest.mark.parametrize("body", BREAKS)
def test_a_range_that_breaks_off_is_asked_for_again(
    dataset: Dataset, s3: Stub, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        s3.answers("get_object", ranged(0, 4), {"Body": body, "ETag": '"etag"'})
    s3.answers("get_object", ranged(0, 4), answer(b"0123"))
    assert dataset.read_range(SHARD, 0, 4) == b"0123"
    assert caplog.text.count("train/1 broke off") == 2


@pytest.mark.parametrize("body", BREAKS)
def test_a_range_that_breaks_off_again_and_again_is_an_error(
    dataset: Dataset, s3: Stub, body: Any
) -> None:
    for _ in range(3):
        s3.answers("get_object", ranged(0, 4), {"Body": body, "ETag": '"etag"'})
    with pytest.raises(ShortRead, match="train/1 broke off each time it was read"):
        dataset.read_range(SHARD, 0, 4)


def test_a_shard_that_was_replaced_after_a_range_broke_off_is_named(
    dataset: Dataset, s3: Stub
) -> None:
    s3.answers("get_object", ranged(0, 4), answer(b"01", length=4))
    s3.refuses("get_object", ranged(0, 4), "PreconditionFailed")
    with pytest.raises(ShardChanged):
        dataset.read_range(SHARD, 0, 4)
