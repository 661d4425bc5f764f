"""One attempt of a call: send its request, and follow redirects until one ends the attempt."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore import awsrequest

from botocore_redirect import state
from botocore_redirect.attempt import request_body
from botocore_redirect.attempt.client_error import client_error
from botocore_redirect.attempt.describe import describe_answer, describe_call
from botocore_redirect.attempt.hop_request import auth_path, hop_request
from botocore_redirect.attempt.redaction import remove_query
from botocore_redirect.attempt.steps import Send, Sessions, Steps
from botocore_redirect.policy import STATUSES
from botocore_redirect.rules.canonical import without_signature
from botocore_redirect.rules.decision import decide
from botocore_redirect.rules.hop import Chain, Discover, Follow, Hop, Refusal
from botocore_redirect.rules.location import redact
from botocore_redirect.state import CallState
from botocore_redirect.transport.head import head_of, is_followed

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

logger = logging.getLogger("botocore_redirect")


def follow_redirects(
    endpoint: Any,
    request: Any,
    operation_model: Any,
    context: Any,
    policy: RedirectPolicy,
    sessions: Sessions,
) -> Steps:
    """Send a request, follow the redirects that answer it, and return the last outcome.

    An outcome is what `Endpoint._get_response` returns: an answer or None, an error or None.
    """
    params = request.botocore_redirect_params
    call_state = context.get(state.CALL) or CallState(None)
    call = describe_call(endpoint, params, request.url, operation_model)
    chain = Chain(visited=(without_signature(request.url),))
    region = None
    outcome = yield from _send(endpoint, request, policy)
    while outcome[0] is not None and outcome[0][0].status_code in STATUSES:
        http_response, parsed = outcome[0]
        answer = describe_answer(params, request.url, http_response, parsed, call, chain)
        decision = decide(answer, policy)
        if isinstance(decision, Follow):
            stranger = chain.anonymous or not decision.trusted
            refusal = sessions.refuse_to_show_certificate(
                endpoint, decision, context, stranger=stranger
            )
            decision = refusal or _rewind_body(params["body"], call_state, decision, request)
        if decision is None:
            break
        if isinstance(decision, Refusal):
            error = client_error(decision, operation_model, parsed, call_state, chain, context)
            return None, error
        if isinstance(decision, Discover):
            refusal = decision.otherwise
            error = client_error(refusal, operation_model, parsed, call_state, chain, context)
            setattr(http_response, state.DISCOVERY_ERROR, error)
            break
        hop = _hop(http_response.status_code, params["method"], request, decision)
        _log(operation_model.name, hop)
        context[state.CALL] = call_state
        call_state.hops.append(hop)
        chain = chain.then(hop, decision)
        if "pools" in policy.workarounds:
            sessions.make_room(endpoint.http_session)
        region = decision.region or region
        path = auth_path(decision.url, call.label if decision.bucket_in_host else None)
        hop_params = dict(params, url=decision.url, auth_path=path)
        with state.sending_hop(call_state):
            with _signing_for(region, context):
                request = yield from hop_request(
                    endpoint, hop_params, request, decision, operation_model
                )
            sender = sessions.endpoint_for(endpoint, request.url, context, stranger=chain.anonymous)
            outcome = yield from _send(sender, request, policy, is_hop=True)
    if outcome[0] is not None and call_state.hops:
        call_state.add_hops_to_metadata(outcome[0][1])
    if chain.anonymous:
        _keep_the_region(context)
    return outcome


def _send(endpoint: Any, request: Any, policy: RedirectPolicy, *, is_hop: bool = False) -> Steps:
    """Send a request and return its outcome: a redirect even where its body failed.

    Errors of a hop lose the query of its URL, which may be a signature.
    """
    try:
        outcome = yield Send(request, endpoint)
    except Exception as error:
        redirect = _redirect_without_body(request, policy)
        if redirect is None:
            if is_hop:
                remove_query(error, request.url)
            raise
        return redirect
    if outcome[0] is None:
        if is_hop:
            remove_query(outcome[1], request.url)
        return _redirect_without_body(request, policy) or outcome
    return outcome


def _redirect_without_body(request: Any, policy: RedirectPolicy) -> Any:
    """Return the redirect that a request was answered with, though its body failed, or None."""
    head = head_of(request)
    if head is None or not is_followed(request, head.status, policy):
        return None
    fields = {name.lower(): value for name, value in head.fields}
    parsed = {
        "Error": {"Code": str(head.status)},
        "ResponseMetadata": {"HTTPStatusCode": head.status, "HTTPHeaders": fields},
    }
    return (awsrequest.AWSResponse(request.url, head.status, dict(head.fields), None), parsed), None


@contextmanager
def _signing_for(region: str | None, context: Any) -> Iterator[None]:
    """Have the next request signed for a region that an answer named, and no later one."""
    if region is None:
        yield
        return
    before = context.get("signing", {})
    context["signing"] = {**before, "region": region}
    try:
        yield
    finally:
        context["signing"] = before


def _keep_the_region(context: Any) -> None:
    """Have botocore ignore a region that a stranger names: signed requests would go there."""
    context["s3_redirected"] = True  # botocore before 1.28
    if "s3_redirect" in context:
        context["s3_redirect"]["redirected"] = True


def _rewind_body(
    content: Any, call_state: CallState, decision: Follow, request: Any
) -> Follow | Refusal:
    try:
        request_body.rewind(content, call_state.body_start)
    except request_body.CannotRewind:
        head = head_of(request)
        if head is not None and head.early:  # nothing of the body was read
            return decision
        return Refusal(
            "RedirectRefused",
            "body",
            f"the request was redirected to {redact(decision.url)}, but its body cannot be sent a"
            " second time: it is a stream that cannot seek. Pass bytes or a seekable file, or let"
            " upload_fileobj() send it in parts.",
            redact(decision.url),
        )
    return decision


def _hop(status: int, method: str, request: Any, decision: Follow) -> Hop:
    return Hop(status, method, redact(request.url), redact(decision.url), decision.sent)


def _log(operation: str, hop: Hop) -> None:
    logger.debug(
        "%s: %s %s redirected %s to %s (%s)",
        operation,
        hop.status,
        hop.method,
        hop.source,
        hop.target,
        hop.sent,
    )
