"""The transcriber: every call of both clients, and every way in which there is no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from unit.workloads.stub import Stub, streamed
from unit.workloads.transcription.answers import (
    JOB,
    NAMED,
    PLACE,
    STARTED,
    TEXT,
    completed,
    deleted,
    found,
    started,
    state,
)
from workloads import transcription
from workloads.transcription import (
    JobExists,
    Transcriber,
    TranscriptionFailed,
    TranscriptionTimedOut,
    UnreadableTranscript,
)

if TYPE_CHECKING:
    from unittest import mock

    from unit.workloads.transcription.conftest import Clock

# -- the whole -------------------------------------------------------------------------------------


def test_a_job_is_started_waited_for_read_and_deleted(
    transcriber: Transcriber, transcribe: Stub, s3: Stub, clock: Clock
) -> None:
    started(transcribe)
    found(transcribe, state("QUEUED"), state("IN_PROGRESS"), completed())
    s3.answers("get_object", PLACE, {"Body": streamed(TEXT)})
    deleted(transcribe)
    assert transcriber.transcribe(JOB) == "Hello."
    assert clock.slept == [5, 10]


def test_the_example_of_the_module_is_true(aws: mock.Mock, transcribe: Stub, s3: Stub) -> None:
    started(transcribe)
    found(transcribe, completed())
    s3.answers("get_object", PLACE, {"Body": streamed(TEXT)})
    deleted(transcribe)
    (example,) = [line for line in str(transcription.__doc__).splitlines() if " = " in line]
    names = {**vars(transcription), "session": aws}
    exec(example.strip(), names)
    assert names["text"] == "Hello."


@pytest.mark.parametrize("more", [{"FailureReason": "The audio is silence."}, {}])
def test_a_job_that_failed_says_why_and_is_deleted(
    transcriber: Transcriber, transcribe: Stub, more: dict[str, str]
) -> None:
    started(transcribe)
    found(transcribe, state("FAILED", **more))
    deleted(transcribe)
    reason = more.get("FailureReason", "no reason was given")
    with pytest.raises(TranscriptionFailed, match=f"The job 'call-17' failed: {reason}"):
        transcriber.transcribe(JOB)


def test_a_text_that_cannot_be_read_leaves_no_job(
    transcriber: Transcriber, transcribe: Stub, s3: Stub
) -> None:
    started(transcribe)
    found(transcribe, completed())
    s3.refuses("get_object", PLACE, "NoSuchKey")
    deleted(transcribe)
    with pytest.raises(ClientError, match="NoSuchKey"):
        transcriber.transcribe(JOB)


# -- starting --------------------------------------------------------------------------------------


def test_a_job_that_somebody_else_started_is_neither_used_nor_deleted(
    transcriber: Transcriber, transcribe: Stub
) -> None:
    transcribe.refuses("start_transcription_job", STARTED, "ConflictException")
    with pytest.raises(JobExists, match=r"The job 'call-17' exists already.*another name"):
        transcriber.transcribe(JOB)


def test_audio_that_transcribe_refuses_is_an_error_at_once(
    transcriber: Transcriber, transcribe: Stub, clock: Clock
) -> None:
    transcribe.refuses("start_transcription_job", STARTED, "BadRequestException")
    with pytest.raises(ClientError, match="BadRequestException"):
        transcriber.transcribe(JOB)
    assert clock.slept == []


# -- waiting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException"])
def test_a_busy_transcribe_is_asked_again_later_and_later(
    transcriber: Transcriber, transcribe: Stub, clock: Clock, code: str
) -> None:
    for _ in range(6):
        transcribe.refuses("start_transcription_job", STARTED, code)
    started(transcribe)
    transcriber.start(JOB, 1000)
    assert clock.slept == [5, 10, 20, 40, 60, 60]


def test_a_transcribe_that_stays_busy_is_given_up_and_has_no_job_to_be_logged(
    transcriber: Transcriber, transcribe: Stub, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        transcribe.refuses("start_transcription_job", STARTED, "LimitExceededException")
    with pytest.raises(TranscriptionTimedOut, match=r"Transcribe is busy \(LimitExceeded"):
        transcriber.transcribe(JOB, seconds=14)
    assert clock.slept == [5]
    assert caplog.messages == []


def test_a_wait_that_is_throttled_goes_on(
    transcriber: Transcriber, transcribe: Stub, clock: Clock
) -> None:
    transcribe.refuses("get_transcription_job", NAMED, "ThrottlingException")
    found(transcribe, completed())
    assert transcriber.wait(JOB, 100)["TranscriptionJobStatus"] == "COMPLETED"
    assert clock.slept == [5]


def test_a_job_that_one_may_not_look_at_is_an_error_at_once(
    transcriber: Transcriber, transcribe: Stub, clock: Clock
) -> None:
    transcribe.refuses("get_transcription_job", NAMED, "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        transcriber.wait(JOB, 100)
    assert clock.slept == []


# -- reading and deleting --------------------------------------------------------------------------


def test_a_transcript_in_another_bucket_is_not_looked_for(transcriber: Transcriber) -> None:
    uri = "https://s3.us-east-1.amazonaws.com/aws-transcribe/1/asrOutput.json"
    with pytest.raises(UnreadableTranscript, match=r"asrOutput\.json, not in texts"):
        transcriber.read(JOB, completed(uri)["TranscriptionJob"])


@pytest.mark.parametrize(
    "document", [b"{", b"{}", b"[]", b'{"results": {"transcripts": []}}', b'{"results": 1}']
)
def test_a_document_that_is_no_transcript_is_named(
    transcriber: Transcriber, s3: Stub, document: bytes
) -> None:
    s3.answers("get_object", PLACE, {"Body": streamed(document)})
    with pytest.raises(UnreadableTranscript, match=r"call%2017\.json is no transcript"):
        transcriber.read(JOB, completed()["TranscriptionJob"])


@pytest.mark.parametrize("code", ["BadRequestException", "NotFoundException"])
def test_a_job_that_is_gone_is_as_good_as_deleted(
    transcriber: Transcriber, transcribe: Stub, code: str
) -> None:
    transcribe.refuses("delete_transcription_job", NAMED, code)
    transcribe.refuses("get_transcription_job", NAMED, code)
    transcriber.delete(JOB)


def test_a_job_that_is_still_there_was_not_deleted(
    transcriber: Transcriber, transcribe: Stub
) -> None:
    transcribe.refuses("delete_transcription_job", NAMED, "BadRequestException")
    found(transcribe, state("IN_PROGRESS"))
    with pytest.raises(ClientError, match="DeleteTranscriptionJob"):
        transcriber.delete(JOB)


def test_a_job_that_one_may_not_look_at_is_not_taken_for_deleted(
    transcriber: Transcriber, transcribe: Stub
) -> None:
    transcribe.refuses("delete_transcription_job", NAMED, "BadRequestException")
    transcribe.refuses("get_transcription_job", NAMED, "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        transcriber.delete(JOB)


def test_a_job_that_one_may_not_delete_is_an_error(
    transcriber: Transcriber, transcribe: Stub
) -> None:
    transcribe.refuses("delete_transcription_job", NAMED, "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        transcriber.delete(JOB)


def test_the_store_may_be_at_another_place(aws: mock.Mock) -> None:
    Transcriber(aws, "http://127.0.0.1:1", "http://127.0.0.1:2")
    aws.client.assert_any_call("transcribe", endpoint_url="http://127.0.0.1:1")
    aws.client.assert_any_call("s3", endpoint_url="http://127.0.0.1:2")
