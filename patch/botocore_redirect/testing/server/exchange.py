"""What passes through a gateway: the request as it arrived, and the response to it."""

from __future__ import annotations

import http.client
import io
from dataclasses import dataclass, field, replace
from email.message import Message
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol, Union

from botocore_redirect.testing.server.request_body import read_body

if TYPE_CHECKING:
    from typing_extensions import Self


class Same(Enum):
    """The type of `SAME`."""

    SAME = "the target's origin + the request target exactly as received"

    def __repr__(self) -> str:
        return self.name


SAME = Same.SAME


@dataclass
class Received:
    """One request as it arrived.

    `target` is the request target byte for byte (latin-1), doubled slashes included. `body_bytes`
    counts the bytes of the body that were read from the socket, chunk framing included: 0 if the
    response came first. `connection` numbers the TCP connections from 1. `status` is that of the
    response, 0 if there was none. `redirected` is True if the gateway itself redirected the
    request; a redirect that its upstream sent does not count.
    """

    method: str
    target: str
    headers: Message = field(default_factory=Message)
    connection: int = 0
    body: bytes = b""
    body_bytes: int = 0
    status: int = 0
    redirected: bool = False

    @property
    def raw_headers(self) -> list[tuple[str, str]]:
        """All headers in the order of the wire, repeated ones too."""
        return list(self.headers.items())

    @property
    def path(self) -> str:
        """The path as it arrived, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query string as it arrived, without its question mark."""
        return self.target.partition("?")[2]


Location = Union[str, bytes, None, Same]
GetLocation = Callable[[Received], Location]
GetOrigin = Callable[[], str]


@dataclass(frozen=True)
class Response:
    """A response as it is written to the socket; header text is latin-1, so any byte fits.

        Response(200, body=b"<not xml", headers=(("Content-Type", "application/xml"),))

    As a step of a script it gets a Content-Length if it has no framing of its own. If the framing
    promises more than `body` holds, the response breaks off: the connection is closed after it.
    With `hangs_up` nothing is written and the connection is closed; with `waits`, once the client
    has closed it.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reason: str | None = None
    hangs_up: bool = False
    waits: bool = False

    def __post_init__(self) -> None:
        require_parts(self, status="a number, such as 200")
        is_reason = self.reason is None or _is_text(self.reason)
        require(is_reason, "reason of Response", self.reason, "text in latin-1")

    def respond(self, received: Received, get_origin: GetOrigin) -> Response:  # noqa: ARG002 - as a Redirect's
        """Return this response with its framing."""
        framed = has_body(self.status) and not (self.hangs_up or self._is_framed)
        length = (("Content-Length", str(len(self.body))),) if framed else ()
        return replace(self, headers=(*self.headers, *length))

    @property
    def is_redirect(self) -> bool:
        """Whether the status is that of a redirect."""
        return http.client.MULTIPLE_CHOICES <= self.status < http.client.BAD_REQUEST

    @property
    def breaks_off(self) -> bool:
        """Whether the body is shorter than its framing says, so that a client waits for more."""
        headers = Message()
        for name, value in self.headers:
            headers[name] = value
        return read_body(io.BytesIO(self.body), headers).problem is not None

    @property
    def _is_framed(self) -> bool:
        return any(self.header(name) for name in ("Content-Length", "Transfer-Encoding"))

    def header(self, name: str) -> str | None:
        """Return the first header of that name, in any case."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def to_wire(self, *, with_body: bool) -> bytes:
        """Return the bytes of the response, without its body where HTTP allows none."""
        reason = self.reason
        if reason is None:
            reason = http.client.responses.get(self.status, "")
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{n}: {v}" for n, v in self.headers)]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        return head + self.body if with_body and has_body(self.status) else head


def require(is_valid: bool, what: str, value: object, wanted: str) -> None:  # noqa: FBT001 - a fact
    """Raise TypeError for an invalid part of a step: where it is made, not where it is sent."""
    if not is_valid:
        raise TypeError(f"The {what} is {value!r:.99}: give {wanted}.")


def require_parts(step: Any, status: str) -> None:
    """Require of a step a status, headers and, if it has one, a body that can be sent."""
    kind = type(step).__name__
    require(isinstance(step.status, int), f"status of {kind}", step.status, status)
    are_pairs = isinstance(step.headers, (tuple, list)) and all(map(_is_pair, step.headers))
    pairs = 'pairs of text in latin-1, such as (("Retry-After", "1"),)'
    require(are_pairs, f"headers of {kind}", step.headers, pairs)
    body = getattr(step, "body", b"")
    are_bytes = isinstance(body, (bytes, bytearray, memoryview))
    require(are_bytes, f"body of {kind}", body, "bytes, such as b'text'")


def _is_pair(value: object) -> bool:
    return isinstance(value, (tuple, list)) and [*map(_is_text, value)] == [True, True]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and max(value, default="") <= "\xff"


def has_body(status: int) -> bool:
    """Tell whether HTTP allows a response of this status to have a body."""
    return status >= http.client.OK and status not in (
        http.client.NO_CONTENT,
        http.client.NOT_MODIFIED,
    )


def plain_text(status: int, text: str) -> Response:
    """Make a response that tells a person what went wrong."""
    body = text.encode()
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))))
    return Response(status, headers, body)


@dataclass(frozen=True)
class Redirect:
    """Respond with a redirect instead of relaying.

    `location` is `SAME` (the target's origin + the request target exactly as received), a str (sent
    as raw UTF-8), bytes, None for no Location header, or a function of the request that returns one
    of these. It is sent as it is, whether or not it is a valid URL.
    """

    status: int = 307
    location: Location | GetLocation = SAME
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        require_parts(self, status="a number, such as 307; `Redirect.to(origin)` says where to")
        if not callable(self.location):
            _require_location(self.location)

    @classmethod
    def to(cls, origin: str, status: int = 307) -> Self:
        """Redirect to the same path and query at this origin, such as `http://10.0.0.7:8080`."""
        require(
            isinstance(origin, str), "origin of Redirect", origin, "text, such as 'http://HOST'"
        )
        return cls(status, partial(_at, origin))

    def respond(self, received: Received, get_origin: GetOrigin) -> Response:
        """Make the response to this request; `get_origin` is called once, and only for `SAME`."""
        location = self.location(received) if callable(self.location) else self.location
        _require_location(location)
        headers = (
            [] if location is None else [("Location", _header(location, received, get_origin))]
        )
        response = Response(self.status, (*headers, *self.headers), self.body)
        return response.respond(received, get_origin)


def _require_location(value: object) -> None:
    is_valid = value is None or isinstance(value, (str, bytes, Same))
    wanted = "text, bytes, SAME, None, or a function that returns one"
    require(is_valid, "location of Redirect", value, wanted)


def _header(location: str | bytes | Same, received: Received, get_origin: GetOrigin) -> str:
    if isinstance(location, Same):
        return get_origin().rstrip("/") + received.target
    if isinstance(location, str):
        location = location.encode()
    return location.decode("latin-1")


def _at(origin: str, received: Received) -> bytes:
    return origin.rstrip("/").encode() + received.target.encode("latin-1")


class Reply(Protocol):
    """What a gateway does instead of relaying: a `Redirect`, a `Fault`, a `Response`."""

    def respond(self, received: Received, get_origin: GetOrigin) -> Response:
        """Make the response to this request; `get_origin` returns the origin of the target."""


REDIRECT_ALL = Redirect()  # as a rule: 307 to the target, whatever the request
Rule = Union[Reply, None, Callable[[Received], Optional[Reply]]]
