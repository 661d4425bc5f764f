"""One patch in force: what it replaced, by which policy, and how it is taken back."""

from __future__ import annotations

import weakref
from types import MethodType
from typing import TYPE_CHECKING, Any, Callable

from botocore_redirect.hooks import endpoint as hook
from botocore_redirect.hooks.attributes import Replaced
from botocore_redirect.hooks.shared import shared

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy


class Patched:
    """The two wrappers, on the class `Endpoint` or on one endpoint.

    On an endpoint they act from when it is the `OWN_PATCH` there, at once instead of those of the
    class, and no longer than that.
    """

    def __init__(self, owner: Any, policy: RedirectPolicy) -> None:
        self.on = True
        self.policy = policy
        token = object()
        shared.use(token)
        self._replaced = [
            Replaced(owner, name, wrapper) for name, wrapper in _wrappers(owner, self).items()
        ]
        # A client that is dropped without unfollow() is no longer a user either.
        end: Any = weakref.finalize(owner, shared.end_use, token)
        end.atexit = False  # nothing needs to be put back in a process that ends
        self._end = end

    def is_effective(self) -> bool:
        """Return whether calls still get to our wrappers, whoever wrapped or replaced them."""
        return self.on and all(replaced.is_reachable() for replaced in self._replaced)

    def remove(self) -> None:
        """Take everything back, or do nothing from now on where others have wrapped over it."""
        self.on = False
        shared.put_back(self._replaced)
        self._end()


def _wrappers(owner: Any, switch: hook.Switch) -> dict[str, Callable[..., Any]]:
    create, get = "create_request", "_get_response"
    if isinstance(owner, type):
        return {
            create: hook.wrap_create_request(getattr(owner, create), switch),
            get: hook.wrap_get_response(getattr(owner, get), switch),
        }
    own_create = hook.wrap_own_create_request(_below(owner, create), switch)
    own_get = hook.wrap_own_get_response(_below(owner, get), switch)
    return {create: MethodType(own_create, owner), get: MethodType(own_get, owner)}


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
