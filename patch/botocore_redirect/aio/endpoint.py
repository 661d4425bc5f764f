"""The wrappers of `hooks.endpoint`, for the `AioEndpoint` of aiobotocore."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from botocore_redirect import state
from botocore_redirect.aio import sessions
from botocore_redirect.aio.attempt_driver import run_attempt
from botocore_redirect.attempt import request_body
from botocore_redirect.attempt.follow_redirects import follow_redirects
from botocore_redirect.attempt.steps import Create, Step
from botocore_redirect.hooks.attempt_driver import Raised
from botocore_redirect.hooks.endpoint import acting_patch, creating_again
from botocore_redirect.policy import STATUSES
from botocore_redirect.state import CallState, Patch

if TYPE_CHECKING:
    from botocore_redirect.hooks.endpoint import Method


def wrap_create_request(original: Method, patch: Patch, otherwise: Method | None = None) -> Method:
    """Return `AioEndpoint.create_request`, made to remember what following a redirect needs.

    `otherwise` (by default the original) is called for requests that the patch does not apply to.
    """
    otherwise = otherwise or original

    @functools.wraps(original)
    async def create_request(self: Any, params: Any, operation_model: Any = None) -> Any:
        try:  # each request pays for this
            service = operation_model.service_model.service_name
        except AttributeError:
            service = None
        if service not in patch.policy.services or not patch.active:
            return await otherwise(self, params, operation_model)
        context = params["context"]
        if state.CALL in context:
            call_state = context[state.CALL]
            if call_state is state.CREATED_BY_CLIENT_PATCH:
                return await original(self, params, operation_model)
            with creating_again(params, call_state):
                request = await original(self, params, operation_model)
        else:
            content = params["body"]
            if type(content) is not bytes and request_body.is_stream(content):
                context[state.CALL] = CallState(request_body.position(content))
            request = await original(self, params, operation_model)
        request.botocore_redirect_params = params
        request.botocore_redirect_patch = patch
        return request

    return create_request


def wrap_client_create_request(original: Method, patch: Patch) -> Method:
    """Return `create_request` of one endpoint, which acts instead of that of its class."""

    async def create_alone(self: Any, params: Any, operation_model: Any) -> Any:
        context = params["context"]
        call_state = context.get(state.CALL)
        context[state.CALL] = state.CREATED_BY_CLIENT_PATCH
        try:
            return await original(self, params, operation_model)
        finally:
            if call_state is None:
                del context[state.CALL]
            else:
                context[state.CALL] = call_state

    act = wrap_create_request(create_alone, patch, otherwise=original)

    @functools.wraps(original)
    async def create_request(self: Any, params: Any, operation_model: Any = None) -> Any:
        is_own = self.__dict__.get(state.CLIENT_PATCH) is patch
        return await (act if is_own else original)(self, params, operation_model)

    return create_request


def wrap_get_response(original: Method, patch: Patch) -> Method:
    """Return `AioEndpoint._get_response`, made to follow redirects."""

    @functools.wraps(original)
    async def get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        try:
            outcome = await original(self, request, operation_model, context)
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
        return await _follow(self, request, operation_model, context, original, acting, results)

    return get_response


def wrap_client_get_response(original: Method, patch: Patch) -> Method:
    """Return `_get_response` of one endpoint, which acts instead of that of its class."""

    async def get_alone(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        setattr(request, state.SENT_BY_CLIENT_PATCH, True)
        try:
            return await original(self, request, operation_model, context)
        finally:
            delattr(request, state.SENT_BY_CLIENT_PATCH)

    act = wrap_get_response(get_alone, patch)

    @functools.wraps(original)
    async def get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        is_own = state.patch_of(request) is patch
        return await (act if is_own else original)(self, request, operation_model, context)

    return get_response


async def _follow(
    endpoint: Any,
    request: Any,
    operation_model: Any,
    context: Any,
    send: Method,
    patch: Patch,
    results: list[Any],
) -> Any:
    """Follow the redirects of a request that was sent already, and return the last outcome."""

    async def perform(step: Step) -> Any:
        if isinstance(step, Create):
            return await endpoint.create_request(step.params, operation_model)
        state.set_patch(step.request, patch)
        return await send(step.endpoint, step.request, operation_model, context)

    attempt = follow_redirects(endpoint, request, operation_model, context, patch.policy, sessions)
    return await run_attempt(attempt, perform, results)
