"""Patches of botocore that touch what they should not: what the comparison must find."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import botocore.auth
import botocore.client
import botocore.endpoint
import botocore.httpsession
import botocore.response
import botocore.retries.bucket
import botocore.retryhandler

import botocore_redirect

#: What the attempt imports, and a mutant of it replaces.
NEXT_REQUEST = "hop_request"


def _changed(owner: Any, name: str, change: Any) -> None:
    """Have a function's result changed, which the change is given first."""
    original = getattr(owner, name)

    def instead(*args: Any, **options: Any) -> Any:
        return change(original(*args, **options), *args)

    setattr(owner, name, instead)


def signature() -> None:
    """Sign wrongly."""
    _changed(botocore.auth.SigV4Auth, "signature", lambda *_: "0" * 64)


def header() -> None:
    """Send a header more."""

    def add(_: Any, __: Any, headers: Any) -> None:
        headers["X-Blot"] = "1"

    _changed(botocore.endpoint.Endpoint, "_encode_headers", add)


def handler() -> None:
    """Leave a handler with every client."""

    def register(_: Any, client: Any, *__: Any) -> None:
        client.meta.events.register("before-send.*", watch)

    _changed(botocore.client.BaseClient, "__init__", register)


def watch(**_: Any) -> None:
    """Do nothing."""


def handler_of_ours() -> None:
    """Leave one with a patch that follows."""
    handler()
    botocore_redirect.install()


def answer() -> None:
    """Say more than was answered."""
    _changed(botocore.client.BaseClient, "_make_api_call", lambda said, *_: {**said, "Blot": 1})


def error() -> None:
    """Say more in an error."""
    original = botocore.client.BaseClient._make_api_call

    def call(*args: Any) -> Any:
        try:
            return original(*args)
        except botocore.client.ClientError as raised:
            raised.response["Blot"] = 1
            raise

    botocore.client.BaseClient._make_api_call = call


def stream() -> None:
    """Read other bytes from a stream."""
    _changed(botocore.response.StreamingBody, "read", lambda *_: b"blot")


def bucket() -> None:
    """Break adaptive retries."""

    def acquire(*_: Any, **__: Any) -> Any:
        raise RuntimeError("There are no tokens.")

    botocore.retries.bucket.TokenBucket.acquire = acquire


def generous() -> None:
    """Take no token."""
    botocore.retries.bucket.TokenBucket.acquire = lambda *_, **__: True


def no_retries() -> None:
    """Never retry in the mode that is the default."""
    _changed(botocore.retryhandler.RetryHandler, "__call__", lambda *_: None)


def sleep() -> None:
    """Wait before each request."""
    original = botocore.endpoint.Endpoint._send_request

    def send(*args: Any) -> Any:
        time.sleep(60)
        return original(*args)

    botocore.endpoint.Endpoint._send_request = send


def no_retry_of_500() -> None:
    """Retry nothing but 503 where a server fails."""
    original = botocore.endpoint.Endpoint._needs_retry

    def needs_retry(*args: Any) -> Any:
        response = args[4]
        if response is not None and response[0].status_code in (500, 502, 504):
            return False
        return original(*args)

    botocore.endpoint.Endpoint._needs_retry = needs_retry


def trusting() -> None:
    """Look at no certificate."""
    original = botocore.httpsession.URLLib3Session.__init__

    def start(*args: Any, **options: Any) -> None:
        original(*args, **{**options, "verify": False})

    botocore.httpsession.URLLib3Session.__init__ = start


def no_reuse() -> None:
    """Open a connection for each request."""

    def clear(response: Any, session: Any, *_: Any) -> Any:
        session._manager.clear()
        return response

    _changed(botocore.httpsession.URLLib3Session, "send", clear)


def other_failure() -> None:
    """Raise something else where the connection fails."""

    def swap(outcome: Any, *_: Any) -> Any:
        return outcome if outcome[1] is None else (None, ValueError("swallowed"))

    _changed(botocore.endpoint.Endpoint, "_get_response", swap)


def bare_hop() -> None:
    """Follow, and lose what is in the headers."""
    from botocore_redirect.attempt import follow_redirects as attempt  # noqa: PLC0415 - only where it is installed

    botocore_redirect.install()
    original = getattr(attempt, NEXT_REQUEST)

    def following(endpoint: Any, params: Any, *more: Any) -> Any:
        return original(endpoint, {**params, "headers": {}}, *more)

    setattr(attempt, NEXT_REQUEST, following)


def hop_sleeps() -> None:
    """Follow, and wait before each hop."""

    def sleep(request: Any) -> Any:
        time.sleep(60)
        return request

    _changed_hops(sleep)


def hop_unsigned() -> None:
    """Follow, with a signature that is nonsense."""

    def spoil(request: Any) -> Any:
        request.headers.replace_header("Authorization", "nonsense")
        return request

    _changed_hops(spoil)


def hop_anew() -> None:
    """Follow, each time on a connection of its own."""
    from botocore_redirect.transport import pools  # noqa: PLC0415 - only where it is installed

    def clear(http_session: Any) -> None:
        http_session._manager.clear()

    botocore_redirect.install()
    pools.make_room = clear


def _changed_hops(change: Any) -> None:
    from botocore_redirect.attempt import follow_redirects as attempt  # noqa: PLC0415 - only where it is installed

    botocore_redirect.install()
    original = getattr(attempt, NEXT_REQUEST)

    def changed(*args: Any) -> Any:
        return change((yield from original(*args)))

    setattr(attempt, NEXT_REQUEST, changed)


def _creating_again(change: Any) -> None:
    """Install ours, which has a hand in how the body of an upload is sent again."""
    from botocore_redirect.hooks import endpoint as hook  # noqa: PLC0415 - only where it is installed

    botocore_redirect.install()
    original = hook._create_again

    def again(*args: Any) -> Any:
        change(args[2], args[-1])
        return original(*args)

    hook._create_again = again  # type: ignore[assignment]  # a blot on purpose


def retried_upload() -> None:
    """Send a header more where an upload that met no redirect is retried."""

    def add(params: Any, call: Any) -> None:
        if not call.hops:
            params["headers"]["X-Blot"] = "1"

    _creating_again(add)


def from_the_start() -> None:
    """Send all of a stream after a redirect and a retry, wherever it stood."""
    from botocore_redirect.state import sending_hop  # noqa: PLC0415 - only where it is installed

    def forget(_: Any, call: Any) -> None:
        if call.hops and not sending_hop.get():
            call.body_start = 0

    _creating_again(forget)


def everything_but_307() -> None:
    """Follow for a service that is none of ours, but the usual status."""
    policy = botocore_redirect.RedirectPolicy(services=frozenset({"s3", "sts"}))
    botocore_redirect.install(replace(policy, statuses=policy.statuses - {307}))


def kept_early() -> None:
    """Use the connection again on which an answer came instead of `100 Continue`."""
    botocore_redirect.install(botocore_redirect.RedirectPolicy(workarounds=frozenset()))


def everything() -> None:
    """Follow for a service that is none of ours."""
    services = frozenset({"s3", "sts"})
    botocore_redirect.install(botocore_redirect.RedirectPolicy(services=services))


def gone() -> None:
    """Be there for the making of the first client only."""
    _changed(botocore.client.BaseClient, "_make_api_call", _undo)


def _undo(said: Any, *_: Any) -> Any:
    botocore.client.BaseClient._make_api_call = _ORIGINAL
    return said


_ORIGINAL = botocore.client.BaseClient._make_api_call


def nothing() -> None:
    """Patch nothing."""
