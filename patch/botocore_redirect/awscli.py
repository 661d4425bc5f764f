"""The plugin of the AWS CLI: `redirect = botocore_redirect.awscli` below `[plugins]`.

Its policy is that of `auto`, from the environment.
"""

from __future__ import annotations

from typing import Any

from botocore_redirect.errors import UnsupportedBotocore
from botocore_redirect.lifecycle import install, switched_off
from botocore_redirect.policy import RedirectPolicy


def awscli_initialize(event_hooks: Any) -> None:
    """Make this run of the AWS CLI follow redirects; called when the AWS CLI loads its plugins.

    If that cannot be, the command ends with the reason.
    """
    try:
        if not switched_off():
            install(RedirectPolicy.from_env())
    except (ValueError, UnsupportedBotocore) as problem:
        # Raised here, it would be a traceback in version 1; SystemExit would be status 0 in 2.
        event_hooks.register("session-initialized", _Failing(problem))


class _Failing:
    """An event handler that raises an error, which the AWS CLI reports as that of the command."""

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    def __call__(self, **_: object) -> None:
        raise type(self._problem)(f"botocore-redirect: {self._problem}") from self._problem
