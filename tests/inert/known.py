"""Why an operation may not reach the wire, or its answer not be read; nothing else is excused."""

from __future__ import annotations

import re

_REASONS = tuple(
    map(
        re.compile,
        (
            # It has a stream in both directions.
            r"LookupError: botocore's client has no method for ",
            # Signatures that only awscrt makes.
            r"MissingDependencyException: ",
        ),
    )
)
# The rules for the endpoint that a service chooses itself want more than any ARN or name.
_BY_DEFAULT = re.compile(r"\.(EndpointResolution|EndpointProvider|UnknownEndpoint)\w*: ")


def is_known(reason: str, *, by_default: bool = False) -> bool:
    """Tell whether this is a reason that says nothing about the comparison.

    More is known of calls to the endpoint that botocore chooses by default.
    """
    patterns = (*_REASONS, _BY_DEFAULT) if by_default else _REASONS
    return any(pattern.search(reason) for pattern in patterns)
