"""Faults of botocore and urllib3 that redirects turn from rare to daily, worked around.

Each is a name in `RedirectPolicy(cures=...)`, and none changes a byte on the wire for requests
that are not redirected.

`expect`: a redirect that arrives instead of `100 Continue` leaves the body unsent. Some servers
still wait for it on that connection (nginx), others do not (Ceph RGW), and botocore before
1.43.117 or so hands the stale status to the next request. The connection is closed.

`pools`: urllib3 keeps connections to ten hosts. Beyond ten targets every request would open a
connection of its own. The first redirect that a client follows raises this to `MAX_TARGETS`.

`see-other`: urllib3 2.7 and later prepares a redirect of its own, for nothing, and thereby raises
on every 303 and on every malformed Location, before anybody sees the answer. Connections of a
client that follows redirects do not tell it of the Location.
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import Any, Callable

import urllib3
from botocore import awsrequest

from botocore_redirect.policy import STATUSES

#: How many hosts a client that follows redirects keeps connections to; the least recently used
#: is dropped beyond that. Each host keeps at most `Config(max_pool_connections=...)`.
MAX_TARGETS = 1024

#: How many patches in force ask for each cure.
in_use: Counter[str] = Counter()

_HIDING = "_botocore_redirect_hiding"

Replacement = tuple[Any, str, Callable[..., Any]]


def replacements(cure: str) -> list[Replacement]:
    """Return the attributes of botocore that a cure replaces while it is in use."""
    if cure == "expect":
        return [(awsrequest.AWSHTTPResponse, "begin", _closing_begin())]
    return []


def make_room(http_session: Any) -> None:
    """Let one client keep its connections to `MAX_TARGETS` hosts."""
    for manager in _managers(http_session):
        pools = getattr(manager, "pools", None)
        if pools is not None and getattr(pools, "_maxsize", MAX_TARGETS) < MAX_TARGETS:
            pools._maxsize = MAX_TARGETS  # noqa: SLF001  # there is no other way to resize it


def hide_redirects_from_urllib3(http_session: Any) -> None:
    """Keep urllib3 from preparing redirects of its own for one client."""
    classes = getattr(http_session, "_pool_classes_by_scheme", None)
    if classes is None or not _urllib3_prepares_redirects():
        return
    if _HIDING in vars(http_session):
        return
    setattr(http_session, _HIDING, True)
    # The one dictionary that all managers of the client look their pools' class up in.
    for scheme, pool_class in classes.items():
        classes[scheme] = _hiding(pool_class)
    # What is connected already was made of other classes. This is the slower way to the same.
    for manager in _managers(http_session):
        for key in manager.pools.keys():  # noqa: SIM118  # it cannot be iterated over
            pool = manager.pools.get(key)
            if pool is not None:
                pool.urlopen = _plain_urlopen(pool.urlopen)


def _managers(http_session: Any) -> list[Any]:
    managers = [getattr(http_session, "_manager", None)]
    managers += getattr(http_session, "_proxy_managers", {}).values()
    return [manager for manager in managers if manager is not None]


def _closing_begin() -> Callable[..., Any]:
    original = awsrequest.AWSHTTPResponse.begin

    @functools.wraps(original)
    def begin(self: Any) -> None:
        # This class is used for answers that came instead of `100 Continue`, and only there.
        original(self)
        if self.status in STATUSES and in_use["expect"]:
            self.will_close = True

    return begin


@functools.cache
def _hiding(pool_class: type[Any]) -> type[Any]:
    connection_class: type[Any] = pool_class.ConnectionCls

    class HidingConnection(connection_class):  # type: ignore[misc]  # botocore is untyped
        def getresponse(self) -> Any:
            response = connection_class.getresponse(self)  # each request pays for super()
            if response.status in STATUSES and in_use["see-other"]:
                response.get_redirect_location = _nowhere
            return response

    class HidingPool(pool_class):  # type: ignore[misc]
        ConnectionCls = HidingConnection

    return HidingPool


def _plain_urlopen(original: Callable[..., Any]) -> Callable[..., Any]:
    def urlopen(*args: Any, **kwargs: Any) -> Any:
        return original(*args, redirect=not in_use["see-other"], **kwargs)

    return urlopen


def _nowhere() -> bool:
    return False


@functools.cache
def _urllib3_prepares_redirects() -> bool:
    major, minor = (int(part) for part in urllib3.__version__.split(".")[:2])
    return (major, minor) >= (2, 7)
