"""What following a redirect has to remember, and where each piece is kept.

| kept on | name | what |
|---|---|---|
| a request | `botocore_redirect_params` | what botocore created it from |
| a request | `botocore_redirect_patch` | the patch that was in force when it was created |
| a request | `botocore_redirect_head` | the redirect that its connection noticed (`transport`) |
| a request | `SENT_BY_CLIENT_PATCH` | the patch of its client is sending it |
| the context of a call | `CALL` | the `CallState`, or `CREATED_BY_CLIENT_PATCH` |
| an answer | `DISCOVERY_ERROR` | how the call ends if botocore finds no region |
| an endpoint | `CLIENT_PATCH` | the patch of `follow(client)` |
| the current context | `_hopping_call` | the `CallState` of the hop that is created or sent |

Each is gone with what it is kept on. The last one is a context variable because the rate limiter
that asks for it is given neither a request nor a context.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore_redirect.policy import RedirectPolicy
    from botocore_redirect.rules.hop import Hop

CALL = "botocore_redirect"
CREATED_BY_CLIENT_PATCH = object()
SENT_BY_CLIENT_PATCH = "botocore_redirect_sent_by_client_patch"
CLIENT_PATCH = "_botocore_redirect"
DISCOVERY_ERROR = "botocore_redirect_discovery_error"

_hopping_call: ContextVar[CallState | None] = ContextVar("botocore_redirect_call", default=None)


class Patch(Protocol):
    """A patch of all endpoints or of one: whether it is in force, and its policy."""

    active: bool
    policy: RedirectPolicy


class CallState:
    """What outlives one attempt of a call: where its body began, and all hops so far."""

    __slots__ = ("body_start", "hops", "is_sending_hop")

    def __init__(self, body_start: int | None) -> None:
        self.body_start = body_start
        self.hops: list[Hop] = []
        self.is_sending_hop = False

    def add_hops_to_metadata(self, parsed: Any) -> None:
        """List the hops in the `ResponseMetadata` of an answer."""
        metadata = parsed.setdefault("ResponseMetadata", {})
        metadata["Redirects"] = [hop.as_metadata() for hop in self.hops]


@contextmanager
def sending_hop(call: CallState) -> Iterator[None]:
    """Say, meanwhile, that a hop of this call is created and sent."""
    call.is_sending_hop = True
    token = _hopping_call.set(call)
    try:
        yield
    finally:
        call.is_sending_hop = False
        with suppress(ValueError):  # a task was dropped, and is closed in another context
            _hopping_call.reset(token)


def is_sending_hop() -> bool:
    """Return whether a hop is created or sent in this context.

    Tasks that are started meanwhile inherit the context, and so do threads in a free-threaded
    Python. For them it is over when the hop is.
    """
    call = _hopping_call.get()
    return call is not None and call.is_sending_hop


def set_patch(request: Any, patch: Patch) -> None:
    """Have the redirects of a request followed by `patch`."""
    request.botocore_redirect_patch = patch


def patch_of(request: Any) -> Patch | None:
    """Return the patch that was in force when a request was created, or None."""
    found: Patch | None = getattr(request, "botocore_redirect_patch", None)
    return found


def policy_of(request: Any) -> RedirectPolicy | None:
    """Return the policy by which the redirects of a request are followed, or None."""
    patch = patch_of(request)
    return None if patch is None else patch.policy
