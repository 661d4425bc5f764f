"""Pure: how far a chain of redirects may go."""

from __future__ import annotations

from botocore_redirect.rules.hop import Answer, Refusal
from botocore_redirect.rules.location import redact


def find_excess(answer: Answer, target: str, max_hops: int) -> Refusal | None:
    """Return the refusal of one hop more, where the chain has reached its limit."""
    taken = len(answer.chain.hops)
    if taken < max_hops:
        return None
    visited = (*answer.chain.visited, target)
    repeated = next((url for url in visited if visited.count(url) > 1), None)
    if repeated is None:
        shown = [redact(url) for url in visited]
        differ = len(set(shown)) < len(shown)
        return Refusal(
            "TooManyRedirects",
            "limit",
            f"{redact(answer.url)} redirects to {redact(target)} after {taken} hops, and"
            f" max_hops is {max_hops}."
            + (" URLs that look alike here differ in their queries." if differ else "")
            + " Raise it if the store needs more: RedirectPolicy(max_hops=...), given to install()"
            " or follow(); with `import botocore_redirect.auto`, BOTOCORE_REDIRECT_MAX_HOPS.",
            redact(target),
        )
    first = visited.index(repeated)
    cycle = visited[first : visited.index(repeated, first + 1) + 1]
    return Refusal(
        "RedirectLoop",
        "loop",
        f"the store redirects in a circle: {' -> '.join(map(redact, cycle))}"
        f" (stopped after {taken} hops). It is the store's configuration that needs a look.",
        redact(target),
    )
