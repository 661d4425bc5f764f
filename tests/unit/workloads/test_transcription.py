"""The transcriber: every call of both clients, and every way in which there is no text."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from unit.workloads.stubbed import StubbedSession, streamed, stubbed
from workloads.transcription import (
    Job,
    JobExists,
    Transcriber,
    TranscriptionFailed,
    TranscriptionTimedOut,
    UnreadableTranscript,
)

JOB = Job("call-17", "s3://calls/17.wav", "texts")
NAMED = {"TranscriptionJobName": "call-17"}
STARTED = {
    **NAMED,
    "LanguageCode": "en-US",
    "Media": {"MediaFileUri": "s3://calls/17.wav"},
    "OutputBucketName": "texts",
}
PLACE = {"Bucket": "texts", "Key": "call 17.json"}
URI = "https://s3.us-east-1.amazonaws.com/texts/call%2017.json"
TEXT = json.dumps({"results": {"transcripts": [{"transcript": "Hello."}]}}).encode()


class Clock:
    """A clock that only sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def clients(session: Any) -> Iterator[StubbedSession]:
    with stubbed(session) as made:
        yield made


@pytest.fixture
def transcriber(clients: StubbedSession, clock: Clock) -> Transcriber:
    return Transcriber(clients, "http://127.0.0.1:1", clock=clock, sleep=clock.sleep)


@pytest.fixture
def transcribe(transcriber: Transcriber, clients: StubbedSession) -> Stubber:  # noqa: ARG001
    return clients.stubs["transcribe"]


@pytest.fixture
def s3(transcriber: Transcriber, clients: StubbedSession) -> Stubber:  # noqa: ARG001
    return clients.stubs["s3"]


def state(status: str, **more: Any) -> dict[str, Any]:
    return {"TranscriptionJob": {"TranscriptionJobStatus": status, **more}}


def completed(uri: str = URI) -> dict[str, Any]:
    return state("COMPLETED", Transcript={"TranscriptFileUri": uri})


def is_deleted(transcribe: Stubber) -> None:
    transcribe.add_response("delete_transcription_job", {}, NAMED)


# -- the whole -------------------------------------------------------------------------------------


def test_a_job_is_started_waited_for_read_and_deleted(
    transcriber: Transcriber, transcribe: Stubber, s3: Stubber, clock: Clock
) -> None:
    transcribe.add_response("start_transcription_job", state("QUEUED"), STARTED)
    transcribe.add_response("get_transcription_job", state("QUEUED"), NAMED)
    transcribe.add_response("get_transcription_job", state("IN_PROGRESS"), NAMED)
    transcribe.add_response("get_transcription_job", completed(), NAMED)
    s3.add_response("get_object", {"Body": streamed(TEXT)}, PLACE)
    is_deleted(transcribe)
    assert transcriber.transcribe(JOB) == "Hello."
    assert clock.slept == [5, 10]


@pytest.mark.parametrize("more", [{"FailureReason": "The audio is silence."}, {}])
def test_a_job_that_failed_says_why_and_is_deleted(
    transcriber: Transcriber, transcribe: Stubber, more: dict[str, str]
) -> None:
    transcribe.add_response("start_transcription_job", state("QUEUED"), STARTED)
    transcribe.add_response("get_transcription_job", state("FAILED", **more), NAMED)
    is_deleted(transcribe)
    reason = more.get("FailureReason", "no reason was given")
    with pytest.raises(TranscriptionFailed, match=f"The job 'call-17' failed: {reason}"):
        transcriber.transcribe(JOB)


def test_a_job_that_takes_too_long_is_given_up_and_deleted(
    transcriber: Transcriber, transcribe: Stubber, clock: Clock
) -> None:
    transcribe.add_response("start_transcription_job", state("QUEUED"), STARTED)
    for _ in range(6):
        transcribe.add_response("get_transcription_job", state("IN_PROGRESS"), NAMED)
    is_deleted(transcribe)
    with pytest.raises(TranscriptionTimedOut, match="the job 'call-17' is IN_PROGRESS"):
        transcriber.transcribe(JOB, seconds=150)
    assert clock.slept == [5, 10, 20, 40, 60]


def test_a_text_that_cannot_be_read_leaves_no_job(
    transcriber: Transcriber, transcribe: Stubber, s3: Stubber
) -> None:
    transcribe.add_response("start_transcription_job", state("QUEUED"), STARTED)
    transcribe.add_response("get_transcription_job", completed(), NAMED)
    s3.add_client_error("get_object", "NoSuchKey", expected_params=PLACE)
    is_deleted(transcribe)
    with pytest.raises(ClientError, match="NoSuchKey"):
        transcriber.transcribe(JOB)


def test_a_job_that_could_not_be_deleted_is_logged_and_the_text_is_returned(
    transcriber: Transcriber, transcribe: Stubber, s3: Stubber, caplog: pytest.LogCaptureFixture
) -> None:
    transcribe.add_response("start_transcription_job", state("QUEUED"), STARTED)
    transcribe.add_response("get_transcription_job", completed(), NAMED)
    s3.add_response("get_object", {"Body": streamed(TEXT)}, PLACE)
    transcribe.add_client_error("delete_transcription_job", "AccessDeniedException")
    with caplog.at_level(logging.ERROR):
        assert transcriber.transcribe(JOB) == "Hello."
    assert "The job call-17 could not be deleted." in caplog.text


