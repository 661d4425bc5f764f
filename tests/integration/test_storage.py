"""The workloads on S3 and Transcribe, against moto: in this process, and over sockets."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from workloads import run_store
from workloads.dataset_reader import SMALLEST_PART, Dataset, Shard, ShardChanged
from workloads.run_store import Run, RunNotFound, RunStore
from workloads.transcription import Job, JobExists, Transcriber

# -- in this process -------------------------------------------------------------------------------


@pytest.fixture
def runs(aws: Any, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.delenv(run_store.DEVELOPMENT, raising=False)
    store = RunStore(run_store.configuration(aws))
    aws.client("s3").create_bucket(Bucket=store.bucket)
    return store


def test_a_run_is_stored_from_its_start_to_its_end(runs: RunStore) -> None:
    runs.save(Run("acme", "1", "started", {"rate": 0.1}))
    runs.save(Run("acme", "2", "started"))
    runs.save(Run("other", "3", "started"))
    assert runs.finish("acme", "1", "done") == runs.load("acme", "1")
    assert runs.load("acme", "1") == Run("acme", "1", "done", {"rate": 0.1})
    assert runs.runs("acme") == ["1", "2"]
    runs.delete("acme", "1")
    runs.delete("acme", "1")
    assert runs.runs("acme") == ["2"]
    with pytest.raises(RunNotFound):
        runs.load("acme", "1")


def test_only_existing_objects_and_prefixes_exist(runs: RunStore) -> None:
    assert runs.bucket_exists()
    assert runs.buckets() == ["runs-production"]
    assert not runs.prefix_exists("data/")
    key = runs.make_prefix("data")
    assert runs.object_exists(key)
    assert not runs.object_exists("data")
    assert runs.prefix_exists("data/")
    assert [*runs.objects()] == ["data/"]


@pytest.fixture
def texts(aws: Any) -> Any:
    """The client of a store that has a transcript, as Transcribe would write it."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="texts")
    text = {"results": {"transcripts": [{"transcript": "Hello."}]}}
    s3.put_object(Bucket="texts", Key="call-17.json", Body=json.dumps(text).encode())
    return s3


def test_speech_becomes_text_and_no_job_is_left(aws: Any, texts: Any) -> None:
    slept: list[float] = []
    transcriber = Transcriber(aws, sleep=slept.append)
    assert transcriber.transcribe(Job("call-17", "s3://calls/17.wav", "texts")) == "Hello."
    assert slept
    assert jobs(aws) == []
    texts.delete_object(Bucket="texts", Key="call-17.json")
    with pytest.raises(ClientError, match="NoSuchKey"):
        transcriber.transcribe(Job("call-17", "s3://calls/17.wav", "texts"))
    assert jobs(aws) == []


def test_an_existing_job_is_left_alone(aws: Any) -> None:
    transcriber = Transcriber(aws)
    job = Job("call-17", "s3://calls/17.wav", "texts")
    transcriber.start(job, deadline=0)
    with pytest.raises(JobExists):
        transcriber.transcribe(job)
    assert jobs(aws) == ["call-17"]
    transcriber.delete(job)
    transcriber.delete(job)
    assert jobs(aws) == []


def jobs(aws: Any) -> list[str]:
    answer = aws.client("transcribe").list_transcription_jobs()
    return [job["TranscriptionJobName"] for job in answer["TranscriptionJobSummaries"]]


# -- over sockets ----------------------------------------------------------------------------------


@pytest.fixture
def remote() -> Any:
    return boto3.session.Session(
        region_name="us-east-1", aws_access_key_id="user", aws_secret_access_key="secret"
    )


@pytest.fixture
def bucket(remote: Any, server: str) -> Iterator[Any]:
    """A bucket of moto's server, removed with its objects."""
    made = remote.resource("s3", endpoint_url=server).Bucket(f"data-{uuid.uuid4().hex}")
    made.create()
    yield made
    made.objects.delete()
    made.delete()


def test_a_dataset_is_written_listed_and_read_over_sockets(
    remote: Any, server: str, bucket: Any
) -> None:
    content = bytes(range(256)) * (SMALLEST_PART // 256) + b"the rest"
    with Dataset(remote, bucket.name, server, part=SMALLEST_PART, page=2) as dataset:
        for number in range(4):
            dataset.write(f"train/{number}", [b"%d" % number] * number)
        dataset.write("train/large", [content[:100], content[100:]])
        shards = [*dataset.shards("train/")]
        assert [shard.size for shard in shards] == [0, 1, 2, 3, len(content)]
    with Dataset(remote, bucket.name, server, part=600_000, workers=4) as dataset:
        assert [dataset.read(shard) for shard in shards] == [b"", b"1", b"22", b"333", content]


@pytest.mark.parametrize("old", [b"old", b""])
def test_a_shard_that_was_replaced_or_deleted_after_it_was_listed_is_not_read_over_sockets(
    remote: Any, server: str, bucket: Any, old: bytes
) -> None:
    with Dataset(remote, bucket.name, server) as dataset:
        dataset.write("train/1", [old])
        (shard,) = dataset.shards()
        dataset.write("train/1", [b"new"])
        with pytest.raises(ShardChanged):
            dataset.read(shard)
        bucket.objects.delete()
        with pytest.raises(ShardChanged):
            dataset.read(shard)


def test_an_upload_whose_source_breaks_leaves_nothing_over_sockets(
    remote: Any, server: str, bucket: Any
) -> None:
    def source() -> Iterator[bytes]:
        yield b"x" * SMALLEST_PART
        raise OSError("the source broke")

    with Dataset(remote, bucket.name, server, part=SMALLEST_PART) as dataset:
        with pytest.raises(OSError, match="the source broke"):
            dataset.write("train/1", source())
        assert [*dataset.shards()] == []
    s3 = remote.client("s3", endpoint_url=server)
    assert s3.list_multipart_uploads(Bucket=bucket.name).get("Uploads", []) == []


class Breaking(BaseHTTPRequestHandler):
    """A store that hangs up in the middle of its first answer."""

    left = 0

    def do_GET(self) -> None:
        self.send_response(206)
        self.send_header("Content-Length", "4")
        self.send_header("ETag", '"etag"')
        self.end_headers()
        self.wfile.write(b"0123"[: type(self).left])
        type(self).left = 4

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def breaking() -> Iterator[str]:
    Breaking.left = 2
    with HTTPServer(("127.0.0.1", 0), Breaking) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def test_a_range_that_breaks_off_is_read_again_over_sockets(remote: Any, breaking: str) -> None:
    with Dataset(remote, "images", breaking) as dataset:
        assert dataset.read(Shard("train/1", 4, '"etag"')) == b"0123"
    assert Breaking.left == 4
