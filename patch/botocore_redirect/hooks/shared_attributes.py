"""The attributes of botocore that are replaced once for all patches, while any patch is in force.

Patches come and go in any thread. A client's patch also goes when the garbage collector finds the
client unused, which can interrupt any line here. So the set of users changes only by atomic
operations. Whoever has changed it, or has held the lock, checks afterwards whether botocore is as
the users need it. That check never waits for the lock, and no child of a fork finds it taken.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore import endpoint, utils

from botocore_redirect.after_import import AfterImport
from botocore_redirect.aio import compatibility as aio_compatibility
from botocore_redirect.aio import loading
from botocore_redirect.hooks import compatibility, discovery
from botocore_redirect.hooks.attributes import Replaced
from botocore_redirect.hooks.auth_path import keep_auth_path
from botocore_redirect.hooks.rate_limit import exempt_hops_from_rate_limit
from botocore_redirect.transport import connections, pools, workarounds

try:
    from botocore.retries import bucket
except ImportError:  # botocore before 1.15, which has no adaptive retries
    bucket = None

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIBRARIES = ("botocore", "boto3", "aiobotocore", "s3fs")
_MODULES = {
    "boto3": "botocore_redirect.hooks.crt_transfers",
    "aiobotocore": "botocore_redirect.aio.replacements",
    "s3fs": "botocore_redirect.aio.s3fs_errors",
}

_logger = logging.getLogger("botocore_redirect")


class SharedAttributes:
    """The attributes that are replaced while there are users, and the lock for all changes.

    Those of boto3, aiobotocore and s3fs are added as soon as these were imported.
    """

    def __init__(self) -> None:
        self._users: set[object] = set()
        # By the library that they belong to.
        self._replaced: dict[str, list[Replaced]] = {}
        # Its keys, to be read without the lock while another thread changes it.
        self._in_place: frozenset[str] = frozenset()
        self._not_restored: deque[str] = deque()
        self._lock = threading.RLock()
        self._is_settling = False
        # Waits for boto3, while there are users and awscrt is installed.
        self._after_import: AfterImport | None = None

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Change what is patched, one thread after the other."""
        try:
            with self._lock:
                yield
        finally:
            self._settle()
            self._warn()

    def add_user(self, user: object) -> None:
        """Keep the attributes replaced until `user` is removed."""
        self._users.add(user)
        self._settle()

    def remove_user(self, user: object) -> None:
        """Remove a user; this may be called by the garbage collector, at any moment."""
        self._users.discard(user)
        self._settle()
        self._warn()

    def restore(self, all_replaced: list[Replaced]) -> None:
        """Restore attributes; a warning names those that another library has wrapped since."""
        self._not_restored.extend(
            f"{each}" for each in reversed(all_replaced) if not each.restore()
        )

    def lock_for_fork(self) -> None:
        """Wait until no other thread is in the middle of a change, before a fork."""
        self._lock.acquire()

    def unlock_after_fork(self) -> None:
        """Allow changes again, and make those that could not be made during the fork."""
        self._lock.release()
        self._settle()

    def _settle(self) -> None:
        """Replace the attributes if there are users, or restore them if there are none.

        If the lock is taken, there is nothing to do: its holder checks again after releasing it.
        """
        while self._wanted() != self._in_place and self._lock.acquire(blocking=False):
            try:
                if self._is_settling:  # this thread was interrupted here, and will check again
                    return
                self._is_settling = True
                try:
                    self._apply()
                finally:
                    self._is_settling = False
            finally:
                self._lock.release()

    def _wanted(self) -> frozenset[str]:
        """Return the libraries whose attributes have to be replaced now."""
        if not self._users:
            return frozenset()
        wanted = {"botocore"}
        if compatibility.has_awscrt() and loading.is_loaded(loading.BOTO3):
            wanted.add("boto3")
        if aio_compatibility.is_usable():
            wanted.add("aiobotocore")
            if loading.is_loaded(loading.S3FS):
                wanted.add("s3fs")
        return frozenset(wanted)

    def _apply(self) -> None:
        wanted = self._wanted()
        for library in wanted - self._in_place:
            made = [Replaced(*each) for each in _replacements(library)]
            self._replaced[library] = made
            self._in_place |= {library}
        self._wait_for_boto3(wanted=bool(wanted))
        if wanted:
            pools.allow_more()
            return
        for library in reversed(_LIBRARIES):
            self.restore(self._replaced.pop(library, []))
        self._in_place = frozenset()
        pools.restore_sizes()

    def _wait_for_boto3(self, *, wanted: bool) -> None:
        waits = wanted and compatibility.has_awscrt() and not loading.is_loaded(loading.BOTO3)
        if waits and self._after_import is None:
            self._after_import = AfterImport(loading.BOTO3, self._settle)
        elif not wanted and self._after_import is not None:
            self._after_import.remove()
            self._after_import = None

    def _warn(self) -> None:
        while True:
            try:
                attribute = self._not_restored.popleft()
            except IndexError:  # only now is it known that no thread has left one
                return
            _logger.warning(
                "%s is not put back, because another library changed it after botocore-redirect"
                " did; botocore-redirect no longer acts there",
                attribute,
            )


def _replacements(library: str) -> list[tuple[Any, str, Any]]:
    if library in _MODULES:
        return list(importlib.import_module(_MODULES[library]).replacements())
    found = [*connections.replacements(), *workarounds.replacements()]
    if bucket is not None:
        acquire = bucket.TokenBucket.acquire
        found.append((bucket.TokenBucket, "acquire", exempt_hops_from_rate_limit(acquire)))
    redirector = getattr(utils, "S3RegionRedirectorv2", None)
    if redirector is not None:  # botocore before 1.28: not used there, it would leave the endpoint
        find = discovery.wrap_get_bucket_region(redirector.get_bucket_region)
        found.append((redirector, "get_bucket_region", find))
    if not compatibility.sets_auth_path():  # botocore before 1.28
        create = endpoint.create_request_object
        found.append((endpoint, "create_request_object", keep_auth_path(create)))
    return found


shared_attributes = SharedAttributes()

# Windows has no fork.
getattr(os, "register_at_fork", dict)(
    before=shared_attributes.lock_for_fork,
    after_in_parent=shared_attributes.unlock_after_fork,
    after_in_child=shared_attributes.unlock_after_fork,
)