# -- starting --------------------------------------------------------------------------------------


def test_a_job_of_the_same_audio_that_exists_already_is_used(
    transcriber: Transcriber, transcribe: Stubber
) -> None:
    transcribe.add_client_error(
        "start_transcription_job", "ConflictException", expected_params=STARTED
    )
    same = state("COMPLETED", Media={"MediaFileUri": JOB.media_uri})
    transcribe.add_response("get_transcription_job", same, NAMED)
    transcriber.start(JOB, 100)


def test_a_job_of_another_audio_that_exists_already_is_left_alone(
    transcriber: Transcriber, transcribe: Stubber
) -> None:
    transcribe.add_client_error(
        "start_transcription_job", "ConflictException", expected_params=STARTED
    )
    other = state("COMPLETED", Media={"MediaFileUri": "s3://calls/18.wav"})
    transcribe.add_response("get_transcription_job", other, NAMED)
    with pytest.raises(JobExists, match=r"is about s3://calls/18\.wav, not s3://calls/17\.wav"):
        transcriber.transcribe(JOB)


def test_audio_that_transcribe_refuses_is_an_error_at_once(
    transcriber: Transcriber, transcribe: Stubber, clock: Clock
) -> None:
    transcribe.add_client_error(
        "start_transcription_job", "BadRequestException", expected_params=STARTED
    )
    with pytest.raises(ClientError, match="BadRequestException"):
        transcriber.transcribe(JOB)
    assert clock.slept == []


@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException"])
def test_a_busy_transcribe_is_asked_again_later(
    transcriber: Transcriber, transcribe: Stubber, clock: Clock, code: str
) -> None:
    for _ in range(2):
        transcribe.add_client_error("start_transcription_job", code, expected_params=STARTED)
    transcribe.add_response("start_transcription_job", state("QUEUED"), STARTED)
    transcriber.start(JOB, 100)
    assert clock.slept == [5, 10]


def test_a_transcribe_that_stays_busy_is_given_up(
    transcriber: Transcriber, transcribe: Stubber, clock: Clock
) -> None:
    for _ in range(2):
        transcribe.add_client_error("start_transcription_job", "LimitExceededException")
    with pytest.raises(TranscriptionTimedOut, match=r"Transcribe is busy \(LimitExceeded"):
        transcriber.transcribe(JOB, seconds=14)
    assert clock.slept == [5]


def test_a_wait_that_is_throttled_goes_on(
    transcriber: Transcriber, transcribe: Stubber, clock: Clock
) -> None:
    transcribe.add_client_error("get_transcription_job", "ThrottlingException")
    transcribe.add_response("get_transcription_job", completed(), NAMED)
    assert transcriber.wait(JOB, 100)["TranscriptionJobStatus"] == "COMPLETED"
    assert clock.slept == [5]


# -- reading and deleting --------------------------------------------------------------------------


def test_a_transcript_in_another_bucket_is_not_looked_for(transcriber: Transcriber) -> None:
    uri = "https://s3.us-east-1.amazonaws.com/aws-transcribe/1/asrOutput.json"
    with pytest.raises(UnreadableTranscript, match=r"asrOutput\.json, not in texts"):
        transcriber.read(JOB, completed(uri)["TranscriptionJob"])


@pytest.mark.parametrize(
    "document", [b"{", b"{}", b"[]", b'{"results": {"transcripts": []}}', b'{"results": 1}']
)
def test_a_document_that_is_no_transcript_is_named(
    transcriber: Transcriber, s3: Stubber, document: bytes
) -> None:
    s3.add_response("get_object", {"Body": streamed(document)}, PLACE)
    with pytest.raises(UnreadableTranscript, match=r"call%2017\.json is no transcript"):
        transcriber.read(JOB, completed()["TranscriptionJob"])


@pytest.mark.parametrize("code", ["BadRequestException", "NotFoundException"])
def test_a_job_that_is_gone_is_as_good_as_deleted(
    transcriber: Transcriber, transcribe: Stubber, code: str
) -> None:
    transcribe.add_client_error("delete_transcription_job", code, expected_params=NAMED)
    transcriber.delete(JOB)


def test_a_job_that_one_may_not_delete_is_an_error(
    transcriber: Transcriber, transcribe: Stubber
) -> None:
    transcribe.add_client_error("delete_transcription_job", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        transcriber.delete(JOB)


def test_the_store_may_be_at_another_place(clients: StubbedSession) -> None:
    Transcriber(clients, "http://127.0.0.1:1", "http://127.0.0.1:2")
    assert clients.made == [
        ("transcribe", {"endpoint_url": "http://127.0.0.1:1"}),
        ("s3", {"endpoint_url": "http://127.0.0.1:2"}),
    ]
