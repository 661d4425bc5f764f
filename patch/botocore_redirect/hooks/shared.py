"""What all patches in force share: attributes of botocore that are replaced once for all of them.

Patches come and go in any thread, and also where the garbage collector finds that a client is
gone, which may be in the middle of anything. So the set of users changes only by operations that
are atomic. Whoever has changed it, or has held the lock, looks afterwards whether botocore is as
the users need it. That never waits for the lock, and no child of a fork finds it taken.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import botocore.endpoint
import botocore.utils

from botocore_redirect.attempt import discovery
from botocore_redirect.hooks import endpoint as hook
from botocore_redirect.hooks import upstream
from botocore_redirect.hooks.attributes import Replaced
from botocore_redirect.transport import connections, pools, workarounds

try:
    from botocore.retries import bucket
except ImportError:  # botocore before 1.15, which has no adaptive retries
    bucket = None

if TYPE_CHECKING:
    from collections.abc import Iterator

_logger = logging.getLogger("botocore_redirect")


class Shared:
    """The attributes that are replaced while there are users, and the lock for all changes."""

    def __init__(self) -> None:
        self._users: set[object] = set()
        self._replaced: list[Replaced] = []
        self._lost: deque[str] = deque()
        self._lock = threading.RLock()
        self._is_settling = False

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Change what is patched, one thread after the other."""
        try:
            with self._lock:
                yield
        finally:
            self._settle()
            self._warn()

    def use(self, user: object) -> None:
        """Have the attributes replaced until `user` ends its use."""
        self._users.add(user)
        self._settle()

    def end_use(self, user: object) -> None:
        """End a use, from wherever this is called."""
        self._users.discard(user)
        self._settle()
        self._warn()

    def put_back(self, all_replaced: list[Replaced]) -> None:
        """Put attributes back; those that somebody wrapped since are named in a warning."""
        self._lost.extend(f"{each}" for each in reversed(all_replaced) if not each.restore())

    def stop_for_fork(self) -> None:
        """Let no other thread be in the middle of a change when this one forks."""
        self._lock.acquire()

    def go_on_after_fork(self) -> None:
        """Let changes be made again; what others could not do meanwhile is done here."""
        self._lock.release()
        self._settle()

    def _settle(self) -> None:
        """Replace what users need and is not replaced, or put it back where there are none.

        Who finds the lock taken can leave it at that: its holder looks again after releasing it.
        """
        while bool(self._users) is not bool(self._replaced) and self._lock.acquire(blocking=False):
            try:
                if self._is_settling:  # this thread was interrupted in it, and will look again
                    return
                self._is_settling = True
                try:
                    self._adapt()
                finally:
                    self._is_settling = False
            finally:
                self._lock.release()

    def _adapt(self) -> None:
        if self._users:
            self._replaced = [Replaced(*replacement) for replacement in _replacements()]
        else:
            replaced, self._replaced = self._replaced, []
            self.put_back(replaced)
            pools.restore_sizes()

    def _warn(self) -> None:
        for _ in range(len(self._lost)):
            _logger.warning(
                "%s is not put back, because another library changed it after botocore-redirect"
                " did; botocore-redirect no longer acts there",
                self._lost.popleft(),
            )


def _replacements() -> list[tuple[Any, str, Any]]:
    found = [*connections.replacements(), *workarounds.replacements()]
    if bucket is not None:
        acquire = bucket.TokenBucket.acquire
        found.append((bucket.TokenBucket, "acquire", hook.exempt_hops_from_rate_limit(acquire)))
    redirector = getattr(botocore.utils, "S3RegionRedirectorv2", None)
    if redirector is not None:  # botocore before 1.28 would leave the endpoint: it is not asked
        find = discovery.wrap_get_bucket_region(redirector.get_bucket_region)
        found.append((redirector, "get_bucket_region", find))
    if not upstream.sets_auth_path():  # botocore before 1.28
        create = botocore.endpoint.create_request_object
        found.append((botocore.endpoint, "create_request_object", hook.with_auth_path(create)))
    return found


shared = Shared()

# Windows has no fork.
getattr(os, "register_at_fork", dict)(
    before=shared.stop_for_fork,
    after_in_parent=shared.go_on_after_fork,
    after_in_child=shared.go_on_after_fork,
)
