"""One attempt, several hops: go where the answers point, until one is no redirect to follow."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore import awsrequest

from botocore_redirect.attempt import discovery, request_body
from botocore_redirect.attempt.answers import describe_answer, describe_call
from botocore_redirect.attempt.call_state import CALL, Call, hopping
from botocore_redirect.attempt.redaction import cut_query
from botocore_redirect.attempt.refusals import make_error
from botocore_redirect.attempt.requests import auth_path, next_request
from botocore_redirect.attempt.steps import Send, Steps
from botocore_redirect.policy import STATUSES
from botocore_redirect.rules.canonical import without_signature
from botocore_redirect.rules.decision import decide
from botocore_redirect.rules.hop import Answer, Chain, Discover, Follow, Hop, Refusal
from botocore_redirect.rules.hosts.trust import is_aws_s3
from botocore_redirect.rules.location import redact
from botocore_redirect.transport import sessions, workarounds
from botocore_redirect.transport.connections import head_of

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

logger = logging.getLogger("botocore_redirect")


def follow(
    endpoint: Any,
    request: Any,
    operation_model: Any,
    context: Any,
    outcome: Any,
    policy: RedirectPolicy,
) -> Steps:
    """Follow the redirects of a request that had this outcome, and return the last outcome."""
    params = request.botocore_redirect_params
    call = context.get(CALL) or Call(None)
    asked = describe_call(endpoint, params, request.url, operation_model)
    chain = Chain(visited=(without_signature(request.url),))
    region = None
    while outcome[0] is not None and outcome[0][0].status_code in STATUSES:
        http_response, parsed = outcome[0]
        head = head_of(request)
        untouched = head is not None and head.early
        answer = describe_answer(params, request.url, http_response, parsed, asked, chain)
        step = decide(answer, policy)
        if isinstance(step, Follow):
            step = _prepare(endpoint, step, params, call, answer, untouched=untouched)
        if step is None:
            break
        if isinstance(step, Refusal):
            return None, make_error(step, operation_model, parsed, call, chain, context)
        if isinstance(step, Discover):
            error = make_error(step.otherwise, operation_model, parsed, call, chain, context)
            discovery.leave(http_response, error)
            break
        hop = _hop(http_response.status_code, params["method"], request, step)
        _log(operation_model.name, hop)
        context[CALL] = call
        call.hops.append(hop)
        chain = chain.then(hop, step)
        if "pools" in policy.workarounds:
            workarounds.make_room(endpoint.http_session)
        region = step.region or region
        path = auth_path(step.url, asked.label if step.in_host else None)
        hop_params = dict(params, url=step.url, auth_path=path)
        token = hopping.set(True)
        try:
            with _signing_for(region, context):
                request = yield from next_request(
                    endpoint, hop_params, request, step, operation_model
                )
            sender = sessions.endpoint_for(endpoint, request.url, context, stranger=chain.anonymous)
            outcome = yield from _send(sender, request, policy)
        finally:
            hopping.reset(token)
    if outcome[0] is not None and call.hops:
        call.list_hops(outcome[0][1])
    if chain.anonymous:
        _keep_the_region(context)
    return outcome


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


def _send(endpoint: Any, request: Any, policy: RedirectPolicy) -> Steps:
    """Send a request and return its outcome: a redirect even where its body failed."""
    try:
        outcome = yield Send(request, endpoint)
    except Exception as error:
        outcome = redirect_without_body(request, policy)
        if outcome is None:
            cut_query(error, request.url)
            raise
    if outcome[0] is None:
        cut_query(outcome[1], request.url)
        return redirect_without_body(request, policy) or outcome
    return outcome


def _keep_the_region(context: Any) -> None:
    """Have botocore ignore a region that a stranger names: signed requests would go there."""
    context["s3_redirected"] = True  # botocore before 1.28
    if "s3_redirect" in context:
        context["s3_redirect"]["redirected"] = True


def redirect_without_body(request: Any, policy: RedirectPolicy) -> Any:
    """Return the redirect that a request was answered with, though its body failed, or None."""
    head = head_of(request)
    if head is None or head.status not in policy.statuses:
        return None
    if is_aws_s3(urlsplit(request.url).hostname or ""):  # botocore's to make sense of
        return None
    fields = {name.lower(): value for name, value in head.fields}
    parsed = {
        "Error": {"Code": str(head.status)},
        "ResponseMetadata": {"HTTPStatusCode": head.status, "HTTPHeaders": fields},
    }
    return (awsrequest.AWSResponse(request.url, head.status, dict(head.fields), None), parsed), None


def _prepare(
    endpoint: Any, step: Follow, params: Any, call: Call, answer: Answer, *, untouched: bool
) -> Follow | Refusal:
    """Make a step possible: the certificate stays here, and the body is where it began."""
    stranger = answer.chain.anonymous or not step.trusted
    kept = sessions.keep_certificate(endpoint, step, params["context"], stranger=stranger)
    if isinstance(kept, Refusal):
        return kept
    return _rewound(params["body"], call, step, untouched=untouched)


def _rewound(content: Any, call: Call, step: Follow, *, untouched: bool) -> Follow | Refusal:
    """Bring the body back to where it began, which an untouched one has never left."""
    try:
        request_body.rewind(content, call.start)
    except request_body.CannotRewind:
        if untouched:
            return step
        return Refusal(
            "RedirectRefused",
            "body",
            f"the request was redirected to {redact(step.url)}, but its body cannot be sent a"
            " second time: it is a stream that cannot seek. Pass bytes or a seekable file, or let"
            " upload_fileobj() send it in parts.",
            redact(step.url),
        )
    return step


def _hop(status: int, method: str, request: Any, step: Follow) -> Hop:
    return Hop(status, method, redact(request.url), redact(step.url), step.sent)


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
