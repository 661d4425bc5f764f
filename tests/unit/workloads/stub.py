"""Clients of AWS whose requests and answers a test defines beforehand."""

from __future__ import annotations

import copy
import io
from typing import Any

from botocore.response import StreamingBody
from botocore.stub import Stubber


class Stub:
    """A client that expects these requests, in this order and with exactly these parameters."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.stubber = Stubber(client)

    def answers(self, operation: str, parameters: dict[str, Any], *answers: dict[str, Any]) -> None:
        """Expect an operation once for each answer; without one, answer it with nothing."""
        metadata = {"ResponseMetadata": {"HTTPStatusCode": 200}}  # some waiters look at it
        for answer in answers or ({},):
            # A copy, as botocore decodes the policies in an answer in place.
            self.stubber.add_response(operation, {**copy.deepcopy(answer), **metadata}, parameters)

    def refuses(
        self, operation: str, parameters: dict[str, Any], *codes: str, status: int = 400
    ) -> None:
        """Expect an operation once for each code, and answer it with that error of the service."""
        for code in codes:
            self.stubber.add_client_error(
                operation, code, "refused", http_status_code=status, expected_params=parameters
            )


def streamed(content: bytes, length: int | None = None) -> StreamingBody:
    """Return the body of an answer; one that declares a greater length breaks off."""
    return StreamingBody(io.BytesIO(content), len(content) if length is None else length)
