"""Features that older releases of botocore lack."""

from __future__ import annotations

from typing import Any

import botocore
import pytest

VERSION = tuple(map(int, botocore.__version__.split(".")[:3]))

#: The retry modes of this botocore.
MODES = ("legacy", "standard", "adaptive") if VERSION >= (1, 15) else ("legacy",)

#: The token bucket of the rate limiter of adaptive mode.
TokenBucket: Any = None
if "adaptive" in MODES:
    from botocore.retries import bucket

    TokenBucket = bucket.TokenBucket

needs_adaptive_mode = pytest.mark.skipif(
    "adaptive" not in MODES, reason="botocore before 1.15 has no adaptive retries"
)
NUMBERS_REQUESTS = VERSION >= (1, 23, 47)
needs_numbered_requests = pytest.mark.skipif(
    not NUMBERS_REQUESTS, reason="botocore before 1.23.47 does not number its requests"
)
needs_checksums = pytest.mark.skipif(
    VERSION < (1, 24, 7), reason="botocore before 1.24.7 has no ChecksumAlgorithm"
)


def retrying(mode: str, retries: int) -> dict[str, Any]:
    """Return the `retries` of a `Config` for a mode and a number of retries."""
    chosen = {"mode": mode} if len(MODES) > 1 else {}  # a single mode has no name
    return {**chosen, "max_attempts": retries}
