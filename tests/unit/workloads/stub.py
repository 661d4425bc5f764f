"""Clients of AWS whose every request and answer a test writes down beforehand."""

from __future__ import annotations

import copy
import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.response import StreamingBody
from botocore.stub import Stubber

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Step:
    """One request with its answer, or the code of its refusal, and the requests that undo it."""

    operation: str
    parameters: dict[str, Any]
    answer: dict[str, Any] = field(default_factory=dict)
    undone_by: tuple[Step, ...] = ()
    refusal: str = ""

    def __str__(self) -> str:
        return self.operation


class Stub:
    """A client, and what it will be asked, in this order and with exactly these parameters."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self._stubber = Stubber(client)
        self._unexpected: list[str] = []

    def answers(
        self, operation: str, parameters: dict[str, Any], answer: dict[str, Any] | None = None
    ) -> None:
        """Expect an operation, and answer it."""
        # A copy: botocore decodes the policies in an answer where they stand. And some waiters
        # look at the status.
        metadata = {"ResponseMetadata": {"HTTPStatusCode": 200}}
        self._stubber.add_response(
            operation, {**copy.deepcopy(answer or {}), **metadata}, parameters
        )

    def refuses(
        self,
        operation: str,
        parameters: dict[str, Any],
        code: str,
        message: str = "so it is",
        status: int = 400,
    ) -> None:
        """Expect an operation, and answer it with an error of the service."""
        self._stubber.add_client_error(
            operation, code, message, http_status_code=status, expected_params=parameters
        )

    def plays(self, steps: Sequence[Step]) -> None:
        """Expect steps, and answer all of them."""
        for step in steps:
            if step.refusal:
                self.refuses(step.operation, step.parameters, step.refusal)
            else:
                self.answers(step.operation, step.parameters, step.answer)

    def plays_until(self, steps: Sequence[Step], failing: int, code: str) -> None:
        """Expect steps up to one that is refused, and then that the others are undone."""
        self.plays(steps[:failing])
        self.refuses(steps[failing].operation, steps[failing].parameters, code)
        for step in reversed(steps[:failing]):
            self.plays(step.undone_by)

    @contextmanager
    def active(self) -> Iterator[Stub]:
        """Stand between the client and the network; in the end, what was expected has come.

        And nothing else, not even where the program swallowed the error that this was.
        """
        events, every = self.client.meta.events, "provide-client-params.*.*"
        events.register(every, self._look_at)
        try:
            with self._stubber:
                yield self
                self._stubber.assert_no_pending_responses()
            assert not self._unexpected, f"Nobody expected {', '.join(self._unexpected)}."
        finally:
            events.unregister(every, self._look_at)

    def _look_at(self, model: Any, **_: object) -> None:
        try:
            self._stubber.assert_no_pending_responses()
        except AssertionError:
            return
        self._unexpected.append(model.name)


def streamed(content: bytes, length: int | None = None) -> StreamingBody:
    """Give the body of an answer; one that says another length than it has breaks off."""
    return StreamingBody(io.BytesIO(content), len(content) if length is None else length)
