"""botocore's discovery of a bucket's region, for redirects that do not say where to go.

botocore asks by HEAD. If no answer names a region, it ends in an error of its own, or in none. The
call then ends in our error, which says what the redirect lacked.
"""

from __future__ import annotations

import functools
from typing import Any, Callable

from botocore_redirect.state import DISCOVERY_ERROR


def wrap_get_bucket_region(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return `get_bucket_region`, made to raise `DISCOVERY_ERROR` if it finds no region."""

    @functools.wraps(original)
    def get_bucket_region(self: Any, bucket: Any, response: Any) -> Any:
        error = getattr(response[0], DISCOVERY_ERROR, None)
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
