"""Faults of botocore and urllib3 that redirects make common, worked around.

Each is a name in `RedirectPolicy(workarounds=...)`, is done for requests whose redirects are
followed alone, and changes no byte on the wire for those that are not redirected.

`expect`: an answer that arrives instead of `100 Continue` leaves the body unsent. Some servers
still wait for it on that connection (nginx), others do not (Ceph RGW), and botocore before
1.43.117 or so hands the stale status to the next request. The connection is closed, also after an
early refusal that is no redirect: what a gateway answers early, its targets do too.

`pools`: urllib3 keeps connections to ten hosts. Beyond ten targets every request would open a
connection of its own. A client that is redirected keeps them to more hosts, as far as the limit of
open files allows (see `pools`).

`see-other`: urllib3 2.7 and later prepares a redirect of its own, for nothing, and thereby fails
on every 303 and on every malformed Location, which costs the connection. It is not told of the
Location (see `connections`).
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
        # This class is used for answers that came instead of `100 Continue`, and only there.
        original(self)
        policy = policy_of(find_request())
        if policy is not None and "expect" in policy.workarounds:
            self.will_close = True

    return begin
