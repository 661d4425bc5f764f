"""The request of a hop: signed anew, with the signature of its URL, or with nothing of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore import awsrequest

from botocore_redirect.hooks import body
from botocore_redirect.hooks.steps import Create, Steps
from botocore_redirect.rules import headers

if TYPE_CHECKING:
    from botocore_redirect.rules.hop import Follow


def next_request(endpoint: Any, params: Any, previous: Any, decision: Follow) -> Steps:
    if decision.sent == "signed":
        return (yield Create(params))
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


def auth_path(current: str, previous_url: str, url: str) -> str:
    """Return the path that SigV2 signs; it also stops botocore < 1.28 from rewriting the host."""
    path = urlsplit(url).path
    return current if path == urlsplit(previous_url).path else path
