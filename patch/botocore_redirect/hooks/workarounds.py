"""Faults of botocore and urllib3 that redirects make common, worked around.

Each is a name in `RedirectPolicy(workarounds=...)`, and none changes a byte on the wire for
requests that are not redirected.

`expect`: an answer that arrives instead of `100 Continue` leaves the body unsent. Some servers
still wait for it on that connection (nginx), others do not (Ceph RGW), and botocore before
1.43.117 or so hands the stale status to the next request. The connection is closed, also after an
early refusal that is no redirect: what a gateway answers early, its targets do too.

`pools`: urllib3 keeps connections to ten hosts. Beyond ten targets every request would open a
connection of its own. The first redirect that a client follows raises this to `MAX_TARGETS`.

`see-other`: urllib3 2.7 and later prepares a redirect of its own, for nothing, and thereby fails
on every 303 and on every malformed Location, which costs the connection. It is not told of the
Location (see `connections`).
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import Any, Callable

from botocore import awsrequest

#: How many hosts a client that follows redirects keeps connections to; the least recently used
#: is dropped beyond that. Each host keeps at most `Config(max_pool_connections=...)`.
MAX_TARGETS = 1024

#: How many patches in force ask for each workaround.
in_use: Counter[str] = Counter()

Replacement = tuple[Any, str, Callable[..., Any]]


def replacements(workaround: str) -> list[Replacement]:
    """Return the attributes of botocore that a workaround replaces while it is in use."""
    if workaround == "expect":
        return [(awsrequest.AWSHTTPResponse, "begin", _closing_begin())]
    return []


def make_room(http_session: Any) -> None:
    """Let one client keep its connections to `MAX_TARGETS` hosts."""
    for manager in managers(http_session):
        pools = getattr(manager, "pools", None)
        if pools is not None and getattr(pools, "_maxsize", MAX_TARGETS) < MAX_TARGETS:
            pools._maxsize = MAX_TARGETS  # noqa: SLF001  # there is no other way to resize it


def managers(http_session: Any) -> list[Any]:
    """Return the pool managers of a client's session, none for a session of another kind."""
    found = [getattr(http_session, "_manager", None)]
    found += getattr(http_session, "_proxy_managers", {}).values()
    return [manager for manager in found if manager is not None]


def _closing_begin() -> Callable[..., Any]:
    original = awsrequest.AWSHTTPResponse.begin

    @functools.wraps(original)
    def begin(self: Any) -> None:
        # This class is used for answers that came instead of `100 Continue`, and only there.
        original(self)
        if in_use["expect"]:
            self.will_close = True

    return begin
