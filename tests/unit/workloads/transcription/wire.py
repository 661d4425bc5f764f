"""The wire to Transcribe, on which answers get lost and Ctrl-C is pressed; botocore is real."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: No answer came before the client's time was up.
LOST = ReadTimeoutError(endpoint_url="https://transcribe.us-east-1.amazonaws.com")
_TYPE = {"Content-Type": "application/x-amz-json-1.1"}


class Wire:
    """What comes of each request, in this order: an answer, or an error instead of one.

    The last one comes again and again, as releases of botocore differ in how often they ask.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self.asked: list[str] = []
        self._comes: list[Callable[[], AWSResponse] | BaseException] = []

    def answers(self, content: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(content).encode()
        self._comes.append(lambda: AWSResponse("", status, _TYPE, _Body(body)))

    def shows(self, job: dict[str, Any]) -> None:
        self.answers({"TranscriptionJob": job})

    def refuses(self, code: str, status: int = 400) -> None:
        self.answers({"__type": code, "message": "so it is"}, status)

    def breaks(self, *errors: BaseException) -> None:
        self._comes += errors

    @contextmanager
    def laid(self) -> Iterator[Wire]:
        """Stand between botocore and the network; in the end, all that was written down came."""
        events = self.client.meta.events
        events.register("before-send.transcribe", self._send)
        try:
            with mock.patch("botocore.endpoint.time"):  # it sleeps before it repeats a request
                yield self
        finally:
            events.unregister("before-send.transcribe", self._send)
        assert len(self._comes) <= 1, f"Nobody asked for {self._comes[1:]}."

    def _send(self, request: Any, **_: object) -> AWSResponse:
        self.asked.append(request.headers["X-Amz-Target"].decode().rpartition(".")[2])
        comes = self._comes.pop(0) if len(self._comes) > 1 else self._comes[0]
        if isinstance(comes, BaseException):
            raise comes
        return comes()


class _Body(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()
