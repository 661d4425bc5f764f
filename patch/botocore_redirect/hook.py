"""The one module that acts inside a request: follow within the attempt, below the retries.

Two methods of botocore's `Endpoint` are wrapped. `create_request` remembers what a request was
made from and where its body began; `_get_response` looks at the answer and, where it is a
redirect to follow, sends the same request to the target and looks again. botocore's retry loop
around them sees one attempt with one outcome.
"""

from __future__ import annotations

import functools
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Protocol
from urllib.parse import urlsplit

from botocore.awsrequest import create_request_object

from botocore_redirect import body, cures, errors, headers
from botocore_redirect.hop import Answer, Chain, Follow, Hop, Refusal, decide
from botocore_redirect.location import redact
from botocore_redirect.policy import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore_redirect.policy import RedirectPolicy

logger = logging.getLogger("botocore_redirect")

# Where things are kept: on a request, the parameters it was made from; on the context of a call,
# its `_Call`; on an answer, that it was judged; on an endpoint, the policy that it was found to
# fall under, and the patch of `follow(client)`.
_PARAMS = "botocore_redirect_params"
_CALL = "botocore_redirect"
_SEEN = "_botocore_redirect_seen"
_JUDGED = "_botocore_redirect_judged"
OWN_PATCH = "_botocore_redirect"

Method = Callable[..., Any]


class Switch(Protocol):
    """What a pair of wrappers asks before it acts: whether it is on, and by which policy."""

    on: bool
    policy: RedirectPolicy


def with_auth_path(original: Method) -> Method:
    """Return `create_request_object` of botocore before 1.28, made to take over `auth_path`."""

    @functools.wraps(original)
    def create(request_dict: Any) -> Any:
        request = original(request_dict)
        if "auth_path" in request_dict:
            request.auth_path = request_dict["auth_path"]
        return request

    return create


class _Call:
    """What has to outlive one attempt of a call."""

    __slots__ = ("hops", "start")

    def __init__(self, start: int | None) -> None:
        self.start = start
        self.hops: list[Hop] = []


def remembering(original: Method, switch: Switch) -> Method:
    """Return `Endpoint.create_request`, made to remember what `follow` needs."""

    @functools.wraps(original)
    def create_request(self: Any, params: Any, operation_model: Any = None) -> Any:
        policy = switch.policy
        if not switch.on or not (
            self.__dict__.get(_SEEN) is policy or _is_ours(self, operation_model, policy)
        ):
            return original(self, params, operation_model)
        context = params["context"]
        if _CALL in context:
            request = _create_again(original, self, params, operation_model, context[_CALL])
        else:
            content = params["body"]
            # Asked first, because most bodies are bytes and this costs every request.
            if content.__class__ is not bytes and body.is_stream(content):
                context[_CALL] = _Call(body.position(content))
            request = original(self, params, operation_model)
        request.botocore_redirect_params = params
        return request

    return create_request


def following(original: Method, switch: Switch) -> Method:
    """Return `Endpoint._get_response`, made to follow redirects."""

    @functools.wraps(original)
    def get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        outcome = original(self, request, operation_model, context)
        response = outcome[0]
        if (
            response is None
            or (response[0].status_code not in STATUSES and _CALL not in context)
            or not switch.on
        ):
            return outcome
        own = self.__dict__.get(OWN_PATCH, switch)
        return _follow(self, request, operation_model, context, outcome, own.policy, original)

    return get_response


def _is_ours(endpoint: Any, operation_model: Any, policy: RedirectPolicy) -> bool:
    """Judge an endpoint by its service, once for a policy, and make its connections ready."""
    service = getattr(getattr(operation_model, "service_model", None), "service_name", None)
    if service not in policy.services:
        return False
    if "see-other" in policy.cures:
        cures.hide_redirects_from_urllib3(endpoint.http_session)
    setattr(endpoint, _SEEN, policy)
    return True


