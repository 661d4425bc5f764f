"""Connections to more hosts than the ten that urllib3 keeps them to, within the open files.

A client that is redirected may have hundreds of targets. What it keeps beyond its ten pools counts
for the whole process: no more idle connections than a quarter of the files that the process may
have open. Beyond that, the pools that were not used for longest are dropped, those of the client
that was not redirected for longest first. The ten that were used last are every client's own.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import weakref
from contextlib import suppress
from typing import Any

# Windows has none.
resource: Any = (
    importlib.import_module("resource") if importlib.util.find_spec("resource") else None
)

#: How many idle connections are kept where nothing says how many files may be open.
WITHOUT_LIMIT = 512

# More pools than there are targets: how many are kept is decided here.
_MANY = 1 << 30

# Of each manager that was used for a hop: when that was, and the size that its pools had before.
_stamps: dict[weakref.ref[Any], int] = {}
_sizes: dict[weakref.ref[Any], int] = {}
_hops = itertools.count()
# At which hop to count again, and for which limit that holds.
_next_count = (0, 0)


def make_room(http_session: Any) -> None:
    """Let the client of a session keep connections to another host, as far as there is room."""
    global _next_count  # noqa: PLW0603  # threads may overwrite it: it is looked at once a hop
    hop, limit = next(_hops), _limit()
    for manager in _managers(http_session):
        reference = weakref.ref(manager, _forget)
        _stamps[reference] = hop
        if reference not in _sizes:
            _sizes[reference] = manager.pools._maxsize  # noqa: SLF001  # no other way to resize it
            manager.pools._maxsize = _MANY  # noqa: SLF001  # as above
    if hop >= _next_count[0] or limit != _next_count[1]:
        # A hop adds one connection at most, so that there is nothing to count before that.
        _next_count = hop + _drop_pools(limit), limit


def restore_sizes() -> None:
    """Have all clients keep connections to as many hosts as before."""
    found: list[tuple[Any, int]]
    # Those that are gone by now are forgotten by themselves.
    found = [(each(), size) for each, size in list(_sizes.items())]
    for manager, size in [each for each in found if each[0] is not None]:
        _forget(weakref.ref(manager))
        manager.pools._maxsize = size  # noqa: SLF001  # as in make_room()
        for key, _ in _extra_pools(manager, size):
            _drop(manager, key)


def _forget(reference: weakref.ref[Any]) -> None:
    _stamps.pop(reference, None)
    _sizes.pop(reference, None)


def _managers(http_session: Any) -> list[Any]:
    """Return the pool managers of a client's session, none for a session of another kind."""
    found = [getattr(http_session, "_manager", None)]
    found += getattr(http_session, "_proxy_managers", {}).values()
    return [each for each in found if hasattr(getattr(each, "pools", None), "_maxsize")]


def _limit() -> int:
    """Return how many connections may be kept beyond each client's own."""
    if resource is None:
        return WITHOUT_LIMIT
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WITHOUT_LIMIT if soft == resource.RLIM_INFINITY else soft // 4


def _drop_pools(limit: int) -> int:
    """Drop pools where the limit is near, and return how many connections it is away then."""
    extra = [
        (manager, key, _count_connections(pool))
        for reference, _ in sorted(_stamps.items(), key=lambda item: item[1])
        if (manager := reference()) is not None
        for key, pool in _extra_pools(manager, _sizes.get(reference, _MANY))
    ]
    left = limit - sum(count for *_, count in extra)
    # Counting takes a while. So it makes room for some hops, and not for this one alone.
    for manager, key, count in extra:
        if left > limit // 16:
            break
        _drop(manager, key)
        left += count
    return max(left, 1)


def _extra_pools(manager: Any, size: int) -> list[tuple[Any, Any]]:
    """Return the pools beyond those that were used last, with their keys."""
    pools = manager.pools
    with pools.lock:
        items = list(pools._container.items())  # noqa: SLF001  # keys() has no order
    return items[: max(len(items) - size, 0)]


def _drop(manager: Any, key: Any) -> None:
    with suppress(KeyError):  # somebody else did
        del manager.pools[key]


def _count_connections(pool: Any) -> int:
    """Return how many connections a pool keeps, with those in use, which come back to it."""
    queue = pool.pool
    if queue is None:  # closed
        return 0
    there = list(queue.queue)
    idle = sum(getattr(each, "sock", None) is not None for each in there)
    return idle + int(queue.maxsize) - len(there)
