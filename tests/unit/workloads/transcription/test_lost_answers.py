"""Where no answer says whether the job was started, it is found again, or its name is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from unit.workloads.transcription.answers import JOB, NAMED, URI
from unit.workloads.transcription.wire import LOST, Wire
from workloads.transcription import (
    JobExists,
    Transcriber,
    TranscriptionFailed,
    TranscriptionTimedOut,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unit.workloads.transcription.conftest import Clock

START, GET, DELETE = (f"{verb}TranscriptionJob" for verb in ("Start", "Get", "Delete"))
MAY_RUN = "It is not known whether the job call-17 was started: it may be running."
OURS = {
    **NAMED,
    "TranscriptionJobStatus": "IN_PROGRESS",
    "Media": {"MediaFileUri": "s3://calls/17.wav"},
    "LanguageCode": "en-US",
}
DONE = {**OURS, "Transcript": {"TranscriptFileUri": URI}}


@pytest.fixture
def wire(made: Callable[[str], Any]) -> Iterator[Wire]:
    with Wire(made("transcribe")).laid() as wire:
        yield wire


@pytest.fixture
def transcriber(wire: Wire, clock: Clock) -> Transcriber:
    session = mock.Mock(**{"client.return_value": wire.client})
    return Transcriber(session, clock=clock, sleep=clock.sleep)


# -- a name that is taken --------------------------------------------------------------------------


@pytest.mark.parametrize("job", [OURS, DONE])
def test_a_job_of_ours_whose_answer_was_lost_is_found_again(
    transcriber: Transcriber, wire: Wire, job: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    wire.breaks(LOST)
    wire.refuses("ConflictException")
    wire.shows(job)
    transcriber.start(JOB, 100)
    assert wire.asked == [START, START, GET]
    assert caplog.messages == []


def test_a_job_of_ours_that_was_found_again_is_waited_for_and_deleted(
    transcriber: Transcriber, wire: Wire
) -> None:
    wire.breaks(LOST)
    wire.refuses("ConflictException")
    wire.shows(OURS)
    wire.shows({**OURS, "TranscriptionJobStatus": "FAILED"})
    wire.answers({})
    with pytest.raises(TranscriptionFailed):
        transcriber.transcribe(JOB)
    assert wire.asked == [START, START, GET, GET, DELETE]


def test_an_answer_that_was_lost_before_a_throttled_one_is_remembered(
    transcriber: Transcriber, wire: Wire, clock: Clock
) -> None:
    # Each botocore gives up after these three; what it is told next, it is told the first time.
    wire.breaks(LOST, LOST)
    wire.refuses("LimitExceededException")
    wire.refuses("ConflictException")
    wire.shows(OURS)
    transcriber.start(JOB, 100)
    assert wire.asked == [START, START, START, START, GET]
    assert clock.slept == [5]


OTHER_MEDIA = {**OURS, "Media": {"MediaFileUri": "s3://calls/18.wav"}}
OTHER_LANGUAGE = {**OURS, "LanguageCode": "de-DE"}
OTHER_BUCKET = {**DONE, "Transcript": {"TranscriptFileUri": URI.replace("texts", "others")}}


@pytest.mark.parametrize("job", [OTHER_MEDIA, OTHER_LANGUAGE, OTHER_BUCKET])
def test_a_job_about_something_else_is_not_ours_though_an_answer_was_lost(
    transcriber: Transcriber, wire: Wire, job: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    wire.breaks(LOST)
    wire.refuses("ConflictException")
    wire.shows(job)
    with pytest.raises(JobExists, match="'call-17' exists already"):
        transcriber.transcribe(JOB)
    assert wire.asked == [START, START, GET]
    assert caplog.messages == []


def test_a_job_about_the_same_is_not_ours_if_the_first_answer_says_that_it_exists(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.refuses("ConflictException")
    with pytest.raises(JobExists):
        transcriber.transcribe(JOB)
    assert wire.asked == [START]
    assert caplog.messages == []


# -- what may be running ---------------------------------------------------------------------------


def test_a_job_none_of_whose_answers_came_is_logged(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.breaks(LOST)
    with pytest.raises(ReadTimeoutError):
        transcriber.transcribe(JOB)
    assert set(wire.asked) == {START}
    assert caplog.messages == [MAY_RUN]


def test_an_interrupted_start_is_logged_and_stays_an_interrupt(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.breaks(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        transcriber.transcribe(JOB)
    assert wire.asked == [START]
    assert caplog.messages == [MAY_RUN]


def test_a_refusal_after_a_lost_answer_is_logged(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.breaks(LOST)
    wire.refuses("ExpiredTokenException")
    with pytest.raises(ClientError, match="ExpiredToken"):
        transcriber.transcribe(JOB)
    assert wire.asked == [START, START]
    assert caplog.messages == [MAY_RUN]


def test_an_error_of_the_server_is_no_refusal(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.refuses("InternalFailure", 501)
    with pytest.raises(ClientError, match="InternalFailure"):
        transcriber.transcribe(JOB)
    assert wire.asked == [START]
    assert caplog.messages == [MAY_RUN]


def test_a_job_that_one_may_not_look_at_is_logged(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.breaks(LOST)
    wire.refuses("ConflictException")
    wire.refuses("AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        transcriber.transcribe(JOB)
    assert caplog.messages == [MAY_RUN]


def test_a_time_that_is_up_after_a_lost_answer_is_logged(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.breaks(LOST)
    wire.refuses("LimitExceededException")
    with pytest.raises(TranscriptionTimedOut):
        transcriber.transcribe(JOB, seconds=1)
    assert caplog.messages == [MAY_RUN]


def test_a_job_that_was_refused_is_not_logged(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.refuses("BadRequestException")
    with pytest.raises(ClientError, match="BadRequestException"):
        transcriber.transcribe(JOB)
    assert caplog.messages == []


# -- cleaning up -----------------------------------------------------------------------------------


def test_an_interrupted_wait_deletes_the_job_and_stays_an_interrupt(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.shows(OURS)
    wire.breaks(KeyboardInterrupt())
    wire.answers({})
    with pytest.raises(KeyboardInterrupt):
        transcriber.transcribe(JOB)
    assert wire.asked == [START, GET, DELETE]
    assert caplog.messages == []


def test_an_interrupted_clean_up_is_logged_and_stays_an_interrupt(
    transcriber: Transcriber, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.shows(OURS)
    wire.shows({**OURS, "TranscriptionJobStatus": "FAILED"})
    wire.breaks(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        transcriber.transcribe(JOB)
    assert caplog.messages == ["The job call-17 could not be deleted."]
