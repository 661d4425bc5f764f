"""Switch the patch on and off, for the whole process or for one client."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from botocore.endpoint import Endpoint

from botocore_redirect.after_import import AfterImport
from botocore_redirect.aio import compatibility as aio_compatibility
from botocore_redirect.aio import loading
from botocore_redirect.children import ChildEnvironment
from botocore_redirect.environment import KILL_SWITCH, read_switch
from botocore_redirect.errors import UnsupportedBotocore
from botocore_redirect.hooks import compatibility
from botocore_redirect.hooks.active_patch import ActivePatch, is_asynchronous
from botocore_redirect.hooks.shared_attributes import shared_attributes
from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.state import CLIENT_PATCH

if TYPE_CHECKING:
    from types import TracebackType

_logger = logging.getLogger("botocore_redirect")
_process_patch: ActivePatch | None = None
# Wait for aiobotocore and s3fs, while the process is patched and has not imported them.
_after_imports: dict[str, AfterImport] = {}
_child_environment = ChildEnvironment()
_Client = TypeVar("_Client")


class Installation:
    """The result of `install()`. As a context manager, it undoes what that call changed."""

    def __init__(self, policy: RedirectPolicy, undo: Callable[[], None]) -> None:
        #: The policy in force after the call.
        self.policy = policy
        self._undo = undo

    def __enter__(self) -> Installation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._undo()

    def __repr__(self) -> str:
        return f"<botocore_redirect.Installation with {self.policy}>"


def install(policy: RedirectPolicy | None = None, *, children: bool = False) -> Installation:
    """Make every S3 client of this process follow redirects, those that exist already too.

    Calling it again changes nothing, except that another policy replaces the one in force.
    `uninstall()` undoes it. So does leaving a `with install():` block, as far as that call changed
    something. The patch is one for all threads: leaving a block in one thread ends it for all.

    With `children=True`, the Python processes that this one starts from then on follow redirects
    too, by the same policy: PYTHONPATH and `BOTOCORE_REDIRECT_*` are set in `os.environ` until it
    is undone. A fork server that runs already does not see that. Raises `ValueError` for a policy
    that the environment cannot hold, because `trust` is a function.

    Raises `UnsupportedBotocore` if botocore is not built as the patch expects. With
    `BOTOCORE_REDIRECT=off` in the environment, it does nothing.
    """
    global _process_patch  # noqa: PLW0603  # one patch for the process
    _check_policy(policy)
    if switched_off():
        return Installation(policy or RedirectPolicy(), lambda: None)
    loading.wait_for_imports()
    with shared_attributes.changing():
        before = _process_patch
        if before is not None and before.is_effective():
            previous, had_children = before.policy, _child_environment.is_set()
            _set_policy(before, policy or previous, children=children or had_children)
            return Installation(
                before.policy, lambda: _set_policy(before, previous, children=had_children)
            )
        compatibility.check()
        if loading.is_loaded():
            aio_compatibility.check()
        if children or _child_environment.is_set():
            _child_environment.set(policy or RedirectPolicy())
        if before is not None:  # another library put botocore's own methods back
            before.remove()
        patch = _process_patch = ActivePatch(Endpoint, policy or RedirectPolicy())
        _cover_aiobotocore(patch)
        _wait_for(loading.S3FS, _when_s3fs_is_imported)
    # Another thread may have been past the finders when these were added.
    loading.wait_for_imports()
    if loading.is_loaded():
        _when_aiobotocore_is_imported()
    return Installation(patch.policy, lambda: _uninstall(patch))


def uninstall() -> None:
    """Undo `install()`; does nothing if it was not called.

    If another library has wrapped the same methods since, its wrappers stay, ours below them do
    nothing any more, and a warning is logged. Clients of `follow()` keep following.
    """
    _uninstall(_process_patch)


def is_installed() -> bool:
    """Return whether every S3 client of this process follows redirects now."""
    patch = _process_patch  # another thread may uninstall it meanwhile
    return patch is not None and patch.is_effective()


def get_policy() -> RedirectPolicy | None:
    """Return the policy of `install()` that is in force; None while it is not installed."""
    return _process_patch.policy if _process_patch is not None and is_installed() else None


def follow(client: _Client, policy: RedirectPolicy | None = None) -> _Client:
    """Make one S3 client (or resource) follow redirects, and return it.

    Its policy takes precedence over that of `install()`. Calling it again with another policy
    replaces it. Raises `TypeError` for anything but a client or resource of S3.
    """
    _check_policy(policy)
    endpoint = _endpoint(client)
    with shared_attributes.changing():
        patch = vars(endpoint).get(CLIENT_PATCH)
        _check_client(client, policy or (patch.policy if patch else RedirectPolicy()))
        if patch is not None:
            patch.policy = policy or patch.policy
        elif not switched_off():
            (aio_compatibility if is_asynchronous(endpoint) else compatibility).check()
            setattr(endpoint, CLIENT_PATCH, ActivePatch(endpoint, policy or RedirectPolicy()))
    return client


def unfollow(client: _Client) -> _Client:
    """Undo `follow()` and return the client. A patch of the process then applies to it."""
    endpoint = _endpoint(client)
    with shared_attributes.changing():
        patch = vars(endpoint).pop(CLIENT_PATCH, None)
        if patch is not None:
            patch.remove()
    return client


def _cover_aiobotocore(patch: ActivePatch) -> None:
    """Patch the clients of aiobotocore as well, now or when it is imported."""
    if loading.is_loaded():
        patch.replace_methods(sys.modules["aiobotocore.endpoint"].AioEndpoint)
    else:
        _wait_for(loading.MODULE, _when_aiobotocore_is_imported)


def _wait_for(module: str, callback: Callable[[], None]) -> None:
    if not loading.is_loaded(module) and module not in _after_imports:
        _after_imports[module] = AfterImport(module, callback)


def _when_aiobotocore_is_imported() -> None:
    with shared_attributes.changing():
        waiting = _after_imports.pop(loading.MODULE, None)
        if _process_patch is None or waiting is None:
            return
        waiting.remove()
        try:
            aio_compatibility.check()
        except UnsupportedBotocore as problem:
            warnings.warn(str(problem), RuntimeWarning, stacklevel=2)
        else:
            _cover_aiobotocore(_process_patch)


def _when_s3fs_is_imported() -> None:
    with shared_attributes.changing():
        pass  # it replaces, at its end, what is to be replaced now


def _uninstall(patch: ActivePatch | None) -> None:
    global _process_patch  # noqa: PLW0603  # as in install()
    with shared_attributes.changing():
        if patch is None or patch is not _process_patch:
            return
        _process_patch = None
        patch.remove()
        _child_environment.restore()
        while _after_imports:
            _after_imports.popitem()[1].remove()


def _set_policy(patch: ActivePatch, policy: RedirectPolicy, *, children: bool) -> None:
    with shared_attributes.changing():
        if patch is not _process_patch:
            return
        if children:
            _child_environment.set(policy)
        else:
            _child_environment.restore()
        patch.policy = policy


def switched_off() -> bool:
    """Return whether `BOTOCORE_REDIRECT=off` is set, and log it."""
    off = not read_switch(os.environ, KILL_SWITCH, default=True)
    if off:
        value = os.environ[KILL_SWITCH].strip().lower()
        _logger.warning("%s=%s: redirects are not followed", KILL_SWITCH, value)
    return off


def _check_policy(policy: RedirectPolicy | None) -> None:
    if policy is not None and not isinstance(policy, RedirectPolicy):
        raise TypeError(f"policy is a RedirectPolicy or None, not {policy!r}")


def _endpoint(client: Any) -> Any:
    """Return the endpoint of a client or resource."""
    inner = getattr(getattr(client, "meta", None), "client", client)
    endpoint = getattr(inner, "_endpoint", None)
    if endpoint is None:
        raise TypeError(f"expected a client or resource of boto3 or botocore, got {client!r}")
    return endpoint


def _check_client(client: Any, policy: RedirectPolicy) -> None:
    inner = getattr(client.meta, "client", client)
    service = inner.meta.service_model.service_name
    if service not in policy.services:
        raise TypeError(
            f"redirects are followed for {', '.join(sorted(policy.services))}, and this is a"
            f" client of {service}; to follow those too, pass RedirectPolicy(services=...)"
        )
