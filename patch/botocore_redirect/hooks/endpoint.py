"""What is wrapped around botocore: two methods of `Endpoint`, below its retries.

`create_request` remembers what a request was made from and where its body began;
`_get_response` looks at the answer and, where it is a redirect, has it followed within the same
attempt. botocore's retry loop around them sees one attempt with one outcome.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Protocol

from botocore_redirect.attempt import request_body
from botocore_redirect.attempt.attempt import follow, redirect_without_body
from botocore_redirect.attempt.call_state import CALL, Call, hopping
from botocore_redirect.attempt.steps import Create, Step, Steps
from botocore_redirect.policy import STATUSES
from botocore_redirect.transport.in_flight import SWITCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore_redirect.policy import RedirectPolicy

# On an endpoint: the patch of `follow(client)`.
OWN_PATCH = "_botocore_redirect"

# On a request: the patch of its client follows it, and no other one is to.
_FOLLOWED = "botocore_redirect_followed"

# Instead of a `Call`: the patch of the client is creating a request, and no other one is to.
_TAKEN = object()

Method = Callable[..., Any]


class Switch(Protocol):
    """What a pair of wrappers asks before it acts: whether it is on, and by which policy."""

    on: bool
    policy: RedirectPolicy


def exempt_hops_from_rate_limit(original: Method) -> Method:
    """Return `TokenBucket.acquire`, made to take nothing for a hop.

    The rate limiter of adaptive retries takes a token for each request on the wire, but measures
    its rate in attempts. With hops it would slow down to its floor and never recover.
    """

    @functools.wraps(original)
    def acquire(self: Any, *args: Any, **kwargs: Any) -> Any:
        return True if hopping.get() else original(self, *args, **kwargs)

    return acquire


def with_auth_path(original: Method) -> Method:
    """Return `create_request_object` of botocore before 1.28, made to take over `auth_path`."""

    @functools.wraps(original)
    def create(request_dict: Any) -> Any:
        request = original(request_dict)
        if "auth_path" in request_dict:
            request.auth_path = request_dict["auth_path"]
        return request

    return create


def wrap_create_request(
    original: Method, switch: Switch, otherwise: Method | None = None
) -> Method:
    """Return `Endpoint.create_request`, made to remember what `follow` needs.

    `otherwise` is called, where it is not the original, for what the patch does not apply to.
    """
    otherwise = otherwise or original

    @functools.wraps(original)
    def create_request(self: Any, params: Any, operation_model: Any = None) -> Any:
        try:  # each request pays for this
            service = operation_model.service_model.service_name
        except AttributeError:
            service = None
        if service not in switch.policy.services or not switch.on:
            return otherwise(self, params, operation_model)
        context = params["context"]
        if CALL in context:
            if context[CALL] is _TAKEN:
                return original(self, params, operation_model)
            request = _create_again(original, self, params, operation_model, context[CALL])
        else:
            content = params["body"]
            # Asked first, because most bodies are bytes and this costs every request.
            if type(content) is not bytes and request_body.is_stream(content):
                context[CALL] = Call(request_body.position(content))
            request = original(self, params, operation_model)
        request.botocore_redirect_params = params
        request.botocore_redirect_switch = switch
        return request

    return create_request


def wrap_own_create_request(original: Method, switch: Switch) -> Method:
    """Return `create_request` of one endpoint, which acts instead of that of its class.

    It does from the moment on in which the patch is the endpoint's own, and until it is not.
    """

    def create_alone(self: Any, params: Any, operation_model: Any) -> Any:
        context = params["context"]
        call = context.get(CALL)
        context[CALL] = _TAKEN
        try:
            return original(self, params, operation_model)
        finally:
            if call is None:
                del context[CALL]
            else:
                context[CALL] = call

    # It may be switched off at any moment; then the patch of the process is to act.
    act = wrap_create_request(create_alone, switch, otherwise=original)

    @functools.wraps(original)
    def create_request(self: Any, params: Any, operation_model: Any = None) -> Any:
        own = self.__dict__.get(OWN_PATCH) is switch
        return (act if own else original)(self, params, operation_model)

    return create_request


def wrap_get_response(original: Method, switch: Switch) -> Method:
    """Return `Endpoint._get_response`, made to follow redirects.

    What decides is the patch in force when the request was created: it may have gone meanwhile.
    """

    @functools.wraps(original)
    def get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        try:
            outcome = original(self, request, operation_model, context)
        except Exception:
            followed_by = _followed_by(request, switch)
            outcome = followed_by and redirect_without_body(request, followed_by.policy)
            if outcome is None:
                raise
        response = outcome[0]
        if response is not None and response[0].status_code not in STATUSES and CALL not in context:
            return outcome
        followed_by = _followed_by(request, switch)
        if followed_by is None:
            return outcome
        policy = followed_by.policy
        if response is None:
            outcome = redirect_without_body(request, policy) or outcome
        attempt = follow(self, request, operation_model, context, outcome, policy)
        return _drive(attempt, self, operation_model, context, original, followed_by)

    return get_response


def wrap_own_get_response(original: Method, switch: Switch) -> Method:
    """Return `_get_response` of one endpoint, which acts instead of that of its class."""

    def get_alone(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        setattr(request, _FOLLOWED, True)
        try:
            return original(self, request, operation_model, context)
        finally:
            delattr(request, _FOLLOWED)

    act = wrap_get_response(get_alone, switch)

    @functools.wraps(original)
    def get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        own = getattr(request, SWITCH, None) is switch
        return (act if own else original)(self, request, operation_model, context)

    return get_response


def _followed_by(request: Any, here: Switch) -> Switch | None:
    """Return the patch by which a request is followed here, or None where it is not.

    That of its client may have gone since; then the one that is here takes its place.
    """
    created_by: Switch | None = getattr(request, SWITCH, None)
    if hasattr(request, _FOLLOWED) or not (created_by is here or here.on):
        return None
    return created_by


def _drive(
    attempt: Steps, endpoint: Any, operation_model: Any, context: Any, send: Method, switch: Switch
) -> Any:
    """Do what an attempt asks for, and return its outcome."""

    def perform(step: Step) -> Any:
        if isinstance(step, Create):
            return endpoint.create_request(step.params, operation_model)
        # Also a request that was not created by botocore, or after the patch has gone.
        setattr(step.request, SWITCH, switch)
        return send(step.endpoint, step.request, operation_model, context)

    go_on: Any = attempt.send
    with_: Any = None
    while True:
        try:
            step = go_on(with_)
        except StopIteration as end:
            return end.value
        try:
            go_on, with_ = attempt.send, perform(step)
        except BaseException as problem:  # noqa: BLE001  # the attempt puts things back
            go_on, with_ = attempt.throw, problem


def _create_again(
    original: Method, endpoint: Any, params: Any, operation_model: Any, call: Call
) -> Any:
    """Create a request of a call that was redirected, or that sends a stream."""
    if not call.hops:
        return original(endpoint, params, operation_model)
    if not hopping.get() and call.start is not None:
        # botocore has just rewound the body of a retry to 0, which need not be where it began.
        request_body.rewind(params["body"], call.start)
    with _numbered(params["context"], len(call.hops)):
        return original(endpoint, params, operation_model)


@contextmanager
def _numbered(context: Any, hops: int) -> Iterator[None]:
    """Let `amz-sdk-request` count the requests on the wire, which servers tell apart by it."""
    retries = context.get("retries")
    if not retries or "attempt" not in retries:  # botocore before 1.23.47
        yield
        return
    attempt = retries["attempt"]
    retries["attempt"] = attempt + hops
    try:
        yield
    finally:
        retries["attempt"] = attempt
