"""A store that redirects without a socket: moto in this process, redirects at before-send."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import Message
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore_redirect.testing.server.exchange import EVERYTHING, Answer, Received, Rule
from botocore_redirect.testing.server.script import check, decide
from botocore_redirect.testing.stores import moto_contents
from botocore_redirect.testing.stores.clients import config, session
from botocore_redirect.testing.stores.moto_mock import mock

if TYPE_CHECKING:
    from typing_extensions import Self

_GATEWAY = "gateway.test"
_TARGET = "target.test"
_TARGET_URLS = (f"http://{_TARGET}", f"https://{_TARGET}")
_ENDPOINTS = "MOTO_S3_CUSTOM_ENDPOINTS"


class InProcessStore:
    """moto's mock of AWS, with a gateway (`url`) that redirects to a target (`target_url`).

    Only a client that was attached with `attach` (a resource's: `resource.meta.client`) can talk to
    the gateway; others find no such host. Make clients inside the context. A client that shall see
    no redirect uses `relay()`, or `target_url` as its endpoint with path-style addressing.

    `gateway_received` and `target_received` list the requests; their status is 0 where moto
    answered. As on a socket, a body is read from where it stands, and stays read.

    With an `account`, 12 digits, attached clients and `snapshot` see what is stored in that moto
    account alone. Inside another InProcessStore, which keeps moto going, such a one starts fast.

    moto must not know the gateway, since it executes what it knows, whoever else answers too. It
    learns of the target from the environment variable MOTO_S3_CUSTOM_ENDPOINTS, which is restored
    on exit. moto's mock begins with nothing stored in this process, so while a `MotoStore` is on in
    it, this is a RuntimeError.
    """

    url = f"http://{_GATEWAY}"
    target_url = f"http://{_TARGET}"

    def __init__(self, redirect: Rule = EVERYTHING, account: str | None = None) -> None:
        self.rule: Rule = check(redirect)
        self.account = account
        self.gateway_received: list[Received] = []
        self.target_received: list[Received] = []
        self._moved: dict[int, tuple[str, Any]] = {}
        self._open = ExitStack()

    def redirect(self, rule: Rule = EVERYTHING) -> None:
        """Redirect from now on: everything, or what the rule says."""
        self.rule = check(rule)

    def relay(self) -> None:
        """Redirect nothing from now on: the gateway passes every request on to moto."""
        self.rule = None

    def clear(self) -> None:
        """Forget the requests that gateway and target received."""
        self.gateway_received.clear()
        self.target_received.clear()

    def attach(self, client: Any) -> Any:
        """Let this S3 client talk to the gateway, whatever the operation; returns it."""
        # Handlers of the longer event name run first, moto's is on the shorter one.
        events = client.meta.events
        events.register_first("before-send.s3", self._arrive, unique_id=f"arrive-{id(self)}")
        events.register_last("before-send", self._restore, unique_id=f"restore-{id(self)}")
        return client

    def snapshot(self) -> dict[str, dict[str, bytes]]:
        """Read everything that is stored, from moto itself: bucket -> key -> bytes."""
        return moto_contents.read(self.account)

    def fill(self, buckets: moto_contents.Buckets) -> None:
        """Create these buckets with these objects, without a client."""
        moto_contents.fill(self.account, buckets)

    def forget(self) -> None:
        """Free what is stored, and what it takes of memory."""
        moto_contents.forget(self.account)

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.callback(_restore_variable, os.environ.get(_ENDPOINTS))
            others = filter(None, [os.environ.get(_ENDPOINTS)])
            os.environ[_ENDPOINTS] = ",".join([*others, *_TARGET_URLS])
            opening.enter_context(mock())
            _probe(os.environ[_ENDPOINTS])
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _arrive(self, request: Any, **_: Any) -> Any:
        parts = urlsplit(request.url)
        label = _label(parts.netloc, _GATEWAY)
        at_gateway = label is not None
        if label is None:
            label = _label(parts.netloc, _TARGET)
        if label is None:
            return None
        received = _received(request)
        reply = decide(self.rule, received) if at_gateway else None
        received.body = _read(request.body)
        received.body_bytes = len(received.body)
        (self.gateway_received if at_gateway else self.target_received).append(received)
        if reply is not None:
            answer = reply.answer(received, lambda: f"{parts.scheme}://{label}{_TARGET}")
            received.redirected = answer.is_redirect
            received.status = answer.status
            if answer.hangs_up:
                raise _no_answer(request, answer)
            return _response(request, answer)
        bucket = f"/{label[:-1]}" if label else ""
        # For moto's turn only: the one form of URL that it knows, and the body that was read.
        self._moved[id(request)] = request.url, request.body
        request.url = f"{parts.scheme}://{_TARGET}{bucket}{received.target}"
        request.body = received.body
        if self.account is not None:
            request.headers[moto_contents.ACCOUNT] = self.account
        return None

    def _restore(self, request: Any, **_: Any) -> None:
        original = self._moved.pop(id(request), None)
        if original is not None:
            request.url, request.body = original
            if self.account is not None:
                request.headers.pop(moto_contents.ACCOUNT, None)


def _label(netloc: str, host: str) -> str | None:
    """Return what virtual-host addressing put before the host, dot included; None: not the host."""
    if netloc == host or netloc.endswith("." + host):
        return netloc[: -len(host)]
    return None


class _Raw(io.BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def _response(request: Any, answer: Answer) -> Any:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - the rest of the kit has no boto

    body = b"" if request.method == "HEAD" else answer.body
    return AWSResponse(request.url, answer.status, dict(answer.headers), _Raw(body))


def _no_answer(request: Any, answer: Answer) -> Exception:
    """Make the error in which botocore ends: at once, also where it would have waited."""
    from botocore.exceptions import ConnectionClosedError, ReadTimeoutError  # noqa: PLC0415 - the kit imports no botocore

    kind: Any = ReadTimeoutError if answer.waits else ConnectionClosedError
    error: Exception = kind(endpoint_url=request.url)
    return error


def _received(request: Any) -> Received:
    parts = urlsplit(request.url)
    headers = Message()
    headers["Host"] = parts.netloc
    for name, value in request.headers.items():
        headers[name] = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    target = request.url.partition("://")[2].partition("/")[2]
    return Received(request.method, f"/{target}", headers)


def _read(body: Any) -> bytes:
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def _client() -> Any:
    return session().client(
        "s3",
        endpoint_url=InProcessStore.target_url,
        config=config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
    )


@cache
def _probe(endpoints: str) -> None:
    """Make sure that moto answers for the target, before a test looks for it on the network.

    Once for each value of the variable, as moto reads it once.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

    client = _client()
    nobody = Answer(599)
    client.meta.events.register_last("before-send", lambda request, **_: _response(request, nobody))
    try:
        client.list_buckets()
    except ClientError as error:
        raise RuntimeError(
            f"moto does not answer for {InProcessStore.target_url}: it did not take the value "
            f"{endpoints!r} of {_ENDPOINTS}. Enter the InProcessStore before "
            "anything else uses moto, or set the variable where the process starts."
        ) from error


def _restore_variable(value: str | None) -> None:
    if value is None:
        os.environ.pop(_ENDPOINTS, None)
    else:
        os.environ[_ENDPOINTS] = value
