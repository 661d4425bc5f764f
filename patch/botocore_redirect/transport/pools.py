"""Keep connections to more hosts than urllib3's ten, within the limit of open files.

A client that is redirected may have hundreds of targets. Connections beyond the ten pools of each
client are limited for the whole process, to a quarter of the files that it may have open. Beyond
that limit the least recently used pools are dropped, first those of the client whose last redirect
is longest ago. The ten pools that a client used last are always kept.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import os
import threading
import weakref
from contextlib import suppress
from typing import Any

# Windows has none.
resource: Any = (
    importlib.import_module("resource") if importlib.util.find_spec("resource") else None
)

#: How many idle connections are kept if the limit of open files is unknown.
WITHOUT_LIMIT = 512

# More pools than there can be targets: this module limits them.
_MANY = 1 << 30

# For each pool manager that was used for a hop: the number of its last hop, and its original size.
_stamps: dict[weakref.ref[Any], int] = {}
_sizes: dict[weakref.ref[Any], int] = {}
_hops = itertools.count()
_has_patch = False
# Held while sizes change. Reentrant, because the garbage collector may end the last patch
# meanwhile. Whoever holds it takes no lock of urllib3, whose holder may be interrupted likewise.
_lock = threading.RLock()
# The hop at which to count again, and the limit that this was computed for.
_next_count = (0, 0)


def make_room(http_session: Any) -> None:
    """Let a session keep connections to another host; drop others if there is no room."""
    global _next_count  # noqa: PLW0603  # threads may overwrite it: each hop checks again
    hop, limit = next(_hops), _limit()
    with _lock:
        for manager in _managers(http_session):
            _enlarge(manager, hop)
        has_patch = _has_patch
    if not has_patch:  # it has gone since the call began
        restore_sizes()
    if hop >= _next_count[0] or limit != _next_count[1]:
        # A hop adds at most one connection, so counting earlier is needless.
        _next_count = hop + _drop_pools(limit), limit


def allow_more() -> None:
    """Let sessions keep more pools, until `restore_sizes()`."""
    global _has_patch  # noqa: PLW0603  # one setting for the process
    with _lock:
        _has_patch = True


def restore_sizes() -> None:
    """Restore the original number of pools of all sessions, for as long as there is no patch."""
    global _has_patch  # noqa: PLW0603  # as in allow_more()
    restored = []
    with _lock:
        _has_patch = False
        # A copy at once: the garbage collector may remove a manager from it at any moment.
        for reference, size in _sizes.copy().items():
            manager = reference()
            if manager is not None:
                _forget(reference)
                manager.pools._maxsize = size  # noqa: SLF001  # as in _enlarge()
                restored.append((manager, size))
    for manager, size in restored:
        for key, _ in _extra_pools(manager, size):
            _drop(manager, key)


def _enlarge(manager: Any, hop: int) -> None:
    reference = weakref.ref(manager, _forget)
    _stamps[reference] = hop
    if reference not in _sizes:
        size = manager.pools._maxsize  # noqa: SLF001  # no other way to resize it
        manager.pools._maxsize = _MANY  # noqa: SLF001  # as above
        _sizes[reference] = size


def _forget(reference: weakref.ref[Any]) -> None:
    _stamps.pop(reference, None)
    _sizes.pop(reference, None)


def _managers(http_session: Any) -> list[Any]:
    """Return the pool managers of a session; none if it is not botocore's."""
    found = [getattr(http_session, "_manager", None)]
    found += getattr(http_session, "_proxy_managers", {}).values()
    return [each for each in found if hasattr(getattr(each, "pools", None), "_maxsize")]


def _limit() -> int:
    """Return how many connections may be kept beyond ten pools for each client."""
    if resource is None:
        return WITHOUT_LIMIT
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WITHOUT_LIMIT if soft == resource.RLIM_INFINITY else soft // 4


def _drop_pools(limit: int) -> int:
    """Drop pools if the limit is near; return how many more connections it then allows."""
    extra = [
        (manager, key, _count_connections(pool))
        for reference, _ in sorted(_stamps.copy().items(), key=lambda item: item[1])
        if (manager := reference()) is not None
        for key, pool in _extra_pools(manager, _sizes.get(reference, _MANY))
    ]
    left = limit - sum(count for *_, count in extra)
    # Counting takes a while, so room is made for several hops.
    for manager, key, count in extra:
        if left > limit // 16:
            break
        _drop(manager, key)
        left += count
    return max(left, 1)


def _extra_pools(manager: Any, size: int) -> list[tuple[Any, Any]]:
    """Return all but the `size` most recently used pools, with their keys."""
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
    there = queue.queue.copy()  # other threads take from it and give back
    idle = sum(getattr(each, "sock", None) is not None for each in there)
    return idle + int(queue.maxsize) - len(there)


# No child of a fork may find the lock taken. Windows has no fork.
getattr(os, "register_at_fork", dict)(
    before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
)
