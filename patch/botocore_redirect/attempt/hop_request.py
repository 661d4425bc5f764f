"""The request of a hop: signed anew, with the signature in its URL, or unsigned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore import awsrequest

from botocore_redirect.attempt import request_body
from botocore_redirect.attempt.steps import Create, Steps
from botocore_redirect.rules import canonical, headers

if TYPE_CHECKING:
    from botocore_redirect.rules.hop import Follow

# As service models name them. Signers of other services escape the path of a request twice.
_SIGNATURES_OF_S3 = ("s3", "s3v4")


def hop_request(
    endpoint: Any, params: Any, previous: Any, decision: Follow, operation_model: Any
) -> Steps:
    """Create the request of a hop, by what `decision.sent` says."""
    if decision.sent == "signed":
        return (yield from _signed_request(params, operation_model.service_model))
    # `create_request` would sign, and let hooks add what a stranger must not see.
    if decision.sent == "presigned":
        kept = headers.for_presigned(params["headers"], decision.url, params["method"])
        if request_body.is_chunked(params["body"]):
            kept = headers.without_chunking(kept)
    else:
        kept = headers.for_stranger(params["headers"])
    unsigned = awsrequest.create_request_object(
        dict(params, headers=kept, body=request_body.unchunked(params["body"]))
    )
    unsigned.stream_output = previous.stream_output
    return endpoint.prepare_request(unsigned)


def _signed_request(params: Any, service_model: Any) -> Steps:
    """Sign the canonical URL (hooks of signing see that one), and send the URL of the target."""
    url = params["url"]
    s3 = service_model.signature_version in _SIGNATURES_OF_S3
    signed_url = canonical.canonical_url(url, s3=s3)
    request = yield Create(dict(params, url=signed_url))
    request.url = canonical.with_signature(url, signed_url, request.url)
    return request


def auth_path(url: str, bucket: str | None) -> str:
    """Return the path that SigV2 signs; with it, botocore before 1.28 does not rewrite the host.

    `bucket` is the bucket in the host of `url`, if there is one.
    """
    path = urlsplit(url).path
    return f"/{bucket}{path}" if bucket else path
