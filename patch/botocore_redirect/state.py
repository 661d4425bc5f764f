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
| the current context | `sending_hop` | a hop is being created or sent |

Each is gone with what it is kept on. The last one is a context variable because the rate limiter
that reads it is given neither a request nor a context.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy
    from botocore_redirect.rules.hop import Hop

CALL = "botocore_redirect"
CREATED_BY_CLIENT_PATCH = object()
SENT_BY_CLIENT_PATCH = "botocore_redirect_sent_by_client_patch"
CLIENT_PATCH = "_botocore_redirect"
DISCOVERY_ERROR = "botocore_redirect_discovery_error"

sending_hop: ContextVar[bool] = ContextVar("botocore_redirect_sending_hop", default=False)


class Patch(Protocol):
    """A patch of all endpoints or of one: whether it is in force, and its policy."""

    active: bool
    policy: RedirectPolicy


class CallState:
    """What outlives one attempt of a call: where its body began, and all hops so far."""

    __slots__ = ("body_start", "hops")

    def __init__(self, body_start: int | None) -> None:
        self.body_start = body_start
        self.hops: list[Hop] = []

    def add_hops_to_metadata(self, parsed: Any) -> None:
        """List the hops in the `ResponseMetadata` of an answer."""
        metadata = parsed.setdefault("ResponseMetadata", {})
        metadata["Redirects"] = [hop.as_metadata() for hop in self.hops]


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
