"""The job of these tests, and what Transcribe answers at each step of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from workloads.transcription import Job

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

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


def state(status: str, **more: Any) -> dict[str, Any]:
    return {"TranscriptionJob": {"TranscriptionJobStatus": status, **more}}


def completed(uri: str = URI) -> dict[str, Any]:
    return state("COMPLETED", Transcript={"TranscriptFileUri": uri})


def started(transcribe: Stub) -> None:
    transcribe.answers("start_transcription_job", STARTED, state("QUEUED"))


def found(transcribe: Stub, *answers: dict[str, Any]) -> None:
    for answer in answers:
        transcribe.answers("get_transcription_job", NAMED, answer)


def deleted(transcribe: Stub) -> None:
    transcribe.answers("delete_transcription_job", NAMED)
