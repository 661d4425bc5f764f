"""Servers that answer from a script, and clients for them.

No folder of tests below has an `__init__.py`: pytest imports packages in a way that the `six` of
botocore 1.13.50 does not support.
"""

from __future__ import annotations

import gc
import sys
import time
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Callable

import boto3
import botocore.endpoint
import pytest
import urllib3.util
from botocore.config import Config

import botocore_redirect
from botocore_redirect.testing import Gateway, Received, Redirect
from wire.botocore_versions import TokenBucket
from wire.servers.served import Served
from wire.signatures.verified import VerifiedGateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore_redirect import RedirectPolicy

NOWHERE = "http://127.0.0.1:9"  # scripted servers relay nothing
WITHOUT_SLEEP = SimpleNamespace(**{**vars(time), "sleep": lambda _: None})


async def _no_sleep(*_: Any) -> None:
    pass


Serve = Callable[..., Gateway]
MakeClient = Callable[..., Any]
Follow = Callable[..., Any]
Silent = Callable[[Served], None]


def answer(status: int = 200, body: bytes = b"", *headers: tuple[str, str]) -> Redirect:
    """Return an answer that is no redirect, for the script of a server."""
    return Redirect(status, location=None, body=body, headers=headers)


def to(url: str, status: int = 307) -> Redirect:
    """Return a redirect to exactly this Location."""
    return Redirect(status, location=url)


def moved(origin: str, status: int = 307) -> Redirect:
    """Return a redirect of any request to the same path and query at another origin."""
    return Redirect(status, lambda received: origin + received.target)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers that give these answers in order, and then repeat the last one.

    They read a body before they answer, unless `expect="early"`. A request with a wrong signature
    fails the test at its end, unless `verify=False`.
    """
    with ExitStack() as servers:

        def start(*script: Redirect, **options: Any) -> Gateway:
            left = list(script)
            options.setdefault("expect", "late")

            def rule(_: Received) -> Redirect:
                return left.pop(0) if len(left) > 1 else left[0]

            kind = VerifiedGateway if options.pop("verify", True) else Gateway
            return servers.enter_context(kind(NOWHERE, rule=rule, **options))

        yield start


@pytest.fixture(autouse=True)
def _retries_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the back-off of retries, which takes a second and more."""
    monkeypatch.setattr(botocore.endpoint, "time", WITHOUT_SLEEP)
    if TokenBucket is not None:
        # And the rate to which adaptive mode falls after throttling.
        monkeypatch.setattr(TokenBucket.__init__, "__defaults__", (10_000.0,))
    if "aiobotocore.endpoint" in sys.modules:
        endpoint = sys.modules["aiobotocore.endpoint"]
        monkeypatch.setattr(endpoint.AioEndpoint, "_sleep", _no_sleep, raising=False)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Silent:
    """Declare that a server never sends `100 Continue`, for which botocore waits a second."""
    wait, ports = urllib3.util.wait_for_read, set()

    def wait_for_read(sock: Any, timeout: float | None = None) -> Any:
        return wait(sock, 0 if sock.getpeername()[1] in ports else timeout)

    monkeypatch.setattr(urllib3.util, "wait_for_read", wait_for_read)
    return lambda server: ports.add(server.port)


@pytest.fixture
def collect_open_responses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Collect, before the next test, what urllib3 2.7 and later leave open if they fail at a 303.

    Without the GIL, Python finalizes the file of such a response before it, and reports that.
    """
    yield
    reported: list[str] = []
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(sys, "unraisablehook", lambda each: reported.append(str(each.exc_value)))
        gc.collect()
    assert {*reported} <= {"I/O operation on closed file."}


@pytest.fixture
def patched() -> Iterator[None]:
    """Install the patch for every client of the process."""
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


@pytest.fixture(scope="module")
def module_session(session: Any, pytestconfig: pytest.Config) -> Iterator[Any]:
    """The session of boto3, or one of aiobotocore whose clients the tests of a module share."""
    with contextmanager(_open_asynchronous)(pytestconfig) as asynchronous:
        yield asynchronous or session


@pytest.fixture
def _asynchronous(pytestconfig: pytest.Config) -> Iterator[Any]:
    """Give a session of aiobotocore in the place of boto3's, if that was asked for."""
    yield from _open_asynchronous(pytestconfig)


def _open_asynchronous(pytestconfig: pytest.Config) -> Iterator[Any]:
    backend = pytestconfig.getoption("--aiobotocore")
    if backend is None:
        yield None
        return
    from asynchronous.blocking import BlockingClients  # noqa: PLC0415  # not in every environment

    clients = BlockingClients(
        backend,
        region_name="us-east-1",
        aws_access_key_id="user",
        aws_secret_access_key="secret",
    )
    yield clients
    clients.close()


@pytest.fixture
def make_client(session: Any, _asynchronous: Any) -> MakeClient:
    session = _asynchronous or session

    def make(url: str, service: str = "s3", *, verify: Any = None, **options: Any) -> Any:
        options.setdefault("s3", {"addressing_style": "path"})
        options.setdefault("retries", {"max_attempts": 0})
        return session.client(service, endpoint_url=url, verify=verify, config=Config(**options))

    return make
