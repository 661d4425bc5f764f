"""Patches of botocore that change what they must not: the comparison has to find each of them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Callable

import botocore.auth
import botocore.client
import botocore.endpoint
import botocore.httpsession
import botocore.response
import botocore.retries.bucket
import botocore.retryhandler

import botocore_redirect

Install = Callable[[], None]

#: What the attempt imports, and a mutant of it replaces.
NEXT_REQUEST = "hop_request"


def changing(owner: Any, name: str, change: Any) -> Install:
    """Return a patch that changes the result of a method; the change also gets the arguments."""

    def install() -> None:
        original = getattr(owner, name)

        def changed(*args: Any, **options: Any) -> Any:
            return change(original(*args, **options), *args)

        setattr(owner, name, changed)

    return install


def replacing(owner: Any, name: str, method: Any) -> Install:
    """Return a patch that replaces a method by one that gets the original first."""

    def install() -> None:
        original = getattr(owner, name)
        setattr(owner, name, lambda *args, **options: method(original, *args, **options))

    return install


def _add_header(_: Any, __: Any, headers: Any) -> None:
    headers["X-Mutant"] = "1"


def _register_handler(_: Any, client: Any, *__: Any) -> None:
    client.meta.events.register("before-send.*", do_nothing)


def do_nothing(**_: Any) -> None:
    """Handle an event."""


def _change_error(original: Any, *args: Any) -> Any:
    try:
        return original(*args)
    except botocore.client.ClientError as raised:
        raised.response["Mutant"] = 1
        raise


def _no_tokens(*_: Any, **__: Any) -> Any:
    raise RuntimeError("There are no tokens.")


def _sleep_and_send(original: Any, *args: Any) -> Any:
    time.sleep(60)
    return original(*args)


def _retry_only_503(original: Any, *args: Any) -> Any:
    response = args[4]
    if response is not None and response[0].status_code in (500, 502, 504):
        return False
    return original(*args)


def _without_verification(original: Any, *args: Any, **options: Any) -> None:
    original(*args, **{**options, "verify": False})


def _close_connections(response: Any, session: Any, *_: Any) -> Any:
    session._manager.clear()
    return response


def _other_error(outcome: Any, *_: Any) -> Any:
    return outcome if outcome[1] is None else (None, ValueError("swallowed"))


def _uninstall(answer: Any, *_: Any) -> Any:
    botocore.client.BaseClient._make_api_call = _ORIGINAL_CALL
    return answer


_ORIGINAL_CALL = botocore.client.BaseClient._make_api_call
_CLIENT, _ENDPOINT = botocore.client.BaseClient, botocore.endpoint.Endpoint
_SESSION, _BUCKET = botocore.httpsession.URLLib3Session, botocore.retries.bucket.TokenBucket

# Patches that follow nothing.
signature = changing(botocore.auth.SigV4Auth, "signature", lambda *_: "0" * 64)
header = changing(_ENDPOINT, "_encode_headers", _add_header)
handler = changing(_CLIENT, "__init__", _register_handler)
answer = changing(_CLIENT, "_make_api_call", lambda answer, *_: {**answer, "Mutant": 1})
error = replacing(_CLIENT, "_make_api_call", _change_error)
stream = changing(botocore.response.StreamingBody, "read", lambda *_: b"mutant")
bucket = replacing(_BUCKET, "acquire", _no_tokens)
generous = replacing(_BUCKET, "acquire", lambda *_, **__: True)
no_retries = changing(botocore.retryhandler.RetryHandler, "__call__", lambda *_: None)
sleep = replacing(_ENDPOINT, "_send_request", _sleep_and_send)
no_retry_of_500 = replacing(_ENDPOINT, "_needs_retry", _retry_only_503)
trusting = replacing(_SESSION, "__init__", _without_verification)
no_reuse = changing(_SESSION, "send", _close_connections)
other_failure = changing(_ENDPOINT, "_get_response", _other_error)
#: It is uninstalled by the first call.
gone = changing(_CLIENT, "_make_api_call", _uninstall)


def nothing() -> None:
    """Patch nothing."""


# Patches that follow, and change something.
def handler_of_ours() -> None:
    """Leave a handler with each client."""
    handler()
    botocore_redirect.install()


def bare_hop() -> None:
    """Lose the headers of a hop."""
    from botocore_redirect.attempt import follow_redirects as attempt  # noqa: PLC0415 - only where it is installed

    botocore_redirect.install()
    original = getattr(attempt, NEXT_REQUEST)

    def next_request(endpoint: Any, params: Any, *more: Any) -> Any:
        return original(endpoint, {**params, "headers": {}}, *more)

    setattr(attempt, NEXT_REQUEST, next_request)


def hop_sleeps() -> None:
    """Wait before each hop."""

    def sleep(request: Any) -> Any:
        time.sleep(60)
        return request

    _change_hops(sleep)


def hop_unsigned() -> None:
    """Spoil the signature of each hop."""

    def spoil(request: Any) -> Any:
        request.headers["Authorization"] = "nonsense"
        return request

    _change_hops(spoil)


def hop_anew() -> None:
    """Open a new connection for each hop."""
    from botocore_redirect.transport import sessions  # noqa: PLC0415 - only where it is installed

    botocore_redirect.install()
    sessions.make_room = lambda http_session: http_session._manager.clear()


def _change_hops(change: Any) -> None:
    from botocore_redirect.attempt import follow_redirects as attempt  # noqa: PLC0415 - only where it is installed

    botocore_redirect.install()
    original = getattr(attempt, NEXT_REQUEST)

    def next_request(*args: Any) -> Any:
        return change((yield from original(*args)))

    setattr(attempt, NEXT_REQUEST, next_request)


def retried_upload() -> None:
    """Send a further header where an upload without a redirect is retried."""

    def add(params: Any, call: Any) -> None:
        if not call.hops:
            params["headers"]["X-Mutant"] = "1"

    _change_retries(add)


def from_the_start() -> None:
    """Send all of a stream after a redirect and a retry, wherever it stood."""

    def forget(_: Any, call: Any) -> None:
        if call.hops and not call.is_sending_hop:
            call.body_start = 0

    _change_retries(forget)


def _change_retries(change: Any) -> None:
    """Change what our patch does where the body of an upload is sent again."""
    from botocore_redirect.hooks import endpoint as hook  # noqa: PLC0415 - only where it is installed

    botocore_redirect.install()
    original = hook.creating_again

    def creating_again(params: Any, call_state: Any) -> Any:
        change(params, call_state)
        return original(params, call_state)

    hook.creating_again = creating_again


def everything_but_307() -> None:
    """Follow for another service, but not the usual status."""
    policy = botocore_redirect.RedirectPolicy(services=frozenset({"s3", "sts"}))
    botocore_redirect.install(replace(policy, statuses=policy.statuses - {307}))


def everything() -> None:
    """Follow for another service."""
    services = frozenset({"s3", "sts"})
    botocore_redirect.install(botocore_redirect.RedirectPolicy(services=services))


def kept_early() -> None:
    """Use a connection again on which an answer came instead of `100 Continue`."""
    botocore_redirect.install(botocore_redirect.RedirectPolicy(workarounds=frozenset()))
