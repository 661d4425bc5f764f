"""A store that redirects without a socket: moto's mock, with redirects at `before-send`."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import Message
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore_redirect.testing.server.exchange import REDIRECT_ALL, Received, Response, Rule
from botocore_redirect.testing.server.script import apply_rule, check_rule
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

    Make clients inside the context. Only clients that were attached with `attach` (of a resource:
    `resource.meta.client`) reach the gateway; for others there is no such host. To see no redirect,
    call `relay()`, or give a client `target_url` as its endpoint with path-style addressing.

    `gateway_received` and `target_received` list the requests; their status is 0 where moto
    responded. As on a socket, a body is read from its current position, and is not rewound.

    With an `account` (12 digits), attached clients and `snapshot` see that moto account alone. Such
    a store starts fast inside another InProcessStore, which keeps moto's mock on.

    moto must not know the gateway, because moto executes every request that it knows. It learns the
    target from the environment variable MOTO_S3_CUSTOM_ENDPOINTS, which is restored on exit.
    Entering raises RuntimeError while a `MotoStore` is on in this process: the mock would empty it.
    """

    url = f"http://{_GATEWAY}"
    target_url = f"http://{_TARGET}"

    def __init__(self, redirect: Rule = REDIRECT_ALL, account: str | None = None) -> None:
        self.rule: Rule = check_rule(redirect)
        self.account = account
        self.gateway_received: list[Received] = []
        self.target_received: list[Received] = []
        self._originals: dict[int, tuple[str, Any]] = {}
        self._open = ExitStack()

    def redirect(self, rule: Rule = REDIRECT_ALL) -> None:
        """Redirect every request from now on, or as the rule says."""
        self.rule = check_rule(rule)

    def relay(self) -> None:
        """Relay every request to moto from now on."""
        self.rule = None

    def clear(self) -> None:
        """Clear the lists of requests that gateway and target received."""
        self.gateway_received.clear()
        self.target_received.clear()

    def attach(self, client: Any) -> Any:
        """Connect this S3 client to the gateway and return it."""
        # Handlers of the longer event name run first; moto's has the shorter one.
        events = client.meta.events
        events.register_first("before-send.s3", self._handle, unique_id=f"handle-{id(self)}")
        events.register_last("before-send", self._restore, unique_id=f"restore-{id(self)}")
        return client

    def snapshot(self) -> dict[str, dict[str, bytes]]:
        """Read everything that is stored: bucket -> key -> bytes."""
        return moto_contents.read(self.account)

    def fill(self, buckets: moto_contents.Buckets) -> None:
        """Store these objects; buckets that the account does not have are created."""
        moto_contents.fill(self.account, buckets)

    def forget(self) -> None:
        """Delete everything that is stored, and free its memory."""
        moto_contents.forget(self.account)

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.callback(_restore_endpoints, os.environ.get(_ENDPOINTS))
            configured = filter(None, os.environ.get(_ENDPOINTS, "").split(","))
            os.environ[_ENDPOINTS] = ",".join(dict.fromkeys([*configured, *_TARGET_URLS]))
            opening.enter_context(mock())
            _check_target(os.environ[_ENDPOINTS])
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _handle(self, request: Any, **_: Any) -> Any:
        parts = urlsplit(request.url)
        prefix = _prefix(parts.netloc, _GATEWAY)
        at_gateway = prefix is not None
        if prefix is None:
            prefix = _prefix(parts.netloc, _TARGET)
        if prefix is None:
            return None
        received = _received(request)
        reply = apply_rule(self.rule, received) if at_gateway else None
        received.body = _read(request.body)
        received.body_bytes = len(received.body)
        (self.gateway_received if at_gateway else self.target_received).append(received)
        if reply is not None:
            response = reply.respond(received, lambda: f"{parts.scheme}://{prefix}{_TARGET}")
            received.redirected = response.is_redirect
            received.status = response.status
            if response.hangs_up:
                raise _connection_error(request, response)
            return _as_botocore(request, response)
        bucket = f"/{prefix[:-1]}" if prefix else ""
        # moto's handler, which comes next, knows this form of URL alone.
        self._originals[id(request)] = request.url, request.body
        request.url = f"{parts.scheme}://{_TARGET}{bucket}{received.target}"
        request.body = received.body
        if self.account is not None:
            request.headers[moto_contents.ACCOUNT] = self.account
        return None

    def _restore(self, request: Any, **_: Any) -> None:
        original = self._originals.pop(id(request), None)
        if original is not None:
            request.url, request.body = original
            if self.account is not None:
                request.headers.pop(moto_contents.ACCOUNT, None)


def _prefix(netloc: str, host: str) -> str | None:
    """Return the bucket and the dot before the host, "" without them; None: another host."""
    if netloc == host or netloc.endswith("." + host):
        return netloc[: -len(host)]
    return None


class _RawBody(io.BytesIO):
    """A body with the method of urllib3 that botocore reads."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def _as_botocore(request: Any, response: Response) -> Any:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - the rest of the kit has no boto

    body = b"" if request.method == "HEAD" else response.body
    return AWSResponse(request.url, response.status, dict(response.headers), _RawBody(body))


def _connection_error(request: Any, response: Response) -> Exception:
    """Make botocore's error for a response that does not come, without the wait."""
    from botocore.exceptions import ConnectionClosedError, ReadTimeoutError  # noqa: PLC0415 - the kit imports no botocore

    kind: Any = ReadTimeoutError if response.waits else ConnectionClosedError
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
def _check_target(endpoints: str) -> None:
    """Check that moto mocks the target: else a client would look for that host on the network.

    Once for each value of the variable, because moto reads it once.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

    client = _client()
    unmocked = Response(599)
    client.meta.events.register_last(
        "before-send", lambda request, **_: _as_botocore(request, unmocked)
    )
    try:
        client.list_buckets()
    except ClientError as error:
        raise RuntimeError(
            f"moto does not mock {InProcessStore.target_url}, because it read {_ENDPOINTS} before"
            f" this store set it to {endpoints!r}. Enter the InProcessStore before anything else"
            " uses moto, or set the variable before the process starts."
        ) from error


def _restore_endpoints(value: str | None) -> None:
    if value is None:
        os.environ.pop(_ENDPOINTS, None)
    else:
        os.environ[_ENDPOINTS] = value
