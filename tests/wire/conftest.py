"""Servers that answer from a script, and clients for them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Callable

import boto3
import pytest
from botocore.config import Config

import botocore_redirect
from botocore_redirect.testing import Gateway, Received, Redirect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore_redirect import RedirectPolicy

NOWHERE = "http://127.0.0.1:9"  # a scripted server relays nothing

Serve = Callable[..., Gateway]
MakeClient = Callable[..., Any]
Follow = Callable[..., Any]


def answer(status: int = 200, body: bytes = b"", *headers: tuple[str, str]) -> Redirect:
    """Return an answer that is no redirect, for the script of a server."""
    return Redirect(status, location=None, body=body, headers=headers)


def to(url: str, status: int = 307) -> Redirect:
    """Return a redirect to exactly this Location."""
    return Redirect(status, location=url)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers that give these answers one after the other, then the last one for ever.

    They read a body before they answer, unless told `expect="early"`.
    """
    with ExitStack() as servers:

        def start(*script: Redirect, **options: Any) -> Gateway:
            left = list(script)
            options.setdefault("expect", "late")

            def rule(_: Received) -> Redirect:
                return left.pop(0) if len(left) > 1 else left[0]

            return servers.enter_context(Gateway(NOWHERE, rule=rule, **options))

        yield start


@pytest.fixture
def patched() -> Iterator[None]:
    """Have the patch in force, for every client of the process."""
    with botocore_redirect.install():
        yield


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Make a client follow redirects until the test ends."""
    followed = []

    def start(client: Any, policy: RedirectPolicy | None = None) -> Any:
        followed.append(client)
        return botocore_redirect.follow(client, policy)

    yield start
    for client in followed:
        botocore_redirect.unfollow(client)


@pytest.fixture(scope="session")
def session() -> Any:
    """One session for all clients of a process: each new one parses 60 ms of JSON."""
    return boto3.session.Session(
        region_name="us-east-1", aws_access_key_id="user", aws_secret_access_key="secret"
    )


@pytest.fixture
def make_client(session: Any) -> MakeClient:
    def make(url: str, service: str = "s3", **options: Any) -> Any:
        options.setdefault("s3", {"addressing_style": "path"})
        options.setdefault("retries", {"max_attempts": 0})
        return session.client(service, endpoint_url=url, config=Config(**options))

    return make
