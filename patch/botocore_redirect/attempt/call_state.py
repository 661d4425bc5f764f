"""What has to outlive one attempt of a call, and what its requests have to know."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore_redirect.rules.hop import Hop

#: The key of the `Call` in botocore's context of a call.
CALL = "botocore_redirect"

#: Whether what is being sent is a hop, which belongs to an attempt that was counted already.
hopping: ContextVar[bool] = ContextVar("botocore_redirect_hopping", default=False)


class Call:
    """Where the body of a call began, and the hops of all its attempts."""

    __slots__ = ("hops", "start")

    def __init__(self, start: int | None) -> None:
        self.start = start
        self.hops: list[Hop] = []

    def list_hops(self, parsed: Any) -> None:
        """Put the hops of the call into the metadata of its answer."""
        metadata = parsed.setdefault("ResponseMetadata", {})
        metadata["Redirects"] = [hop.as_metadata() for hop in self.hops]
