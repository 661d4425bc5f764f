"""What a store answers when it is not well, for the script of a gateway."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape

from botocore_redirect.testing.server.exchange import Answer, Origin, Received, expect, expect_parts


@dataclass(frozen=True)
class Fault:
    """An error of S3 as an answer: `Fault()` is 503 SlowDown, `Fault(500, "InternalError")`.

    `headers` are added, such as `headers=(("Retry-After", "1"),)`.
    """

    status: int = 503
    code: str = "SlowDown"
    message: str = "Please reduce your request rate."
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        expect_parts(self, status="a number, such as 503; the code comes after it")
        for name in ("code", "message"):
            value = getattr(self, name)
            expect(isinstance(value, str), f"{name} of Fault", value, "text")

    def answer(self, received: Received, origin: Origin) -> Answer:
        """Make the answer to this request."""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f"<Error><Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message>"
            "</Error>"
        ).encode()
        headers = (("Content-Type", "application/xml"), *self.headers)
        return Answer(self.status, headers, body).answer(received, origin)


class NoAnswer(Enum):
    """The type of `HANG_UP` and `SILENCE`."""

    HANG_UP = "the connection is closed without an answer"
    SILENCE = "the request is read, and nothing said until the client or the gateway is closed"

    def __repr__(self) -> str:
        return self.name

    def answer(self, received: Received, origin: Origin) -> Answer:  # noqa: ARG002 - as a Redirect's
        """Make the answer that is none."""
        return Answer(0, hangs_up=True, waits=self is NoAnswer.SILENCE)


HANG_UP = NoAnswer.HANG_UP
SILENCE = NoAnswer.SILENCE
