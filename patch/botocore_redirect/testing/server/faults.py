"""Steps of a script for a store in trouble: errors of S3, and connections without a response."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape

from botocore_redirect.testing.server.exchange import (
    GetOrigin,
    Received,
    Response,
    require,
    require_parts,
)


@dataclass(frozen=True)
class Fault:
    """Respond with an error of S3: `Fault()` is 503 SlowDown, `Fault(500, "InternalError")`.

    `headers` are added, such as `headers=(("Retry-After", "1"),)`.
    """

    status: int = 503
    code: str = "SlowDown"
    message: str = "Please reduce your request rate."
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        require_parts(self, status="a number, such as 503; the code comes after it")
        for name in ("code", "message"):
            value = getattr(self, name)
            require(isinstance(value, str), f"{name} of Fault", value, "text")

    def respond(self, received: Received, get_origin: GetOrigin) -> Response:
        """Make the response to this request."""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f"<Error><Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message>"
            "</Error>"
        ).encode()
        headers = (("Content-Type", "application/xml"), *self.headers)
        return Response(self.status, headers, body).respond(received, get_origin)


class NoResponse(Enum):
    """The type of `HANG_UP` and `SILENCE`."""

    HANG_UP = "close the connection without a response"
    SILENCE = "read the request and send nothing until the client or the gateway is closed"

    def __repr__(self) -> str:
        return self.name

    def respond(self, received: Received, get_origin: GetOrigin) -> Response:  # noqa: ARG002 - as a Redirect's
        """Make the response that is never sent."""
        return Response(0, hangs_up=True, waits=self is NoResponse.SILENCE)


HANG_UP = NoResponse.HANG_UP
SILENCE = NoResponse.SILENCE
