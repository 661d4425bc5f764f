"""All that two runs may write differently into a request though nothing is different."""

from __future__ import annotations

import re

# In a body, a presigned URL may be percent-encoded, and more than once: %3D, %253D.
_IS, _SLASH = r"(?:=|%(?:25)*3D)", r"(?:/|%(?:25)*2F)"
_MASKS = (
    # The moment of the request, and the day of the key it is signed with.
    (re.compile(r"\d{8}T\d{6}Z"), "MOMENT"),
    (re.compile(r"(?m)^((?:X-Amz-)?Date): \w{3}, [\w :]+ GMT", re.IGNORECASE), r"\1: MOMENT"),
    (
        re.compile(rf"({_SLASH})\d{{8}}({_SLASH}[a-z0-9-]+{_SLASH}[a-z0-9-]+{_SLASH}aws4_request)"),
        r"\1DAY\2",
    ),
    # What follows from it.
    (re.compile(rf"(Signature{_IS})[0-9a-f]{{64}}\b"), r"\1SIGNATURE"),
    # Both, by the old signature of SimpleDB and its like.
    (re.compile(r"(&Timestamp=)[0-9T%A-]+Z(&Signature=)[A-Za-z0-9%]+$"), r"\1MOMENT\2SIGNATURE"),
    # Random, for each call.
    (re.compile(r"(?m)^(amz-sdk-invocation-id: ).+$"), r"\1ID"),
)
# A set, in the order of its hashes.
_FEATURES = re.compile(r"\bm/([A-Za-z0-9,+-]+)")


def request(head: str, body: str) -> str:
    """Mask a request, and with a body whose masked parts vary in length, its length."""
    now = masked(body)
    if now != body:
        head = re.sub(rf"(?m)^(Content-Length: ){len(body)}$", rf"\g<1>{len(now)}", head)
    return masked(head) + now


def masked(text: str) -> str:
    """Replace what differs from run to run, and nothing else."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return _FEATURES.sub(lambda found: f"m/{','.join(sorted(found[1].split(',')))}", text)
