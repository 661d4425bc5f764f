"""What a rule has to know of an answer."""

from __future__ import annotations

from typing import Any

from botocore_redirect.hooks import body
from botocore_redirect.rules import headers
from botocore_redirect.rules.hop import Answer, Chain

REGION = "x-amz-bucket-region"


def describe(endpoint: Any, params: Any, http_response: Any, parsed: Any, chain: Chain) -> Answer:
    error = parsed.get("Error")  # a store can write anything there
    return Answer(
        status=http_response.status_code,
        method=params["method"],
        location=http_response.headers.get("location"),
        endpoint=endpoint.host,
        chain=chain,
        names_region=REGION in http_response.headers or _names_region(error),
        has_body=not body.is_empty(params["body"]),
        needed_secret=headers.needed_secret(params["headers"], params["method"]),
    )


def _names_region(error: Any) -> bool:
    return isinstance(error, dict) and bool(error.get("Region"))
