"""A session whose clients answer what a test says, and take nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.response import StreamingBody
from botocore.stub import Stubber


class StubbedSession:
    """Make clients of this session, each with a stubber, found by the name of the service."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.stubs: dict[str, Stubber] = {}
        self.made: list[tuple[str, dict[str, Any]]] = []

    def client(self, service: str, **settings: Any) -> Any:
        client = self._session.client(service, **settings)
        self.made.append((service, settings))
        self.stubs[service] = Stubber(client)
        self.stubs[service].activate()
        return client


@contextmanager
def stubbed(session: Any) -> Iterator[StubbedSession]:
    """Give such a session; in the end, all that was to be asked has been asked."""
    made = StubbedSession(session)
    yield made
    for stubber in made.stubs.values():
        stubber.assert_no_pending_responses()


def streamed(content: bytes, length: int | None = None) -> StreamingBody:
    """Give the body of an answer; one that says another length than it has breaks off."""
    return StreamingBody(io.BytesIO(content), len(content) if length is None else length)
