"""Requests as a gateway receives them, and what the rules of a dialect make of them."""

from __future__ import annotations

from email.message import Message
from urllib.parse import urlsplit

from botocore_redirect.testing import Received, Response
from botocore_redirect.testing.dialects import DIALECTS, Rules, Site
from botocore_redirect.testing.server.exchange import Reply

TARGET = "http://10.0.0.2:51081"


def rules_of(name: str, targets: tuple[str, ...] = (TARGET,)) -> Rules:
    dialect = DIALECTS[name]
    return dialect.rules(Site(targets), dialect.root)


def request(method: str, target: str, headers: dict[str, str] | None = None) -> Received:
    message = Message()
    for name, value in (headers or {}).items():
        message[name] = value
    return Received(method, target, message)


def response_to(reply: Reply | None, received: Received) -> Response:
    assert reply is not None
    return reply.respond(received, lambda: TARGET)


def location_of(rules: Rules, received: Received) -> str:
    """Return the Location, as the bytes that go out, in latin-1."""
    location = response_to(rules.answer(received), received).header("Location")
    assert location is not None
    return location


def follow(rules: Rules, received: Received, **headers: str) -> Received:
    """Return what a client that follows sends to the target."""
    parts = urlsplit(location_of(rules, received))
    every = {**dict(received.raw_headers), "Host": parts.netloc, **headers}
    return request(received.method, f"{parts.path}?{parts.query}", every)


def refusal(rules: Rules, received: Received) -> tuple[int, str]:
    """Return the status and the text with which a target refuses a request."""
    response = response_to(rules.check(received), received)
    return response.status, response.body.decode()
