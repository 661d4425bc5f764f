"""botocore's own search for the region of a bucket, where a redirect says nowhere to go.

It asks by HEAD, and where nothing names a region, it ends in an error of its own, or in none. The
call then ends in ours, which says what was missing in the answer.
"""

from __future__ import annotations

import functools
from typing import Any, Callable

# On an answer: the error of the call, if botocore finds no region.
_OTHERWISE = "botocore_redirect_otherwise"


def leave(http_response: Any, error: Exception) -> None:
    """Leave an answer to botocore, with the error that the call ends in otherwise."""
    setattr(http_response, _OTHERWISE, error)


def wrap_get_bucket_region(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return `S3RegionRedirectorv2.get_bucket_region`, made to raise what `leave` was given."""

    @functools.wraps(original)
    def get_bucket_region(self: Any, bucket: Any, response: Any) -> Any:
        error = getattr(response[0], _OTHERWISE, None)
        if error is None:
            return original(self, bucket, response)
        try:
            region = original(self, bucket, response)
        except TypeError:  # botocore 1.42.62 and later checks the name of a region, None as well
            region = None
        if region is None:
            raise error
        return region

    return get_bucket_region
