"""One attempt, several hops: go where the answers point, until one is no redirect to follow."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import urlsplit

from botocore import awsrequest

from botocore_redirect import errors
from botocore_redirect.hooks import body, workarounds
from botocore_redirect.hooks.connections import LastRedirect
from botocore_redirect.policy import STATUSES
from botocore_redirect.rules import headers
from botocore_redirect.rules.hop import Answer, Chain, Follow, Hop, Refusal, decide
from botocore_redirect.rules.location import redact
from botocore_redirect.rules.trust import is_aws_s3

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

logger = logging.getLogger("botocore_redirect")

# Where things are kept: on a request, as `botocore_redirect_params`, what it was made from; on the
# context of a call, its `Call`.
CALL = "botocore_redirect"
STATE = "_botocore_redirect_watched"
_REGION = "x-amz-bucket-region"

#: Whether what is being sent is a hop, which belongs to an attempt that was counted already.
hopping: ContextVar[bool] = ContextVar("botocore_redirect_hopping", default=False)

Send = Callable[..., Any]


class EndpointState:
    """On an endpoint: whose it was found to be, and where its connections note redirects."""

    __slots__ = ("generation", "seen")  # each request looks at both

    def __init__(self, generation: object, seen: LastRedirect) -> None:
        self.generation = generation
        self.seen = seen


class Call:
    """What has to outlive one attempt of a call."""

    __slots__ = ("hops", "start")

    def __init__(self, start: int | None) -> None:
        self.start = start
        self.hops: list[Hop] = []

    def list_hops(self, parsed: Any) -> None:
        """Put the hops of the call into the metadata of its answer."""
        metadata = parsed.setdefault("ResponseMetadata", {})
        metadata["Redirects"] = [hop.as_metadata() for hop in self.hops]


def _sent(
    send: Send,
    endpoint: Any,
    request: Any,
    operation_model: Any,
    context: Any,
    policy: RedirectPolicy,
) -> Any:
    """Send a request and return its outcome: a redirect even where its body failed."""
    try:
        outcome = send(endpoint, request, operation_model, context)
    except Exception:
        outcome = redirect_without_body(endpoint, request, policy)
        if outcome is None:
            raise
    if outcome[0] is None:
        return redirect_without_body(endpoint, request, policy) or outcome
    return outcome


def follow(
    endpoint: Any,
    request: Any,
    operation_model: Any,
    context: Any,
    outcome: Any,
    policy: RedirectPolicy,
    send: Send,
) -> Any:
    """Return the outcome of a request, having followed its redirects."""
    params = getattr(request, "botocore_redirect_params", None)
    if params is None:  # a service that is not ours to follow
        return outcome
    call = context.get(CALL) or Call(None)
    chain = Chain(visited=(request.url,))
    auth_path = params.get("auth_path") or urlsplit(params["url"]).path
    while outcome[0] is not None and outcome[0][0].status_code in STATUSES:
        http_response, parsed = outcome[0]
        seen = _seen(endpoint)
        untouched = seen.head is not None and seen.head.early
        seen.head = None
        step = decide(_describe(endpoint, params, http_response, parsed, chain), policy)
        if isinstance(step, Follow):
            step = _rewound(params["body"], call, step, untouched=untouched)
        if step is None:
            break
        if isinstance(step, Refusal):
            return None, _error(step, operation_model, parsed, call, chain, context)
        hop = _hop(http_response.status_code, params["method"], request, step)
        _log(operation_model.name, hop)
        context[CALL] = call
        call.hops.append(hop)
        chain = chain.then(hop, step)
        if "pools" in policy.workarounds:
            workarounds.make_room(endpoint.http_session)
        auth_path = _auth_path(auth_path, request.url, step.url)
        hop_params = dict(params, url=step.url, auth_path=auth_path)
        token = hopping.set(True)
        try:
            request = _next_request(endpoint, hop_params, operation_model, request, step)
            outcome = _sent(send, endpoint, request, operation_model, context, policy)
        finally:
            hopping.reset(token)
    if outcome[0] is not None and call.hops:
        call.list_hops(outcome[0][1])
    if chain.anonymous:
        _keep_the_region(context)
    return outcome


def _keep_the_region(context: Any) -> None:
    """Have botocore ignore a region that a stranger names: signed requests would go there."""
    context["s3_redirected"] = True  # botocore before 1.28
    if "s3_redirect" in context:
        context["s3_redirect"]["redirected"] = True


def redirect_without_body(endpoint: Any, request: Any, policy: RedirectPolicy) -> Any:
    """Return the redirect that a request was answered with, though its body failed, or None."""
    seen = _seen(endpoint)
    head, seen.head = seen.head, None
    if head is None or head.status not in policy.statuses:
        return None
    if not hasattr(request, "botocore_redirect_params"):
        return None
    fields = {name.lower(): value for name, value in head.headers.items()}
    if (
        "location" not in fields
        or _REGION in fields
        or is_aws_s3(urlsplit(request.url).hostname or "")
    ):
        return None
    parsed = {
        "Error": {"Code": str(head.status)},
        "ResponseMetadata": {"HTTPStatusCode": head.status, "HTTPHeaders": fields},
    }
    return (awsrequest.AWSResponse(request.url, head.status, head.headers, None), parsed), None


def _seen(endpoint: Any) -> LastRedirect:
    watched: EndpointState | None = vars(endpoint).get(STATE)
    return watched.seen if watched is not None else LastRedirect()


def _describe(endpoint: Any, params: Any, http_response: Any, parsed: Any, chain: Chain) -> Answer:
    error = parsed.get("Error")  # a store can write anything there
    return Answer(
        status=http_response.status_code,
        method=params["method"],
        location=http_response.headers.get("location"),
        endpoint=endpoint.host,
        chain=chain,
        names_region=_REGION in http_response.headers or _names_region(error),
        has_body=not body.is_empty(params["body"]),
        needs_customer_key=headers.holds_customer_key(params["headers"]),
    )


def _names_region(error: Any) -> bool:
    return isinstance(error, dict) and bool(error.get("Region"))


def _next_request(
    endpoint: Any, params: Any, operation_model: Any, previous: Any, decision: Follow
) -> Any:
    if decision.sent == "signed":
        return endpoint.create_request(params, operation_model)
    _seen(endpoint).head = None
    # Not through `create_request`: it would sign, and let hooks add what a stranger must not see.
    if decision.sent == "presigned":
        kept = headers.for_presigned(params["headers"], decision.url, params["method"])
        if body.is_chunked(params["body"]):
            kept = headers.without_chunking(kept)
    else:
        kept = headers.for_stranger(params["headers"])
    unsigned = awsrequest.create_request_object(
        dict(params, headers=kept, body=body.unchunked(params["body"]))
    )
    unsigned.stream_output = previous.stream_output
    return endpoint.prepare_request(unsigned)


def _auth_path(current: str, previous_url: str, url: str) -> str:
    """Return the path that SigV2 signs; it also stops botocore < 1.28 from rewriting the host."""
    path = urlsplit(url).path
    return current if path == urlsplit(previous_url).path else path


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


def _error(
    refusal: Refusal, operation_model: Any, parsed: Any, call: Call, chain: Chain, context: Any
) -> errors.RedirectError:
    metadata = dict(parsed.get("ResponseMetadata", {}))
    fields = dict(metadata.get("HTTPHeaders", {}))
    if "location" in fields:
        fields["location"] = redact(fields["location"])
    metadata["HTTPHeaders"] = fields
    metadata.setdefault("RetryAttempts", context.get("retries", {}).get("attempt", 1) - 1)
    response = {
        "Error": {"Code": refusal.kind, "Message": refusal.why},
        "ResponseMetadata": metadata,
    }
    call.list_hops(response)
    kind: type[errors.RedirectError] = getattr(errors, refusal.kind)
    return kind(
        response,
        operation_model.name,
        reason=refusal.reason,
        location=refusal.location,
        chain=chain.hops,
    )
