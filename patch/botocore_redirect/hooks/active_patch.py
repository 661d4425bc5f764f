"""A patch of all endpoints or of one: what it has replaced, and how it is removed."""

from __future__ import annotations

import importlib
import weakref
from types import MethodType
from typing import TYPE_CHECKING, Any, Callable

from botocore_redirect.aio import loading
from botocore_redirect.hooks.attributes import Replaced
from botocore_redirect.hooks.shared_attributes import shared_attributes
from botocore_redirect.state import CLIENT_PATCH

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy
    from botocore_redirect.state import Patch


# The patches of classes that are in force: at most the one of the process.
_class_patches: list[ActivePatch] = []

_WRAPPERS = {False: "botocore_redirect.hooks.endpoint", True: "botocore_redirect.aio.endpoint"}


class ActivePatch:
    """The two wrappers, on the class `Endpoint` or on one endpoint.

    On an endpoint they act while this is its `CLIENT_PATCH`, instead of the wrappers of the class.
    """

    def __init__(self, owner: Any, policy: RedirectPolicy) -> None:
        self.active = True
        self.policy = policy
        token = object()
        shared_attributes.add_user(token)
        self._replaced: list[Replaced] = []
        self.replace_methods(owner)
        if isinstance(owner, type):
            _class_patches.append(self)
        # A client may be dropped without unfollow().
        end: Any = weakref.finalize(owner, shared_attributes.remove_user, token)
        end.atexit = False  # a process that ends needs no restoring
        self._end = end

    def replace_methods(self, owner: Any) -> None:
        """Put the two wrappers in place, on a class or on an endpoint."""
        self._replaced += [
            Replaced(owner, name, wrapper) for name, wrapper in _wrappers(owner, self).items()
        ]

    def is_effective(self) -> bool:
        """Return whether calls still reach our wrappers, which others may have replaced."""
        return self.active and all(replaced.is_reachable() for replaced in self._replaced)

    def remove(self) -> None:
        """Restore what was replaced. Wrappers that others have wrapped stay, and do nothing."""
        self.active = False
        if self in _class_patches:
            _class_patches.remove(self)
        shared_attributes.restore(self._replaced)
        self._end()


def patch_for(endpoint: Any) -> Patch | None:
    """Return the patch that follows the redirects of an endpoint, or None."""
    own: Patch | None = vars(endpoint).get(CLIENT_PATCH)
    return own or next(iter(_class_patches), None)


def is_asynchronous(owner: Any) -> bool:
    """Return whether this is an endpoint of aiobotocore, or its class."""
    if not loading.is_loaded():
        return False
    asynchronous = importlib.import_module("aiobotocore.endpoint").AioEndpoint
    return issubclass(owner if isinstance(owner, type) else type(owner), asynchronous)


def _wrappers(owner: Any, patch: Patch) -> dict[str, Callable[..., Any]]:
    create, get = "create_request", "_get_response"
    wrappers: Any = importlib.import_module(_WRAPPERS[is_asynchronous(owner)])
    if isinstance(owner, type):
        return {
            create: wrappers.wrap_create_request(getattr(owner, create), patch),
            get: wrappers.wrap_get_response(getattr(owner, get), patch),
        }
    client_create = wrappers.wrap_client_create_request(_below(owner, create), patch)
    client_get = wrappers.wrap_client_get_response(_below(owner, get), patch)
    return {create: MethodType(client_create, owner), get: MethodType(client_get, owner)}


def _below(endpoint: Any, name: str) -> Callable[..., Any]:
    """Return the method of an endpoint without our patch, as a function of the endpoint."""
    own = vars(endpoint).get(name)

    def below(self: Any, *args: Any, **kwargs: Any) -> Any:
        if own is not None:
            return own(*args, **kwargs)
        # Looked up at each call: the process-wide patch may come and go.
        return getattr(type(self), name)(self, *args, **kwargs)

    below.instance_method = own  # type: ignore[attr-defined]  # for `sessions`, by functools.wraps
    return below
