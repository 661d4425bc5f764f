"""The rate limiter of adaptive retries, which must not count hops."""

from __future__ import annotations

import functools
from typing import Any, Callable

from botocore_redirect.state import is_sending_hop


def exempt_hops_from_rate_limit(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return `TokenBucket.acquire`, made to take nothing for a hop.

    The rate limiter takes a token for each request on the wire, but measures its rate in attempts.
    If hops took tokens, it would slow down to its floor and never recover.
    """

    @functools.wraps(original)
    def acquire(self: Any, *args: Any, **kwargs: Any) -> Any:
        return True if is_sending_hop() else original(self, *args, **kwargs)

    return acquire
