"""What is replaced in aiobotocore while any patch is in force (see `hooks.shared_attributes`)."""

from __future__ import annotations

import functools
from typing import Any, Callable

from aiobotocore import utils
from aiobotocore.retries import bucket

from botocore_redirect.aio import http_sessions
from botocore_redirect.state import DISCOVERY_ERROR, is_sending_hop

Method = Callable[..., Any]


def replacements() -> list[tuple[Any, str, Any]]:
    """Return the attributes to replace, and what replaces them."""
    redirector, tokens = utils.AioS3RegionRedirectorv2, bucket.AsyncTokenBucket
    return [
        *http_sessions.replacements(),
        (tokens, "acquire", _exempt_hops_from_rate_limit(tokens.acquire)),
        (redirector, "get_bucket_region", _wrap_get_bucket_region(redirector.get_bucket_region)),
    ]


def _exempt_hops_from_rate_limit(original: Method) -> Method:
    """Return `acquire` of a token bucket, made to take nothing for a hop (`hooks.rate_limit`)."""

    @functools.wraps(original)
    async def acquire(self: Any, *args: Any, **kwargs: Any) -> Any:
        return True if is_sending_hop() else await original(self, *args, **kwargs)

    return acquire


def _wrap_get_bucket_region(original: Method) -> Method:
    """Return `get_bucket_region`, made to raise our error if it finds none (`hooks.discovery`)."""

    @functools.wraps(original)
    async def get_bucket_region(self: Any, bucket: Any, response: Any) -> Any:
        error = getattr(response[0], DISCOVERY_ERROR, None)
        if error is None:
            return await original(self, bucket, response)
        try:
            region = await original(self, bucket, response)
        except TypeError:  # recent releases check the name of a region, None as well
            region = None
        if region is None:
            raise error
        return region

    return get_bucket_region