def _follow(
    endpoint: Any,
    request: Any,
    operation_model: Any,
    context: Any,
    outcome: Any,
    policy: RedirectPolicy,
    send: Method,
) -> Any:
    params = getattr(request, _PARAMS, None)
    if params is None:  # a service that is not ours to follow
        return outcome
    call = context.get(_CALL) or _Call(None)
    chain = Chain(visited=(request.url,))
    auth_path = params.get("auth_path") or urlsplit(params["url"]).path
    while outcome[0] is not None and outcome[0][0].status_code in STATUSES:
        http_response, parsed = outcome[0]
        if getattr(http_response, _JUDGED, False):
            break
        setattr(http_response, _JUDGED, True)
        decision = decide(_describe(endpoint, params, http_response, parsed, chain), policy)
        if decision is None:
            break
        if isinstance(decision, Refusal):
            return None, _error(decision, operation_model, parsed, call, chain)
        try:
            body.rewind(params["body"], call.start)
        except body.CannotRewind:
            return None, _error(_unsendable(decision), operation_model, parsed, call, chain)
        hop = Hop(
            http_response.status_code,
            params["method"],
            redact(request.url),
            redact(decision.url),
            decision.sent,
        )
        logger.debug(
            "%s: %s %s redirected %s to %s (%s)",
            operation_model.name,
            hop.status,
            hop.method,
            hop.source,
            hop.target,
            hop.sent,
        )
        context[_CALL] = call
        call.hops.append(hop)
        chain = chain.then(hop, decision)
        if "pools" in policy.cures:
            cures.make_room(endpoint.http_session)
        auth_path = _auth_path(auth_path, request.url, decision.url)
        hop_params = dict(params, url=decision.url, auth_path=auth_path)
        request = _next_request(endpoint, hop_params, operation_model, request, decision)
        outcome = send(endpoint, request, operation_model, context)
    if outcome[0] is not None and call.hops:
        metadata = outcome[0][1].setdefault("ResponseMetadata", {})
        metadata["Redirects"] = [hop.as_metadata() for hop in call.hops]
    return outcome


def _describe(endpoint: Any, params: Any, http_response: Any, parsed: Any, chain: Chain) -> Answer:
    error = parsed.get("Error", {})
    return Answer(
        status=http_response.status_code,
        method=params["method"],
        location=http_response.headers.get("location"),
        endpoint=endpoint.host,
        chain=chain,
        names_region="x-amz-bucket-region" in http_response.headers or bool(error.get("Region")),
        has_body=not body.is_empty(params["body"]),
        needs_customer_key=headers.holds_customer_key(params["headers"]),
    )


def _next_request(
    endpoint: Any, params: Any, operation_model: Any, previous: Any, decision: Follow
) -> Any:
    if decision.sent == "signed":
        return endpoint.create_request(params, operation_model)
    # Not through `create_request`: it would sign, and let hooks add what a stranger must not see.
    if decision.sent == "presigned":
        kept = headers.for_presigned(params["headers"], decision.url, params["method"])
        if body.is_chunked(params["body"]):
            kept = headers.without_chunking(kept)
    else:
        kept = headers.for_stranger(params["headers"])
    unsigned = create_request_object(
        dict(params, headers=kept, body=body.unchunked(params["body"]))
    )
    unsigned.stream_output = previous.stream_output
    return endpoint.prepare_request(unsigned)


def _create_again(
    original: Method, endpoint: Any, params: Any, operation_model: Any, call: _Call
) -> Any:
    """Create a request of a call that was redirected, or that sends a stream."""
    if not call.hops:
        return original(endpoint, params, operation_model)
    # botocore has just rewound the body of a retry to 0, which need not be where it began.
    body.rewind(params["body"], call.start)
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


def _auth_path(current: str, previous_url: str, url: str) -> str:
    """Return the path that SigV2 signs; it also stops botocore < 1.28 from rewriting the host."""
    path = urlsplit(url).path
    return current if path == urlsplit(previous_url).path else path


def _unsendable(decision: Follow) -> Refusal:
    return Refusal(
        "RedirectRefused",
        "body",
        f"the request was redirected to {redact(decision.url)}, but its body cannot be sent a"
        " second time: it is a stream that cannot seek. Pass bytes or a seekable file, or let"
        " upload_fileobj() send it in parts.",
        redact(decision.url),
    )


def _error(
    refusal: Refusal, operation_model: Any, parsed: Any, call: _Call, chain: Chain
) -> errors.RedirectError:
    metadata = dict(parsed.get("ResponseMetadata", {}))
    fields = dict(metadata.get("HTTPHeaders", {}))
    if "location" in fields:
        fields["location"] = redact(fields["location"])
    metadata.update(HTTPHeaders=fields, Redirects=[hop.as_metadata() for hop in call.hops])
    kind: type[errors.RedirectError] = getattr(errors, refusal.kind)
    return kind(
        {"Error": {"Code": refusal.kind, "Message": refusal.why}, "ResponseMetadata": metadata},
        operation_model.name,
        reason=refusal.reason,
        location=refusal.location,
        chain=chain.hops,
    )
