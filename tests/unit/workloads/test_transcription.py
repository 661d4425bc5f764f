"""The transcriber: lost answers, throttling, unreadable transcripts, and jobs that remain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from unit.workloads.stub import streamed
from workloads.transcription import (
    Job,
    JobExists,
    Transcriber,
    TranscriptionFailed,
    TranscriptionTimedOut,
    UnreadableTranscript,
)

JOB = Job("call-17", "s3://calls/17.wav", "texts")
URI = "https://s3.us-east-1.amazonaws.com/texts/call%2017.json"
MAY_RUN = "It is not known whether the job call-17 was started: it may be running."
NOT_DELETED = "The job call-17 could not be deleted."


def refused(code: str, status: int = 400, *, retried: int = 0) -> ClientError:
    """An error as botocore raises it, with how often it had sent the call before."""
    metadata = {"HTTPStatusCode": status, "RetryAttempts": retried}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "Operation")


def state(status: str, **more: Any) -> dict[str, Any]:
    media = {"MediaFileUri": JOB.media_uri}
    job = {"TranscriptionJobStatus": status, "Media": media, "LanguageCode": "en-US", **more}
    return {"TranscriptionJob": job}


def completed(uri: str = URI) -> dict[str, Any]:
    return state("COMPLETED", Transcript={"TranscriptFileUri": uri})


# A job exists already, and botocore did not or did retry: the first answer may have been lost.
EXISTS, LOST = (refused("ConflictException", retried=times) for times in (0, 1))
BUSY, BUSY_AGAIN = (refused("LimitExceededException", retried=times) for times in (0, 1))
DENIED, UNKNOWN = refused("AccessDeniedException"), refused("BadRequestException")
RUNNING = state("IN_PROGRESS")
FAILED = state("FAILED", FailureReason="The audio is silence.")
OTHERS = [
    state("IN_PROGRESS", Media={"MediaFileUri": "s3://calls/18.wav"}),
    state("IN_PROGRESS", LanguageCode="de-DE"),
    completed(URI.replace("texts", "others")),
]


class Transcribe:
    """A transcriber whose calls of Transcribe have these outcomes, and its own clock."""

    def __init__(self, *outcomes: Sequence[Any], document: bytes = b"") -> None:
        self.outcomes = [*outcomes, [], [], []][:3]
        self.pauses: list[float] = []
        self.client = mock.Mock()
        self.calls = [
            getattr(self.client, f"{verb}_transcription_job") for verb in ("start", "get", "delete")
        ]
        for call, answers in zip(self.calls, self.outcomes):
            call.side_effect = answers
        self.client.get_object.side_effect = lambda **_: {"Body": streamed(document)}
        self.transcriber = Transcriber(
            mock.Mock(**{"client.return_value": self.client}),
            clock=lambda: sum(self.pauses),
            sleep=self.pauses.append,
        )

    def assert_all_were_needed(self) -> None:
        assert [each.call_count for each in self.calls] == [len(each) for each in self.outcomes]


@pytest.mark.parametrize(
    ("starts", "gets", "deletes", "error", "messages"),
    [
        # A job whose answer was lost is found again, waited for and deleted.
        ([LOST], [RUNNING, FAILED], [{}], TranscriptionFailed, []),
        ([BUSY_AGAIN, EXISTS], [RUNNING, FAILED], [{}], TranscriptionFailed, []),
        # A job with other parameters is not ours, nor is one that the first answer reports.
        *(([LOST], [job], [], JobExists, []) for job in OTHERS),
        ([EXISTS], [], [], JobExists, []),
        # A refused job does not exist.
        ([UNKNOWN], [], [], ClientError, []),
        ([BUSY] * 3, [], [], TranscriptionTimedOut, []),
        # It is unknown whether the job was started.
        ([ReadTimeoutError(endpoint_url="https://aws")], [], [], ReadTimeoutError, [MAY_RUN]),
        ([KeyboardInterrupt()], [], [], KeyboardInterrupt, [MAY_RUN]),
        ([refused("InternalFailure", 501)], [], [], ClientError, [MAY_RUN]),
        ([LOST], [DENIED], [], ClientError, [MAY_RUN]),
        ([BUSY_AGAIN, BUSY, BUSY], [], [], TranscriptionTimedOut, [MAY_RUN]),
        # An interrupt is raised after the clean-up, or during it.
        ([{}], [KeyboardInterrupt()], [{}], KeyboardInterrupt, []),
        ([{}], [FAILED], [KeyboardInterrupt()], KeyboardInterrupt, [NOT_DELETED]),
        # Transcribe gives the same answer for an unknown job and for a running one.
        ([{}], [RUNNING] * 4, [UNKNOWN], TranscriptionTimedOut, [NOT_DELETED]),
        ([{}], [FAILED, UNKNOWN], [UNKNOWN], TranscriptionFailed, []),
        ([{}], [FAILED, DENIED], [UNKNOWN], TranscriptionFailed, [NOT_DELETED]),
    ],
)
def test_a_transcription_that_ends_in_an_error_logs_a_job_that_may_be_left(
    starts: list[Any],
    gets: list[Any],
    deletes: list[Any],
    error: type[BaseException],
    messages: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    aws = Transcribe(starts, gets, deletes)
    with pytest.raises(error):
        aws.transcriber.transcribe(JOB, seconds=20)
    assert caplog.messages == messages
    aws.assert_all_were_needed()


def test_a_throttled_call_is_retried_with_growing_pauses() -> None:
    aws = Transcribe([*[BUSY] * 6, {}], [refused("ThrottlingException"), completed()])
    aws.transcriber.start(JOB, 1000)
    assert aws.pauses == [5, 10, 20, 40, 60, 60]
    assert aws.transcriber.wait(JOB, 1000)["TranscriptionJobStatus"] == "COMPLETED"
    assert aws.pauses[6:] == [5]
    aws.assert_all_were_needed()


def test_the_text_of_a_job_that_could_not_be_deleted_is_returned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    document = b'{"results": {"transcripts": [{"transcript": "Hello."}]}}'
    aws = Transcribe([{}], [completed()], [DENIED], document=document)
    assert aws.transcriber.transcribe(JOB) == "Hello."
    aws.client.get_object.assert_called_once_with(Bucket="texts", Key="call 17.json")
    assert caplog.messages == [NOT_DELETED]


@pytest.mark.parametrize(
    ("uri", "document", "message"),
    [
        (URI.replace("texts", "others"), b"", "json, not in texts"),
        *((URI, document, "is no transcript") for document in (b"{", b"{}", b"[]")),
        (URI, b'{"results": {"transcripts": []}}', "is no transcript"),
    ],
)
def test_a_document_that_is_no_transcript_is_named(uri: str, document: bytes, message: str) -> None:
    with pytest.raises(UnreadableTranscript, match=message):
        Transcribe(document=document).transcriber.read(JOB, completed(uri)["TranscriptionJob"])
