"""A free-threaded Python must stay free of the GIL while the contract runs."""

from __future__ import annotations

import sys
import sysconfig


def check() -> None:
    """Raise `AssertionError` if an import has enabled the GIL of a Python that can do without.

    That does every module in C that does not declare itself safe; Python only warns.
    """
    is_enabled = getattr(sys, "_is_gil_enabled", lambda: True)()
    if sysconfig.get_config_var("Py_GIL_DISABLED") and is_enabled:
        raise AssertionError(
            "A module that was imported has enabled the GIL, so this run says nothing about"
            " Python without it. `python -W error` names the module."
        )
