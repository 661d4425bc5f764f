"""Workarounds for rare bugs of botocore and urllib3 that redirects make common.

Each has a name in `RedirectPolicy(workarounds=...)`. It applies only to requests whose redirects
are followed, and changes nothing on the wire for requests that are not redirected.

`expect`: an answer that arrives instead of `100 Continue` leaves the body unsent. Some servers
still wait for it on that connection (nginx), others do not (Ceph RGW), and botocore before
1.43.117 or so gives the stale status to the next request. The connection is closed, also after an
early error that is no redirect: targets answer early as gateways do.

`pools`: urllib3 keeps connections to ten hosts. With more targets, every request would open a new
connection. A client that is redirected keeps connections to more hosts (see `pools`).

`see-other`: urllib3 2.7 and later prepares to follow a redirect even if it is told not to. It fails
on every 303 and every malformed Location, which costs the connection. So it does not get to see
the Location (see `connections`).
"""

from __future__ import annotations

import functools
from typing import Any, Callable

from botocore import awsrequest

from botocore_redirect.state import policy_of
from botocore_redirect.transport.in_flight import find_request


def replacements() -> list[tuple[Any, str, Callable[..., Any]]]:
    """Return the attributes of botocore that workarounds replace while a patch is in force."""
    return [(awsrequest.AWSHTTPResponse, "begin", _closing_begin())]


def _closing_begin() -> Callable[..., Any]:
    original = awsrequest.AWSHTTPResponse.begin

    @functools.wraps(original)
    def begin(self: Any) -> None:
        # botocore uses this class only for answers that came instead of `100 Continue`.
        original(self)
        policy = policy_of(find_request())
        if policy is not None and "expect" in policy.workarounds:
            self.will_close = True

    return begin
