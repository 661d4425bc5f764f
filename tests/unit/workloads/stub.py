"""Clients of AWS whose requests and answers a test defines beforehand."""

from __future__ import annotations

import copy
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.response import StreamingBody
from botocore.stub import Stubber

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stub:
    """A client that expects these requests, in this order and with exactly these parameters."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self._stubber = Stubber(client)
        self._unexpected: list[str] = []

    def answers(self, operation: str, parameters: dict[str, Any], *answers: dict[str, Any]) -> None:
        """Expect an operation once for each answer; without one, answer it with nothing."""
        metadata = {"ResponseMetadata": {"HTTPStatusCode": 200}}  # some waiters look at it
        for answer in answers or ({},):
            # A copy, as botocore decodes the policies in an answer in place.
            answered = {**copy.deepcopy(answer), **metadata}
            self._stubber.add_response(operation, answered, parameters)

    def refuses(
        self,
        operation: str,
        parameters: dict[str, Any],
        code: str,
        message: str = "refused",
        *,
        status: int = 400,
        times: int = 1,
    ) -> None:
        """Expect an operation, and answer it with an error of the service."""
        for _ in range(times):
            self._stubber.add_client_error(
                operation, code, message, http_status_code=status, expected_params=parameters
            )

    @contextmanager
    def active(self) -> Iterator[Stub]:
        """Replace the network; at the end, check that exactly the expected requests were made.

        An unexpected one fails the test even if the program swallows its error.
        """
        events, every = self.client.meta.events, "provide-client-params.*.*"
        events.register(every, self._check_expected)
        try:
            with self._stubber:
                yield self
                self._stubber.assert_no_pending_responses()
            assert not self._unexpected, f"Unexpected requests: {', '.join(self._unexpected)}."
        finally:
            events.unregister(every, self._check_expected)

    def _check_expected(self, model: Any, **_: object) -> None:
        try:
            self._stubber.assert_no_pending_responses()
        except AssertionError:
            return
        self._unexpected.append(model.name)


def streamed(content: bytes, length: int | None = None) -> StreamingBody:
    """Return the body of an answer; one that declares a greater length breaks off."""
    return StreamingBody(io.BytesIO(content), len(content) if length is None else length)
