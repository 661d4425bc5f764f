"""One patch in force: what it replaced, by which policy, and how it is taken back."""

from __future__ import annotations

import logging
import threading
import weakref
from types import MethodType
from typing import TYPE_CHECKING, Any, Callable

import botocore.endpoint
import botocore.utils

from botocore_redirect.hooks import discovery, upstream, workarounds
from botocore_redirect.hooks import endpoint as hook
from botocore_redirect.hooks.attributes import Replaced

try:
    from botocore.retries import bucket
except ImportError:  # botocore before 1.15, which has no adaptive retries
    bucket = None

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

_lock = threading.RLock()
_logger = logging.getLogger("botocore_redirect")


class Patched:
    """The two wrappers, on the class `Endpoint` or on one endpoint, and their workarounds."""

    def __init__(self, owner: Any, policy: RedirectPolicy) -> None:
        self.on = True
        self._workarounds: list[_Workaround] = []
        self.adopt(policy)
        self._replaced = [
            Replaced(owner, "create_request", _wrapped(owner, "create_request", self)),
            Replaced(owner, "_get_response", _wrapped(owner, "_get_response", self)),
        ]
        # A client that is dropped without unfollow() must not keep the workarounds going.
        end: Any = weakref.finalize(owner, _stop, self._workarounds)
        end.atexit = False  # nothing needs to be put back in a process that ends
        self._end = end

    def adopt(self, policy: RedirectPolicy) -> None:
        """Put a policy in force, and the workarounds that it names."""
        before = self._workarounds[:]
        self.policy = policy
        self.generation = object()
        self._workarounds[:] = [
            _Workaround.start(name) for name in sorted({*policy.workarounds, _OURS})
        ]
        _stop(before)

    def is_effective(self) -> bool:
        """Return whether calls still get to our wrappers, whoever wrapped or replaced them."""
        return self.on and all(replaced.is_reachable() for replaced in self._replaced)

    def remove(self) -> None:
        """Take everything back, or do nothing from now on where others have wrapped over it."""
        self.on = False
        _put_back(self._replaced)
        self._end()


class _Workaround:
    """A replacement that several patches may need at once; it is there once."""

    _running: dict[str, _Workaround] = {}  # noqa: RUF012  # shared on purpose

    def __init__(self, name: str) -> None:
        self.name = name
        needed = _our_replacements() if name == _OURS else workarounds.replacements(name)
        self.replaced = [Replaced(*replacement) for replacement in needed]

    @classmethod
    def start(cls, name: str) -> _Workaround:
        with _lock:
            # Counted first: the end of a dropped client may come at any moment.
            workarounds.in_use[name] += 1
            return cls._running.get(name) or cls._running.setdefault(name, cls(name))

    def stop(self) -> None:
        with _lock:
            workarounds.in_use[self.name] -= 1
            if not workarounds.in_use[self.name]:
                del self._running[self.name]
                _put_back(self.replaced)


# Not workarounds of faults, but what the hook needs for itself.
_OURS = "ours"


def _our_replacements() -> list[workarounds.Replacement]:
    found: list[workarounds.Replacement] = []
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


def _wrapped(owner: Any, name: str, switch: hook.Switch) -> Callable[..., Any]:
    wrap = hook.wrap_create_request if name == "create_request" else hook.wrap_get_response
    if isinstance(owner, type):
        return wrap(getattr(owner, name), switch)
    return MethodType(wrap(_below(owner, name), switch), owner)


def _below(endpoint: Any, name: str) -> Callable[..., Any]:
    """Return what one endpoint would do without us, as a function that takes the endpoint."""
    own = vars(endpoint).get(name)

    def below(self: Any, *args: Any, **kwargs: Any) -> Any:
        if own is not None:
            return own(*args, **kwargs)
        # Looked up at each call: the process-wide patch may come and go.
        return getattr(type(self), name)(self, *args, **kwargs)

    below.instance_method = own  # type: ignore[attr-defined]  # for `sessions`, by functools.wraps
    return below


def _put_back(all_replaced: list[Replaced]) -> None:
    for replaced in reversed(all_replaced):
        if not replaced.restore():
            _logger.warning(
                "%s is not put back, because another library changed it after botocore-redirect"
                " did; botocore-redirect no longer acts there",
                replaced,
            )


def _stop(running: list[_Workaround]) -> None:
    for workaround in running:
        workaround.stop()
