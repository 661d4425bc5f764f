"""The transcriber: throttling, failures, unreadable transcripts, and jobs that remain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from unit.workloads.transcription.requests import (
    JOB,
    NAMED,
    START,
    completed,
    expect_job,
    expect_text,
    state,
)
from workloads import transcription
from workloads.transcription import (
    Transcriber,
    TranscriptionFailed,
    TranscriptionTimedOut,
    UnreadableTranscript,
)

if TYPE_CHECKING:
    from unittest import mock

    from unit.workloads.stub import Stub
    from unit.workloads.transcription.conftest import Clock

BUSY = "LimitExceededException"
NOT_DELETED = "The job call-17 could not be deleted."


def test_the_example_of_the_module_works(aws: mock.Mock, transcribe: Stub, s3: Stub) -> None:
    expect_job(transcribe, completed())
    expect_text(s3)
    transcribe.answers("delete_transcription_job", NAMED)
    (example,) = [line for line in str(transcription.__doc__).splitlines() if " = " in line]
    names = {**vars(transcription), "session": aws}
    exec(example.strip(), names)
    assert names["text"] == "Hello."


@pytest.mark.parametrize("more", [{"FailureReason": "The audio is silence."}, {}])
def test_a_failed_job_is_deleted_and_its_reason_given(
    transcriber: Transcriber, transcribe: Stub, clock: Clock, more: dict[str, str]
) -> None:
    expect_job(transcribe, state("QUEUED"), state("IN_PROGRESS"), state("FAILED", **more))
    transcribe.answers("delete_transcription_job", NAMED)
    reason = more.get("FailureReason", "no reason was given")
    with pytest.raises(TranscriptionFailed, match=f"The job 'call-17' failed: {reason}"):
        transcriber.transcribe(JOB)
    assert clock.pauses == [5, 10]


@pytest.mark.parametrize("code", [BUSY, "ThrottlingException"])
def test_a_throttled_call_is_retried_with_growing_pauses(
    transcriber: Transcriber, transcribe: Stub, clock: Clock, code: str
) -> None:
    transcribe.refuses("start_transcription_job", START, code, times=6)
    transcribe.answers("start_transcription_job", START, state("QUEUED"))
    transcriber.start(JOB, 1000)
    assert clock.pauses == [5, 10, 20, 40, 60, 60]
    transcribe.refuses("get_transcription_job", NAMED, code)
    transcribe.answers("get_transcription_job", NAMED, completed())
    assert transcriber.wait(JOB, 1000)["TranscriptionJobStatus"] == "COMPLETED"
    assert clock.pauses[6:] == [5]


def test_a_start_that_is_throttled_for_too_long_leaves_no_job(
    transcriber: Transcriber, transcribe: Stub, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    transcribe.refuses("start_transcription_job", START, BUSY, times=2)
    with pytest.raises(TranscriptionTimedOut, match=r"Transcribe is busy \(LimitExceeded"):
        transcriber.transcribe(JOB, seconds=14)
    assert clock.pauses == [5]
    assert caplog.messages == []


def test_a_refused_wait_is_an_error_at_once(
    transcriber: Transcriber, transcribe: Stub, clock: Clock
) -> None:
    transcribe.refuses("get_transcription_job", NAMED, "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        transcriber.wait(JOB, 100)
    assert clock.pauses == []


def test_a_job_that_takes_too_long_is_logged_as_it_cannot_be_deleted(
    transcriber: Transcriber, transcribe: Stub, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    expect_job(transcribe, *[state("IN_PROGRESS")] * 7)
    transcribe.refuses("delete_transcription_job", NAMED, "BadRequestException")
    transcribe.answers("get_transcription_job", NAMED, state("IN_PROGRESS"))
    with pytest.raises(TranscriptionTimedOut, match="the job 'call-17' is IN_PROGRESS"):
        transcriber.transcribe(JOB, seconds=210)
    assert clock.pauses == [5, 10, 20, 40, 60, 60]
    assert caplog.messages == [NOT_DELETED]


def test_the_text_of_a_job_that_could_not_be_deleted_is_returned(
    transcriber: Transcriber, transcribe: Stub, s3: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    expect_job(transcribe, completed())
    expect_text(s3)
    transcribe.refuses("delete_transcription_job", NAMED, "AccessDeniedException")
    assert transcriber.transcribe(JOB) == "Hello."
    assert caplog.messages == [NOT_DELETED]


def test_a_transcript_in_another_bucket_is_not_read(transcriber: Transcriber) -> None:
    uri = "https://s3.us-east-1.amazonaws.com/aws-transcribe/1/asrOutput.json"
    with pytest.raises(UnreadableTranscript, match=r"asrOutput\.json, not in texts"):
        transcriber.read(JOB, completed(uri)["TranscriptionJob"])


@pytest.mark.parametrize(
    "document", [b"{", b"{}", b"[]", b'{"results": {"transcripts": []}}', b'{"results": 1}']
)
def test_a_document_that_is_no_transcript_is_named(
    transcriber: Transcriber, s3: Stub, document: bytes
) -> None:
    expect_text(s3, document)
    with pytest.raises(UnreadableTranscript, match=r"call%2017\.json is no transcript"):
        transcriber.read(JOB, completed()["TranscriptionJob"])


@pytest.mark.parametrize("code", ["BadRequestException", "NotFoundException"])
def test_a_job_that_transcribe_does_not_know_counts_as_deleted(
    transcriber: Transcriber, transcribe: Stub, code: str
) -> None:
    transcribe.refuses("delete_transcription_job", NAMED, code)
    transcribe.refuses("get_transcription_job", NAMED, code)
    transcriber.delete(JOB)


@pytest.mark.parametrize(
    ("code", "known", "error"),
    [
        ("BadRequestException", state("IN_PROGRESS"), "DeleteTranscriptionJob"),
        ("BadRequestException", "AccessDeniedException", "AccessDenied"),
        ("AccessDeniedException", None, "AccessDenied"),
    ],
)
def test_a_job_that_was_not_deleted_is_an_error(
    transcriber: Transcriber, transcribe: Stub, code: str, known: Any, error: str
) -> None:
    transcribe.refuses("delete_transcription_job", NAMED, code)
    if isinstance(known, str):
        transcribe.refuses("get_transcription_job", NAMED, known)
    elif known:
        transcribe.answers("get_transcription_job", NAMED, known)
    with pytest.raises(ClientError, match=error):
        transcriber.delete(JOB)


def test_the_store_may_have_another_endpoint(aws: mock.Mock) -> None:
    Transcriber(aws, "http://127.0.0.1:1", "http://127.0.0.1:2")
    aws.client.assert_any_call("transcribe", endpoint_url="http://127.0.0.1:1")
    aws.client.assert_any_call("s3", endpoint_url="http://127.0.0.1:2")
