"""What the comparison leaves out: a set in random order, and calls that botocore cannot make."""

from __future__ import annotations

import re

# A set of features, written in the order of its hashes.
_FEATURES = re.compile(r"(?m)^(User-Agent: .*\bm/)([A-Za-z0-9,+-]+)")
_REASONS = re.compile(
    # An operation that streams in both directions.
    r"LookupError: botocore's client has no method for "
    # A signature that only awscrt makes.
    r"|MissingDependencyException: "
)
# The endpoint rules of some services refuse the ARNs and names of the comparison.
_WITH_DEFAULT_ENDPOINT = re.compile(r"\.(EndpointResolution|EndpointProvider|UnknownEndpoint)\w*: ")


def normalize(request: str) -> str:
    """Sort what differs from run to run, and nothing else."""
    return _FEATURES.sub(lambda found: found[1] + ",".join(sorted(found[2].split(","))), request)


def is_exempt(reason: str, *, default_endpoint: bool = False) -> bool:
    """Return whether a call that failed for this reason says nothing about the patch.

    More reasons are exempt for calls to the endpoint that botocore chooses.
    """
    exempt = _REASONS.search(reason)
    return bool(exempt or (default_endpoint and _WITH_DEFAULT_ENDPOINT.search(reason)))
