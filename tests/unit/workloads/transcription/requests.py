"""The requests for the job `call-17`, and the answers of Transcribe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from unit.workloads.stub import streamed
from workloads.transcription import Job

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

JOB = Job("call-17", "s3://calls/17.wav", "texts")
NAMED = {"TranscriptionJobName": "call-17"}
START = {
    **NAMED,
    "LanguageCode": "en-US",
    "Media": {"MediaFileUri": "s3://calls/17.wav"},
    "OutputBucketName": "texts",
}
OBJECT = {"Bucket": "texts", "Key": "call 17.json"}
URI = "https://s3.us-east-1.amazonaws.com/texts/call%2017.json"
TEXT = json.dumps({"results": {"transcripts": [{"transcript": "Hello."}]}}).encode()


def state(status: str, **more: Any) -> dict[str, Any]:
    return {"TranscriptionJob": {"TranscriptionJobStatus": status, **more}}


def completed(uri: str = URI) -> dict[str, Any]:
    return state("COMPLETED", Transcript={"TranscriptFileUri": uri})


def expect_job(transcribe: Stub, *states: dict[str, Any]) -> None:
    """Expect the start of the job, and a request for each of its states."""
    transcribe.answers("start_transcription_job", START, state("QUEUED"))
    transcribe.answers("get_transcription_job", NAMED, *states)


def expect_text(s3: Stub, document: bytes = TEXT) -> None:
    s3.answers("get_object", OBJECT, {"Body": streamed(document)})
