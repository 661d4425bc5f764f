"""Which request a connection is busy with, and whether its redirects are followed.

A connection knows nothing of requests, and what says so in advance, a variable of the thread or of
its context, would cost every request and outlive some. The stack knows, for each thread, greenlet
and nested call on its own, and is asked only when something has happened: a redirect has arrived.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from botocore import httpsession

if TYPE_CHECKING:
    from types import FrameType

    from botocore_redirect.policy import RedirectPolicy

#: On a request of which redirects are followed: the patch that was in force when it was created.
SWITCH = "botocore_redirect_switch"

_GLOBALS = vars(httpsession)


def find_request() -> Any:
    """Return the request that botocore is sending in the calls around this one, or None."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # inspect's way is the same, slower
    while frame is not None:
        if frame.f_globals is _GLOBALS:  # only its `send` gets to a connection
            return frame.f_locals.get("request")
        frame = frame.f_back
    return None


def policy_of(request: Any) -> RedirectPolicy | None:
    """Return the policy by which the redirects of a request are followed, or None."""
    switch = getattr(request, SWITCH, None)
    return None if switch is None else switch.policy
