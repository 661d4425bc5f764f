"""Why an operation may not reach the wire, or its answer not be read; nothing else is excused."""

from __future__ import annotations

import re

_REASONS = tuple(
    map(
        re.compile,
        (
            # It has a stream in both directions.
            r"NotImplementedError: botocore's client has no method for ",
            # Signatures that only awscrt makes.
            r"MissingDependencyException: ",
        ),
    )
)


def is_known(reason: str) -> bool:
    """Tell whether this is a reason that says nothing about the comparison."""
    return any(pattern.search(reason) for pattern in _REASONS)
