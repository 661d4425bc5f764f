"""If an answer is lost, the job is found again, or a message says that it may be running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from unit.workloads.transcription.requests import JOB, NAMED, URI
from unit.workloads.transcription.scripted_network import (
    LOST,
    Outcome,
    ScriptedNetwork,
    refuses,
    shows,
)
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
NOT_DELETED = "The job call-17 could not be deleted."
OURS = {
    **NAMED,
    "TranscriptionJobStatus": "IN_PROGRESS",
    "Media": {"MediaFileUri": "s3://calls/17.wav"},
    "LanguageCode": "en-US",
}
DONE = {**OURS, "Transcript": {"TranscriptFileUri": URI}}
FAILED = {**OURS, "TranscriptionJobStatus": "FAILED"}
STARTED = shows(OURS)
EXISTS = refuses("ConflictException")
OTHERS = [
    {**OURS, "Media": {"MediaFileUri": "s3://calls/18.wav"}},
    {**OURS, "LanguageCode": "de-DE"},
    {**DONE, "Transcript": {"TranscriptFileUri": URI.replace("texts", "others")}},
]


@pytest.fixture
def network(client_of: Callable[[str], Any]) -> Iterator[ScriptedNetwork]:
    with ScriptedNetwork(client_of("transcribe")).active() as network:
        yield network


@pytest.fixture
def transcriber(network: ScriptedNetwork, clock: Clock) -> Transcriber:
    session = mock.Mock(**{"client.return_value": network.client})
    return Transcriber(session, clock=clock, sleep=clock.sleep)


@pytest.mark.parametrize("job", [OURS, DONE])
def test_a_job_whose_answer_was_lost_is_found_again(
    transcriber: Transcriber, network: ScriptedNetwork, job: dict[str, Any]
) -> None:
    network.outcomes = [LOST, EXISTS, shows(job)]
    transcriber.start(JOB, 100)
    assert network.requests == [START, START, GET]


def test_a_lost_answer_is_remembered_after_a_throttled_one(
    transcriber: Transcriber, network: ScriptedNetwork, clock: Clock
) -> None:
    # After these three, botocore has no retries left; the next start is a new call.
    network.outcomes = [LOST, LOST, refuses("LimitExceededException"), EXISTS, shows(OURS)]
    transcriber.start(JOB, 100)
    assert network.requests == [START, START, START, START, GET]
    assert clock.pauses == [5]


@pytest.mark.parametrize(
    ("outcomes", "error", "requests", "messages"),
    [
        # A job that was found again is waited for and deleted.
        (
            [LOST, EXISTS, shows(OURS), shows(FAILED), (200, {})],
            TranscriptionFailed,
            [START, START, GET, GET, DELETE],
            [],
        ),
        # A job with other parameters is not ours, nor is one that the first answer reports.
        *(([LOST, EXISTS, shows(job)], JobExists, [START, START, GET], []) for job in OTHERS),
        ([EXISTS], JobExists, [START], []),
        # A refused job does not exist.
        ([refuses("BadRequestException")], ClientError, [START], []),
        # It is unknown whether the job was started.
        ([LOST], ReadTimeoutError, [START, ...], [MAY_RUN]),
        ([KeyboardInterrupt()], KeyboardInterrupt, [START], [MAY_RUN]),
        ([LOST, refuses("ExpiredTokenException")], ClientError, [START, START], [MAY_RUN]),
        ([refuses("InternalFailure", 501)], ClientError, [START], [MAY_RUN]),
        (
            [LOST, EXISTS, refuses("AccessDeniedException")],
            ClientError,
            [START, START, GET],
            [MAY_RUN],
        ),
        (
            [LOST, refuses("LimitExceededException")],
            TranscriptionTimedOut,
            [START, START, ...],
            [MAY_RUN],
        ),
        # An interrupt is raised after the clean-up, or during it.
        ([STARTED, KeyboardInterrupt(), (200, {})], KeyboardInterrupt, [START, GET, DELETE], []),
        (
            [STARTED, shows(FAILED), KeyboardInterrupt()],
            KeyboardInterrupt,
            [START, GET, DELETE],
            [NOT_DELETED],
        ),
    ],
)
def test_a_transcription_that_ends_in_an_error_logs_a_job_that_may_be_left(
    transcriber: Transcriber,
    network: ScriptedNetwork,
    caplog: pytest.LogCaptureFixture,
    outcomes: list[Outcome],
    error: type[BaseException],
    requests: list[Any],
    messages: list[str],
) -> None:
    network.outcomes = outcomes[:]
    with pytest.raises(error):
        transcriber.transcribe(JOB, seconds=1)
    if requests[-1] is ...:  # as often as this botocore retries
        assert {*network.requests} == {*requests[:-1]}
        requests = network.requests
    assert network.requests == requests
    assert caplog.messages == messages
