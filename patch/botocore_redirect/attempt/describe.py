"""Describe a call, and an answer to it, in the terms of the rules."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from urllib3._collections import HTTPHeaderDict  # urllib3 1 does not export it

from botocore_redirect.attempt import request_body
from botocore_redirect.rules import headers
from botocore_redirect.rules.call import Call
from botocore_redirect.rules.hop import Answer, Chain

_REGION = "x-amz-bucket-region"
#: The statuses for which botocore's region redirector looks for a region.
_REGION_REDIRECT_STATUSES = (301, 302, 307)


def describe_call(endpoint: Any, params: Any, url: str, operation_model: Any) -> Call:
    """Describe a call by its first request, which went to `url`."""
    # Signing, and hooks of it, may have added to the query. They will add to each hop's as well.
    asked = urlsplit(url)._replace(query=urlsplit(params["url"]).query)
    return Call(
        method=params["method"],
        url=asked.geturl(),
        endpoint=endpoint.host,
        bucket=_bucket(params["context"]),
        copies=any(name.lower() == "x-amz-copy-source" for name in params["headers"]),
        is_s3=operation_model.service_model.service_name == "s3",
    )


def describe_answer(
    params: Any, sent_url: str, http_response: Any, parsed: Any, call: Call, chain: Chain
) -> Answer:
    """Describe an answer with a redirect status."""
    error = parsed.get("Error")  # a store may send anything there
    error = error if isinstance(error, dict) else {}
    return Answer(
        status=http_response.status_code,
        call=call,
        chain=chain,
        sent_url=sent_url,
        locations=_locations(http_response),
        endpoint=_text(error.get("Endpoint")),
        region=http_response.headers.get(_REGION),
        region_in_body=_text(error.get("Region")),
        botocore_can_find_region=not chain.anonymous
        and _can_botocore_find_region(params["context"], http_response.status_code),
        has_body=not request_body.is_empty(params["body"]),
        needed_secret=headers.needed_secret(params["headers"], params["method"]),
    )


def _bucket(context: Any) -> str | None:
    for holder in ("s3_redirect", "signing"):  # botocore before 1.28 has the second alone
        bucket: str | None = context.get(holder, {}).get("bucket")
        if bucket:
            return bucket
    return None


def _locations(http_response: Any) -> tuple[str, ...]:
    """Return the Location header fields; botocore's copy of the headers has joined them."""
    fields = getattr(http_response.raw, "headers", None)
    if isinstance(fields, HTTPHeaderDict):
        return tuple(fields.getlist("location"))
    location = http_response.headers.get("location")  # an answer of a mock
    return () if location is None else (location,)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _can_botocore_find_region(context: Any, status: int) -> bool:
    """Return whether botocore can find the region of the bucket, and stays at the endpoint."""
    known = context.get("s3_redirect")  # since 1.28
    bucket = known and known["bucket"]
    return bool(
        bucket
        and not bucket.startswith("arn:")
        and not known["redirected"]
        and status in _REGION_REDIRECT_STATUSES
    )
