"""What travels through a gateway: the request as it arrived, and the answer it gets."""

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
    counts what was read from the socket for the body, chunk framing included: 0 if the answer came
    first. `connection` is the ordinal of the TCP connection, from 1. `status` is that of the
    answer, 0 if there was none. `redirected` is True when that was a redirect of the gateway's own,
    not one of the upstream's.
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
        """Every header in the order of the wire, repeated ones too."""
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
LocationOf = Callable[[Received], Location]
Origin = Callable[[], str]


@dataclass(frozen=True)
class Answer:
    """An answer in the form in which it is written; header text is latin-1, so any byte fits.

        Answer(200, body=b"<not xml", headers=(("Content-Type", "application/xml"),))

    As a step of a script it is any answer at all, and gets a Content-Length if it has none. With
    one that promises more than `body`, or in chunks of which the last is missing, the answer breaks
    off: the connection is closed after it. One that `hangs_up` is not written; `waits` says that
    the client shall do it first.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reason: str | None = None
    hangs_up: bool = False
    waits: bool = False

    def __post_init__(self) -> None:
        expect_parts(self, status="a number, such as 200")
        is_reason = self.reason is None or _is_text(self.reason)
        expect(is_reason, "reason of Answer", self.reason, "text in latin-1")

    def answer(self, received: Received, origin: Origin) -> Answer:  # noqa: ARG002 - as a Redirect's
        """Make the answer to this request, which is this one."""
        framed = has_body(self.status) and not (self.hangs_up or self._is_framed)
        length = (("Content-Length", str(len(self.body))),) if framed else ()
        return replace(self, headers=(*self.headers, *length))

    @property
    def is_redirect(self) -> bool:
        """Whether the status is that of a redirect."""
        return http.client.MULTIPLE_CHOICES <= self.status < http.client.BAD_REQUEST

    @property
    def breaks_off(self) -> bool:
        """Whether the body ends before its own framing says, so that a client waits for more."""
        headers = Message()
        for name, value in self.headers:
            headers[name] = value
        return read_body(io.BytesIO(self.body), headers).problem is not None

    @property
    def _is_framed(self) -> bool:
        return any(self.header(name) for name in ("Content-Length", "Transfer-Encoding"))

    def header(self, name: str) -> str | None:
        """Look up the first header of that name, in any case."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def to_wire(self, *, with_body: bool) -> bytes:
        """Render the head, and the body unless the request was a HEAD."""
        reason = self.reason
        if reason is None:
            reason = http.client.responses.get(self.status, "")
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{n}: {v}" for n, v in self.headers)]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        return head + self.body if with_body and has_body(self.status) else head


def expect(fits: bool, what: str, value: object, wanted: str) -> None:  # noqa: FBT001 - a fact
    """Refuse a wrong part of a step with TypeError, where it is given: not where it is sent."""
    if not fits:
        raise TypeError(f"The {what} is {value!r:.99}: give {wanted}.")


def expect_parts(step: Any, status: str) -> None:
    """Expect of a step a status, headers and, if it has one, a body that can be sent."""
    kind = type(step).__name__
    expect(isinstance(step.status, int), f"status of {kind}", step.status, status)
    are_pairs = isinstance(step.headers, (tuple, list)) and all(map(_is_pair, step.headers))
    pairs = 'pairs of text in latin-1, such as (("Retry-After", "1"),)'
    expect(are_pairs, f"headers of {kind}", step.headers, pairs)
    body = getattr(step, "body", b"")
    are_bytes = isinstance(body, (bytes, bytearray, memoryview))
    expect(are_bytes, f"body of {kind}", body, "bytes, such as b'text'")


def _is_pair(value: object) -> bool:
    return isinstance(value, (tuple, list)) and [*map(_is_text, value)] == [True, True]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and max(value, default="") <= "\xff"


def has_body(status: int) -> bool:
    """Tell whether HTTP allows an answer of this status to have a body."""
    return status >= http.client.OK and status not in (
        http.client.NO_CONTENT,
        http.client.NOT_MODIFIED,
    )


def plain(status: int, text: str) -> Answer:
    """Make an answer that tells a person what went wrong."""
    body = text.encode()
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))))
    return Answer(status, headers, body)


@dataclass(frozen=True)
class Redirect:
    """What a gateway answers instead of relaying.

    `location` is `SAME` (the target's origin + the request target exactly as received), a str (sent
    as raw UTF-8), bytes, None for no Location header at all, or a function of the request that
    returns one of these. Text is sent as it is: tests send nonsense on purpose.
    """

    status: int = 307
    location: Location | LocationOf = SAME
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        expect_parts(self, status="a number, such as 307; `Redirect.to(origin)` says where to")
        if not callable(self.location):
            _expect_location(self.location)

    @classmethod
    def to(cls, origin: str, status: int = 307) -> Self:
        """Redirect to the same path and query at this origin, such as `http://10.0.0.7:8080`."""
        expect(isinstance(origin, str), "origin of Redirect", origin, "text, such as 'http://HOST'")
        return cls(status, partial(_at, origin))

    def answer(self, received: Received, origin: Origin) -> Answer:
        """Make the answer to this request; `origin` is asked, once, for what `SAME` points at."""
        location = self.location(received) if callable(self.location) else self.location
        _expect_location(location)
        headers = [] if location is None else [("Location", _verbatim(location, received, origin))]
        return Answer(self.status, (*headers, *self.headers), self.body).answer(received, origin)


def _expect_location(value: object) -> None:
    fits = value is None or isinstance(value, (str, bytes, Same))
    expect(fits, "location of Redirect", value, "text, bytes, SAME, None, or a function for one")


def _verbatim(location: str | bytes | Same, received: Received, origin: Origin) -> str:
    if isinstance(location, Same):
        return origin().rstrip("/") + received.target
    if isinstance(location, str):
        location = location.encode()
    return location.decode("latin-1")


def _at(origin: str, received: Received) -> bytes:
    return origin.rstrip("/").encode() + received.target.encode("latin-1")


class Reply(Protocol):
    """What a gateway can answer instead of relaying: a `Redirect`, a fault, an `Answer`."""

    def answer(self, received: Received, origin: Origin) -> Answer:
        """Make the answer to this request; `origin` is asked for the target's, if it is needed."""


EVERYTHING = Redirect()  # as a rule: 307 to the target, whatever the request
Rule = Union[Reply, None, Callable[[Received], Optional[Reply]]]
