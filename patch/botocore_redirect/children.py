"""The environment in which the Python processes that a program starts follow redirects."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from botocore_redirect.environment import VARIABLES, write_fields

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from botocore_redirect.policy import RedirectPolicy

#: Every Python that has this folder in its PYTHONPATH runs the `sitecustomize` in it.
ACTIVATION = str(Path(__file__).parent.absolute() / "activation")
PYTHONPATH = "PYTHONPATH"


def add_activation(pythonpath: str | None) -> str:
    """Return a PYTHONPATH with the activation folder first, where no other `sitecustomize` is."""
    others = _without_activation(pythonpath or "")
    return os.pathsep.join([ACTIVATION, *([others] if others else [])])


class ChildEnvironment:
    """What is set in the environment of this process for its children, and what was there before.

    A variable that somebody changes in between is left as it then is.
    """

    def __init__(self, environ: MutableMapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._before: dict[str, str | None] = {}
        self._set: dict[str, str | None] = {}

    def is_set(self) -> bool:
        """Return whether children follow redirects."""
        return bool(self._set)

    def set(self, policy: RedirectPolicy) -> None:
        """Have children follow redirects by a policy; `ValueError` if no variable can hold it."""
        held = write_fields(policy)
        _warn_if_inherited_flags_ignore_it()
        wanted: dict[str, str | None] = {
            variable.name: held.get(variable.name) for variable in VARIABLES.values()
        }
        wanted[PYTHONPATH] = add_activation(self._environ.get(PYTHONPATH))
        for name, value in wanted.items():
            found = self._environ.get(name)
            if name not in self._set or found != self._set[name]:
                self._before[name] = found
            self._set[name] = value
            self._put(name, value)

    def restore(self) -> None:
        """Put back what was there before."""
        for name, value in self._set.items():
            found = self._environ.get(name)
            if found == value:
                self._put(name, self._before[name])
            elif name == PYTHONPATH and found and ACTIVATION not in (self._before[name] or ""):
                self._put(name, _without_activation(found) or None)
        self._set.clear()

    def _put(self, name: str, value: str | None) -> None:
        if value is None:
            self._environ.pop(name, None)
        else:
            self._environ[name] = value


def _warn_if_inherited_flags_ignore_it() -> None:
    if sys.flags.ignore_environment or sys.flags.no_site:
        warnings.warn(
            "this Python was started with -I, -E or -S, and so will be the processes that"
            " multiprocessing starts: they ignore PYTHONPATH and do not follow redirects",
            RuntimeWarning,
            stacklevel=5,
        )


def _without_activation(pythonpath: str) -> str:
    entries = pythonpath.split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if entry != ACTIVATION)
