"""What the botocore under test has, and what its older releases lack."""

from __future__ import annotations

from typing import Any

import botocore
import pytest

VERSION = tuple(map(int, botocore.__version__.split(".")[:3]))

#: The retry modes there are.
MODES = ("legacy", "standard", "adaptive") if VERSION >= (1, 15) else ("legacy",)

#: What the rate limiter of adaptive mode is made of.
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
    """Return what `Config(retries=...)` takes for a mode of `MODES` and so many retries."""
    chosen = {"mode": mode} if len(MODES) > 1 else {}  # where there is one, it has no name
    return {**chosen, "max_attempts": retries}
