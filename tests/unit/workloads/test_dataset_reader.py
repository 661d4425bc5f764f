"""The dataset: listing, ranges and parts, and that no error leaves wrong data or an upload."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any, Callable
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from unit.workloads.stubbed import StubbedSession, streamed, stubbed
from workloads.dataset_reader import SMALLEST_PART, Dataset, Shard, ShardChanged, ShortRead

SHARD = Shard("train/1", 10, '"etag"')
WHERE = {"Bucket": "images", "Key": "train/1"}
UPLOAD = {**WHERE, "UploadId": "up"}

Make = Callable[..., Dataset]


@pytest.fixture
def clients(session: Any) -> Iterator[StubbedSession]:
    with stubbed(session) as made:
        yield made


@pytest.fixture
def dataset(clients: StubbedSession) -> Iterator[Dataset]:
    # One worker: the stubs answer in the order in which they were added.
    with Dataset(clients, "images", "http://127.0.0.1:1", part=4, page=2, workers=1) as made:
        yield made


@pytest.fixture
def writing(clients: StubbedSession) -> Iterator[Dataset]:
    with Dataset(clients, "images", part=SMALLEST_PART, workers=1) as made:
        yield made


def ranged(start: int, length: int) -> dict[str, str]:
    return {**WHERE, "Range": f"bytes={start}-{start + length - 1}", "IfMatch": '"etag"'}


def answer(content: bytes, etag: str = '"etag"', length: int | None = None) -> dict[str, Any]:
    return {"Body": streamed(content, length), "ETag": etag}


# -- listing ---------------------------------------------------------------------------------------


def test_shards_are_listed_page_by_page(dataset: Dataset, clients: StubbedSession) -> None:
    s3 = clients.stubs["s3"]
    asked = {"Bucket": "images", "Prefix": "train/", "MaxKeys": 2}

    def entry(number: int) -> dict[str, Any]:
        return {"Key": f"train/{number}", "Size": number, "ETag": f'"{number}"'}

    first = {"Contents": [entry(1), entry(2)], "IsTruncated": True, "NextContinuationToken": "t"}
    s3.add_response("list_objects_v2", first, asked)
    s3.add_response(
        "list_objects_v2", {"Contents": [entry(3)]}, {**asked, "ContinuationToken": "t"}
    )
    expected = [Shard(f"train/{number}", number, f'"{number}"') for number in (1, 2, 3)]
    assert list(dataset.shards("train/")) == expected


def test_a_bucket_without_objects_has_no_shards(dataset: Dataset, clients: StubbedSession) -> None:
    clients.stubs["s3"].add_response("list_objects_v2", {})
    assert list(dataset.shards()) == []


def test_a_listing_that_breaks_off_is_an_error(dataset: Dataset, clients: StubbedSession) -> None:
    s3 = clients.stubs["s3"]
    s3.add_response("list_objects_v2", {"IsTruncated": True, "NextContinuationToken": "t"})
    s3.add_client_error("list_objects_v2", "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        list(dataset.shards())


# -- reading ---------------------------------------------------------------------------------------


def test_a_shard_is_read_in_ranges(dataset: Dataset, clients: StubbedSession) -> None:
    s3 = clients.stubs["s3"]
    for start, content in ((0, b"0123"), (4, b"4567"), (8, b"89")):
        s3.add_response("get_object", answer(content), ranged(start, len(content)))
    assert dataset.read(SHARD) == b"0123456789"


def test_an_empty_shard_has_no_range(dataset: Dataset) -> None:
    assert dataset.read(Shard("train/0", 0, '"etag"')) == b""


def test_ranges_are_put_together_in_their_order_whichever_comes_first() -> None:
    content = b"0123456789" * 5

    def get_object(Range: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - S3 calls it so
        start, end = map(int, Range[len("bytes=") :].split("-"))
        return answer(content[start : end + 1])

    session = Mock(**{"client.return_value.get_object.side_effect": get_object})
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

    session = Mock(**{"client.return_value.get_object.side_effect": get_object})
    with Dataset(session, "images", part=4, workers=1) as dataset:
        with pytest.raises(ClientError, match="AccessDenied"):
            dataset.read(Shard("train/1", 4000, '"etag"'))
        known.set()
    assert 1 <= len(asked) <= 2


@pytest.mark.parametrize("code", ["PreconditionFailed", "412", "NoSuchKey"])
def test_a_shard_that_was_replaced_or_deleted_is_named(
    dataset: Dataset, clients: StubbedSession, code: str
) -> None:
    clients.stubs["s3"].add_client_error("get_object", code, expected_params=ranged(0, 4))
    with pytest.raises(ShardChanged, match=r'train/1 is no longer as .* \("etag"\)'):
        dataset.read_range(SHARD, 0, 4)


def test_a_store_that_ignores_the_condition_is_seen_through(
    dataset: Dataset, clients: StubbedSession
) -> None:
    clients.stubs["s3"].add_response("get_object", answer(b"0123", '"other"'), ranged(0, 4))
    with pytest.raises(ShardChanged, match='train/1 is now "other", and was "etag"'):
        dataset.read_range(SHARD, 0, 4)


@pytest.mark.parametrize("content", [b"012", b"01234"])
def test_a_range_of_another_length_is_an_error(
    dataset: Dataset, clients: StubbedSession, content: bytes
) -> None:
    clients.stubs["s3"].add_response("get_object", answer(content), ranged(0, 4))
    with pytest.raises(ShortRead, match=f"{len(content)} bytes came, and 4 were asked for"):
        dataset.read_range(SHARD, 0, 4)


def test_an_answer_that_breaks_off_is_an_error(dataset: Dataset, clients: StubbedSession) -> None:
    clients.stubs["s3"].add_response("get_object", answer(b"012", length=4), ranged(0, 4))
    with pytest.raises(ShortRead, match=r"train/1: .*3.*4"):
        dataset.read_range(SHARD, 0, 4)


@pytest.mark.parametrize("wrong", [{"part": 0}, {"workers": 0}])
def test_no_part_and_no_worker_are_mistakes(session: Any, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="both must be at least 1"):
        Dataset(session, "images", **wrong)  # type: ignore[arg-type]


def test_a_client_has_a_connection_for_each_worker(clients: StubbedSession) -> None:
    with Dataset(clients, "images", workers=3):
        ((_, settings),) = clients.made
    assert settings["config"].max_pool_connections == 3


# -- writing ---------------------------------------------------------------------------------------


def test_little_is_written_at_once(writing: Dataset, clients: StubbedSession) -> None:
    clients.stubs["s3"].add_response(
        "put_object", {"ETag": '"little"'}, {**WHERE, "Body": b"little"}
    )
    assert writing.write("train/1", [b"lit", b"", b"tle"]) == '"little"'


@pytest.mark.parametrize("chunks", [[], [b""]])
def test_nothing_is_written_as_an_empty_object(
    writing: Dataset, clients: StubbedSession, chunks: list[bytes]
) -> None:
    clients.stubs["s3"].add_response("put_object", {"ETag": '"none"'}, {**WHERE, "Body": b""})
    assert writing.write("train/1", chunks) == '"none"'


def begun(s3: Stubber) -> None:
    s3.add_response("create_multipart_upload", {"UploadId": "up"}, WHERE)


def sent(s3: Stubber, number: int, body: bytes) -> dict[str, Any]:
    s3.add_response(
        "upload_part", {"ETag": f'"{number}"'}, {**UPLOAD, "PartNumber": number, "Body": body}
    )
    return {"PartNumber": number, "ETag": f'"{number}"'}


@pytest.mark.parametrize("last", [b"", b"the rest"])
def test_much_is_written_in_parts(writing: Dataset, clients: StubbedSession, last: bytes) -> None:
    s3 = clients.stubs["s3"]
    begun(s3)
    parts = [sent(s3, 1, b"1" * SMALLEST_PART), sent(s3, 2, b"2" * SMALLEST_PART)]
    parts += [sent(s3, 3, last)] if last else []
    s3.add_response(
        "complete_multipart_upload",
        {"ETag": '"whole"'},
        {**UPLOAD, "MultipartUpload": {"Parts": parts}},
    )
    chunks = [b"1" * SMALLEST_PART + b"2" * 10, b"2" * (SMALLEST_PART - 10) + last]
    assert writing.write("train/1", chunks) == '"whole"'


def aborted(s3: Stubber) -> None:
    s3.add_response("abort_multipart_upload", {}, UPLOAD)


@pytest.mark.parametrize("failing", ["upload_part", "complete_multipart_upload"])
def test_an_upload_that_fails_is_aborted(
    writing: Dataset, clients: StubbedSession, failing: str
) -> None:
    s3 = clients.stubs["s3"]
    begun(s3)
    if failing != "upload_part":
        sent(s3, 1, b"1" * SMALLEST_PART)
    s3.add_client_error(failing, "SlowDown")
    aborted(s3)
    with pytest.raises(ClientError, match="SlowDown"):
        writing.write("train/1", [b"1" * SMALLEST_PART])


@pytest.mark.parametrize("error", [OSError("the disk is gone"), KeyboardInterrupt("stop")])
def test_an_upload_whose_source_breaks_is_aborted(
    writing: Dataset, clients: StubbedSession, error: BaseException
) -> None:
    def source() -> Iterator[bytes]:
        yield b"1" * SMALLEST_PART
        raise error

    s3 = clients.stubs["s3"]
    begun(s3)
    sent(s3, 1, b"1" * SMALLEST_PART)
    aborted(s3)
    with pytest.raises(type(error), match=str(error)):
        writing.write("train/1", source())


def test_an_upload_that_cannot_be_aborted_is_logged_and_the_reason_stays(
    writing: Dataset, clients: StubbedSession, caplog: pytest.LogCaptureFixture
) -> None:
    s3 = clients.stubs["s3"]
    begun(s3)
    s3.add_client_error("upload_part", "SlowDown")
    s3.add_client_error("abort_multipart_upload", "AccessDenied")
    with caplog.at_level(logging.ERROR), pytest.raises(ClientError, match="SlowDown"):
        writing.write("train/1", [b"1" * SMALLEST_PART])
    assert "The upload up of train/1 could not be aborted." in caplog.text


def test_parts_that_s3_would_refuse_are_refused_before_anything_is_sent(dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="part is 4; to write it must be at least 5242880"):
        dataset.write("train/1", [b"x"])
