"""A job that may still be there when the transcriber has ended is logged."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from unit.workloads.stub import Stub, streamed
from unit.workloads.transcription.answers import (
    JOB,
    NAMED,
    PLACE,
    TEXT,
    completed,
    found,
    started,
    state,
)
from workloads.transcription import Transcriber, TranscriptionTimedOut

if TYPE_CHECKING:
    from unit.workloads.transcription.conftest import Clock


def test_a_job_that_takes_too_long_is_given_up_and_logged_as_it_cannot_be_deleted(
    transcriber: Transcriber, transcribe: Stub, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    started(transcribe)
    found(transcribe, *[state("IN_PROGRESS")] * 7)
    transcribe.refuses("delete_transcription_job", NAMED, "BadRequestException")
    found(transcribe, state("IN_PROGRESS"))
    with pytest.raises(TranscriptionTimedOut, match="the job 'call-17' is IN_PROGRESS"):
        transcriber.transcribe(JOB, seconds=210)
    assert clock.slept == [5, 10, 20, 40, 60, 60]
    assert "The job call-17 could not be deleted." in caplog.text


def test_a_job_that_could_not_be_deleted_is_logged_and_the_text_is_returned(
    transcriber: Transcriber, transcribe: Stub, s3: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    started(transcribe)
    found(transcribe, completed())
    s3.answers("get_object", PLACE, {"Body": streamed(TEXT)})
    transcribe.refuses("delete_transcription_job", NAMED, "AccessDeniedException")
    with caplog.at_level(logging.ERROR):
        assert transcriber.transcribe(JOB) == "Hello."
    assert "The job call-17 could not be deleted." in caplog.text
