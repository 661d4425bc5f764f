"""What is kept on an endpoint: which patch it belongs to, and the last redirect it met."""

from __future__ import annotations

from typing import Any

from botocore_redirect.hooks.connections import LastRedirect

STATE = "_botocore_redirect_state"


class EndpointState:
    """On an endpoint: the policy it was judged by, and where its connections note redirects."""

    __slots__ = ("generation", "seen")  # each request looks at both

    def __init__(self, generation: object, seen: LastRedirect) -> None:
        self.generation = generation
        self.seen = seen


def last_redirect(endpoint: Any) -> LastRedirect:
    """Return where the connections of an endpoint note redirects."""
    state: EndpointState | None = vars(endpoint).get(STATE)
    return state.seen if state is not None else LastRedirect()
