"""One attempt, several hops: go where the answers point, until one is no redirect to follow."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore import awsrequest

from botocore_redirect.hooks import body, sessions, workarounds
from botocore_redirect.hooks.answers import REGION, describe
from botocore_redirect.hooks.call import CALL, Call, hopping
from botocore_redirect.hooks.redaction import cut_query
from botocore_redirect.hooks.refusals import make_error
from botocore_redirect.hooks.requests import auth_path, next_request
from botocore_redirect.hooks.state import last_redirect
from botocore_redirect.hooks.steps import Send, Steps
from botocore_redirect.policy import STATUSES
from botocore_redirect.rules.hop import Chain, Follow, Hop, Refusal, decide
from botocore_redirect.rules.location import redact
from botocore_redirect.rules.trust import is_aws_s3

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
    params = getattr(request, "botocore_redirect_params", None)
    if params is None:  # a service that is not ours to follow
        return outcome
    call = context.get(CALL) or Call(None)
    chain = Chain(visited=(request.url,))
    signed_path = params.get("auth_path") or urlsplit(params["url"]).path
    while outcome[0] is not None and outcome[0][0].status_code in STATUSES:
        http_response, parsed = outcome[0]
        seen = last_redirect(endpoint)
        untouched = seen.head is not None and seen.head.early
        seen.head = None
        step = decide(describe(endpoint, params, http_response, parsed, chain), policy)
        if isinstance(step, Follow):
            stranger = chain.anonymous or not step.trusted
            step = sessions.keep_certificate(endpoint, step, context, stranger=stranger)
        if isinstance(step, Follow):
            step = _rewound(params["body"], call, step, untouched=untouched)
        if step is None:
            break
        if isinstance(step, Refusal):
            return None, make_error(step, operation_model, parsed, call, chain, context)
        hop = _hop(http_response.status_code, params["method"], request, step)
        _log(operation_model.name, hop)
        context[CALL] = call
        call.hops.append(hop)
        chain = chain.then(hop, step)
        if "pools" in policy.workarounds:
            workarounds.make_room(endpoint.http_session)
        signed_path = auth_path(signed_path, request.url, step.url)
        hop_params = dict(params, url=step.url, auth_path=signed_path)
        token = hopping.set(True)
        try:
            request = yield from next_request(endpoint, hop_params, request, step)
            sender = sessions.endpoint_for(endpoint, request.url, context, stranger=chain.anonymous)
            outcome = yield from _send(sender, request, policy)
        finally:
            hopping.reset(token)
    if outcome[0] is not None and call.hops:
        call.list_hops(outcome[0][1])
    if chain.anonymous:
        _keep_the_region(context)
    return outcome


def _send(endpoint: Any, request: Any, policy: RedirectPolicy) -> Steps:
    """Send a request and return its outcome: a redirect even where its body failed."""
    try:
        outcome = yield Send(request, endpoint)
    except Exception as error:
        outcome = redirect_without_body(endpoint, request, policy)
        if outcome is None:
            cut_query(error, request.url)
            raise
    if outcome[0] is None:
        cut_query(outcome[1], request.url)
        return redirect_without_body(endpoint, request, policy) or outcome
    return outcome


def _keep_the_region(context: Any) -> None:
    """Have botocore ignore a region that a stranger names: signed requests would go there."""
    context["s3_redirected"] = True  # botocore before 1.28
    if "s3_redirect" in context:
        context["s3_redirect"]["redirected"] = True


def redirect_without_body(endpoint: Any, request: Any, policy: RedirectPolicy) -> Any:
    """Return the redirect that a request was answered with, though its body failed, or None."""
    seen = last_redirect(endpoint)
    head, seen.head = seen.head, None
    if head is None or head.status not in policy.statuses:
        return None
    if not hasattr(request, "botocore_redirect_params"):
        return None
    fields = {name.lower(): value for name, value in head.headers.items()}
    if (
        "location" not in fields
        or REGION in fields
        or is_aws_s3(urlsplit(request.url).hostname or "")
    ):
        return None
    parsed = {
        "Error": {"Code": str(head.status)},
        "ResponseMetadata": {"HTTPStatusCode": head.status, "HTTPHeaders": fields},
    }
    return (awsrequest.AWSResponse(request.url, head.status, head.headers, None), parsed), None


def _rewound(content: Any, call: Call, step: Follow, *, untouched: bool) -> Follow | Refusal:
    """Bring the body back to where it began, which an untouched one has never left."""
    try:
        body.rewind(content, call.start)
    except body.CannotRewind:
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
