"""Turn speech in S3 into text: start a Transcribe job, wait for it, and read its transcript.

    text = Transcriber(session).transcribe(Job("call-17", "s3://calls/17.wav", "texts"))

Transcribe cannot delete a running job: a job that exceeds its time remains, and is logged.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Callable
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

_THROTTLED = {"LimitExceededException", "ThrottlingException"}
_UNKNOWN = {"BadRequestException", "NotFoundException"}
_POLL = 5.0
_LONGEST_POLL = 60.0
_log = logging.getLogger(__name__)


class TranscriptionError(Exception):
    """The base of the errors of transcriptions."""


class TranscriptionFailed(TranscriptionError):
    """Transcribe failed to read the audio."""


class TranscriptionTimedOut(TranscriptionError):
    """It took longer than the caller allows."""


class JobExists(TranscriptionError):
    """There is a job of that name already."""


class UnreadableTranscript(TranscriptionError):
    """The transcript is at another place, or is not a transcript."""


@dataclass(frozen=True)
class Job:
    """The audio to transcribe, and where the transcript goes."""

    name: str
    media_uri: str
    output_bucket: str
    language: str = "en-US"


class Transcriber:
    """Jobs of Transcribe and their transcripts in S3.

    `s3_endpoint_url` is for a store at another endpoint. `clock` and `sleep` are for tests.
    """

    def __init__(
        self,
        session: Any,
        endpoint_url: str | None = None,
        s3_endpoint_url: str | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] = time.sleep,
    ) -> None:
        self._transcribe = session.client("transcribe", endpoint_url=endpoint_url)
        self._s3 = session.client("s3", endpoint_url=s3_endpoint_url or endpoint_url)
        self._clock = clock
        self._sleep = sleep

    def transcribe(self, job: Job, *, seconds: float = 600) -> str:
        """Start a job, wait, and read its text; in any case the job is deleted, or logged."""
        deadline = self._clock() + seconds
        self.start(job, deadline)
        try:
            return self.read(job, self.wait(job, deadline))
        finally:
            self._clean_up(job)

    def start(self, job: Job, deadline: float) -> None:
        """Start the job; an existing one is left alone, as it may be somebody else's.

        botocore retries a call whose answer was lost. If the retry finds a job with the same
        parameters, that is this job. If it stays unknown whether the job was started, a message is
        logged.
        """
        unanswered: list[BaseException] = []
        try:
            started = self._starts(job, deadline, unanswered)
        except BaseException:
            if unanswered:
                _log.exception(
                    "It is not known whether the job %s was started: it may be running.", job.name
                )
            raise
        if not started:
            raise JobExists(
                f"The job {job.name!r} exists already: choose another name, or wait for that job"
                " and delete it."
            )

    def wait(self, job: Job, deadline: float) -> Mapping[str, Any]:
        """Wait until the job is done, with growing pauses, and return its description."""
        pause = _POLL
        while True:
            state = self._state(job, deadline)
            status = state["TranscriptionJobStatus"]
            if status == "FAILED":
                reason = state.get("FailureReason", "no reason was given")
                raise TranscriptionFailed(f"The job {job.name!r} failed: {reason}")
            if status == "COMPLETED":
                return state
            self._pause(pause, deadline, f"the job {job.name!r} is {status}")
            pause = min(pause * 2, _LONGEST_POLL)

    def read(self, job: Job, state: Mapping[str, Any]) -> str:
        """Read the text from the place that Transcribe names."""
        uri = state["Transcript"]["TranscriptFileUri"]
        bucket, key = _place(uri)
        if bucket != job.output_bucket:
            raise UnreadableTranscript(
                f"The transcript of {job.name!r} is at {uri}, not in {job.output_bucket}."
            )
        document = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            (first, *_) = json.loads(document)["results"]["transcripts"]
            return str(first["transcript"])
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableTranscript(f"{uri} is no transcript: {error!r}") from error

    def delete(self, job: Job) -> None:
        """Delete the job, if there is one; the text is kept."""
        try:
            self._transcribe.delete_transcription_job(TranscriptionJobName=job.name)
        except ClientError as error:
            # Transcribe gives the same answer for an unknown job and for a running one.
            if _code(error) not in _UNKNOWN or self._is_known(job):
                raise

    def _starts(self, job: Job, deadline: float, unanswered: list[BaseException]) -> bool:
        """Start the job, and return whether the job of its name is ours.

        Errors that leave open whether it was started are added to `unanswered`.
        """

        def ask(**parameters: Any) -> None:
            try:
                self._transcribe.start_transcription_job(**parameters)
            except BaseException as error:
                if not _is_refusal(error):
                    unanswered.append(error)
                raise

        try:
            self._patiently(
                deadline,
                ask,
                TranscriptionJobName=job.name,
                LanguageCode=job.language,
                Media={"MediaFileUri": job.media_uri},
                OutputBucketName=job.output_bucket,
            )
        except ClientError as error:
            if _code(error) != "ConflictException":
                raise
            return bool(unanswered) and _is_about(job, self._state(job, deadline))
        return True

    def _clean_up(self, job: Job) -> None:
        try:
            self.delete(job)
        except BaseException as error:
            _log.exception("The job %s could not be deleted.", job.name)
            if not isinstance(error, Exception):  # the caller needs the text, or the first error
                raise

    def _is_known(self, job: Job) -> bool:
        try:
            self._transcribe.get_transcription_job(TranscriptionJobName=job.name)
        except ClientError as error:
            if _code(error) in _UNKNOWN:
                return False
            raise
        return True

    def _state(self, job: Job, deadline: float) -> Mapping[str, Any]:
        answer = self._patiently(
            deadline, self._transcribe.get_transcription_job, TranscriptionJobName=job.name
        )
        state: Mapping[str, Any] = answer["TranscriptionJob"]
        return state

    def _patiently(self, deadline: float, ask: Callable[..., Any], **parameters: Any) -> Any:
        """Retry where Transcribe throttles, beyond the retries of botocore."""
        pause = _POLL
        while True:
            try:
                return ask(**parameters)
            except ClientError as error:  # noqa: PERF203 - each call may fail
                if _code(error) not in _THROTTLED:
                    raise
                self._pause(pause, deadline, f"Transcribe is busy ({_code(error)})")
                pause = min(pause * 2, _LONGEST_POLL)

    def _pause(self, seconds: float, deadline: float, why: str) -> None:
        if self._clock() + seconds > deadline:
            raise TranscriptionTimedOut(f"The time is up, and {why}.")
        self._sleep(seconds)


def _is_refusal(error: BaseException) -> bool:
    """Return whether Transcribe received a call once and refused it: then it had no effect."""
    if not isinstance(error, ClientError):
        return False
    metadata = error.response["ResponseMetadata"]
    return metadata["HTTPStatusCode"] < HTTPStatus.INTERNAL_SERVER_ERROR and not metadata.get(
        "RetryAttempts"
    )


def _is_about(job: Job, state: Mapping[str, Any]) -> bool:
    """Return whether an existing job, perhaps a running one, has the parameters of this one."""
    uri = state.get("Transcript", {}).get("TranscriptFileUri")
    return (
        state["Media"]["MediaFileUri"] == job.media_uri
        and state["LanguageCode"] == job.language
        and (uri is None or _place(uri)[0] == job.output_bucket)
    )


def _place(uri: str) -> tuple[str, str]:
    """Return the bucket and the key of a URL in S3."""
    bucket, _, key = unquote(urlsplit(uri).path).lstrip("/").partition("/")
    return bucket, key


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
