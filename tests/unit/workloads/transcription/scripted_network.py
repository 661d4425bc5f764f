"""A network on which answers of Transcribe get lost; botocore's retries are real."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Union
from unittest import mock

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: No answer arrived in time.
LOST = ReadTimeoutError(endpoint_url="https://transcribe.us-east-1.amazonaws.com")
Outcome = Union[tuple[int, dict[str, Any]], BaseException]
_TYPE = {"Content-Type": "application/x-amz-json-1.1"}


def shows(job: dict[str, Any]) -> Outcome:
    return 200, {"TranscriptionJob": job}


def refuses(code: str, status: int = 400) -> Outcome:
    return status, {"__type": code, "message": "refused"}


class ScriptedNetwork:
    """The outcomes of all requests, in this order: a status and a document, or an error.

    The last one is repeated, as releases of botocore differ in how often they retry.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self.requests: list[str] = []
        self.outcomes: list[Outcome] = []

    @contextmanager
    def active(self) -> Iterator[ScriptedNetwork]:
        """Replace the network; at the end, check that each outcome was needed."""
        events = self.client.meta.events
        events.register("before-send.transcribe", self._send)
        try:
            with mock.patch("botocore.endpoint.time"):  # it sleeps before a retry
                yield self
        finally:
            events.unregister("before-send.transcribe", self._send)
        assert len(self.outcomes) <= 1, f"No request had the outcomes {self.outcomes[1:]}."

    def _send(self, request: Any, **_: object) -> AWSResponse:
        self.requests.append(request.headers["X-Amz-Target"].decode().rpartition(".")[2])
        outcome = self.outcomes.pop(0) if self.outcomes[1:] else self.outcomes[0]
        if isinstance(outcome, BaseException):
            raise outcome
        status, document = outcome
        return AWSResponse("", status, _TYPE, _Body(json.dumps(document).encode()))


class _Body(io.BytesIO):
    """A body as urllib3 returns it."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()
