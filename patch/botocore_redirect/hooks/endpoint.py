"""The wrappers of two methods of botocore's `Endpoint`, both below its retries.

`create_request` remembers what a request was made from and where its body began.
`_get_response` looks at the answer and, if it is a redirect, follows it within the same attempt:
botocore's retry loop sees one attempt with one outcome.

Each method has two wrappers: one for the class, which `install()` puts there, and one for the
endpoint of a single client, for `follow(client)`. If both are in force, the client's acts alone.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable

from botocore_redirect import state
from botocore_redirect.attempt import request_body
from botocore_redirect.attempt.follow_redirects import follow_redirects
from botocore_redirect.attempt.steps import Create, Step
from botocore_redirect.hooks.attempt_driver import Raised, run_attempt
from botocore_redirect.policy import STATUSES
from botocore_redirect.state import CallState, Patch
from botocore_redirect.transport import sessions

if TYPE_CHECKING:
    from collections.abc import Iterator

Method = Callable[..., Any]


def wrap_create_request(original: Method, patch: Patch, otherwise: Method | None = None) -> Method:
    """Return `Endpoint.create_request`, made to remember what following a redirect needs.

    `otherwise` (by default the original) is called for requests that the patch does not apply to.
    """
    otherwise = otherwise or original

    @functools.wraps(original)
    def create_request(self: Any, params: Any, operation_model: Any = None) -> Any:
        try:  # each request pays for this
            service = operation_model.service_model.service_name
        except AttributeError:
            service = None
        if service not in patch.policy.services or not patch.active:
            return otherwise(self, params, operation_model)
        context = params["context"]
        if state.CALL in context:
            call_state = context[state.CALL]
            if call_state is state.CREATED_BY_CLIENT_PATCH:
                return original(self, params, operation_model)
            with creating_again(params, call_state):
                request = original(self, params, operation_model)
        else:
            content = params["body"]
            # Asked first, because most bodies are bytes and this costs every request.
            if type(content) is not bytes and request_body.is_stream(content):
                context[state.CALL] = CallState(request_body.position(content))
            request = original(self, params, operation_model)
        # See `state`; assigned here because a function call would cost every request.
        request.botocore_redirect_params = params
        request.botocore_redirect_patch = patch
        return request

    return create_request


def wrap_client_create_request(original: Method, patch: Patch) -> Method:
    """Return `create_request` of one endpoint, which acts instead of that of its class.

    It acts as long as the patch is the `CLIENT_PATCH` of the endpoint.
    """

    def create_alone(self: Any, params: Any, operation_model: Any) -> Any:
        context = params["context"]
        call_state = context.get(state.CALL)
        context[state.CALL] = state.CREATED_BY_CLIENT_PATCH
        try:
            return original(self, params, operation_model)
        finally:
            if call_state is None:
                del context[state.CALL]
            else:
                context[state.CALL] = call_state

    # The client's patch may be switched off at any moment; then the patch of the process acts.
    act = wrap_create_request(create_alone, patch, otherwise=original)

    @functools.wraps(original)
    def create_request(self: Any, params: Any, operation_model: Any = None) -> Any:
        is_own = self.__dict__.get(state.CLIENT_PATCH) is patch
        return (act if is_own else original)(self, params, operation_model)

    return create_request


def wrap_get_response(original: Method, patch: Patch) -> Method:
    """Return `Endpoint._get_response`, made to follow redirects.

    The patch that was in force when the request was created decides: it may have gone meanwhile.
    """

    @functools.wraps(original)
    def get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        try:
            outcome = original(self, request, operation_model, context)
        except Exception as error:
            acting = acting_patch(request, patch)
            if acting is None:
                raise
            results: list[Any] = [Raised(error)]
        else:
            response = outcome[0]
            is_ordinary = response is not None and response[0].status_code not in STATUSES
            if is_ordinary and state.CALL not in context:
                return outcome
            acting = acting_patch(request, patch)
            if acting is None:
                return outcome
            results = [outcome]
        return _follow(self, request, operation_model, context, original, acting, results)

    return get_response


def wrap_client_get_response(original: Method, patch: Patch) -> Method:
    """Return `_get_response` of one endpoint, which acts instead of that of its class."""

    def get_alone(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        setattr(request, state.SENT_BY_CLIENT_PATCH, True)
        try:
            return original(self, request, operation_model, context)
        finally:
            delattr(request, state.SENT_BY_CLIENT_PATCH)

    act = wrap_get_response(get_alone, patch)

    @functools.wraps(original)
    def get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        is_own = state.patch_of(request) is patch
        return (act if is_own else original)(self, request, operation_model, context)

    return get_response


def _follow(
    endpoint: Any,
    request: Any,
    operation_model: Any,
    context: Any,
    send: Method,
    patch: Patch,
    results: list[Any],
) -> Any:
    """Follow the redirects of a request that was sent already, and return the last outcome."""

    def perform(step: Step) -> Any:
        if isinstance(step, Create):
            return endpoint.create_request(step.params, operation_model)
        # Also a request that was not created by botocore, or after the patch has gone.
        state.set_patch(step.request, patch)
        return send(step.endpoint, step.request, operation_model, context)

    attempt = follow_redirects(endpoint, request, operation_model, context, patch.policy, sessions)
    return run_attempt(attempt, perform, results)


def acting_patch(request: Any, patch: Patch) -> Patch | None:
    """Return the patch that follows the redirects of a request in this wrapper, or None.

    The patch of its client may have gone since the request was created; then the wrapper of the
    class takes over, by the policy of that patch.
    """
    created_by = state.patch_of(request)
    if hasattr(request, state.SENT_BY_CLIENT_PATCH):
        return None
    return created_by if created_by is patch or patch.active else None


@contextmanager
def creating_again(params: Any, call_state: CallState) -> Iterator[None]:
    """Create a request of a call that was redirected, or that sends a stream."""
    if not call_state.hops:
        yield
        return
    if not call_state.is_sending_hop and call_state.body_start is not None:
        # botocore has just rewound the body of a retry to 0, which need not be where it began.
        request_body.rewind(params["body"], call_state.body_start)
    with _count_hops_as_attempts(params["context"], len(call_state.hops)):
        yield


@contextmanager
def _count_hops_as_attempts(context: Any, hops: int) -> Iterator[None]:
    """Let `amz-sdk-request` count the requests on the wire: servers tell them apart by it."""
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
