"""Which request a connection is busy with.

A connection knows nothing of requests. A variable of the thread or of its context would cost every
request and could outlive it. The stack always knows, for each thread, greenlet and nested call. It
is searched only when something has happened: a redirect has arrived.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from botocore import httpsession

if TYPE_CHECKING:
    from types import FrameType

_GLOBALS = vars(httpsession)


def find_request() -> Any:
    """Return the request that botocore is sending in the calls around this one, or None."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # inspect's way is the same, slower
    while frame is not None:
        if frame.f_globals is _GLOBALS:  # only its `send` gets to a connection
            return frame.f_locals.get("request")
        frame = frame.f_back
    return None
