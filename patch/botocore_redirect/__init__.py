"""boto3 that follows redirects, safely.

`import botocore_redirect.auto` is all that most programs need. The names here are the whole
public interface; they are loaded when they are first used, so that importing the package (or its
testing kit) neither loads nor changes botocore.
"""

from __future__ import annotations

# An activated interpreter imports this at its start, so that nothing is imported here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from botocore_redirect.errors import (
        InvalidLocation,
        RedirectError,
        RedirectLoop,
        RedirectRefused,
        S3fsRedirectError,
        TooManyRedirects,
        UnsupportedBotocore,
    )
    from botocore_redirect.lifecycle import (
        Installation,
        follow,
        install,
        is_installed,
        unfollow,
        uninstall,
    )
    from botocore_redirect.policy import RedirectPolicy
    from botocore_redirect.rules.hop import Hop

    __version__: str

__all__ = [
    "Hop",
    "Installation",
    "InvalidLocation",
    "RedirectError",
    "RedirectLoop",
    "RedirectPolicy",
    "RedirectRefused",
    "S3fsRedirectError",
    "TooManyRedirects",
    "UnsupportedBotocore",
    "follow",
    "install",
    "is_installed",
    "unfollow",
    "uninstall",
]


def __dir__() -> list[str]:
    return sorted(__all__)


_HOMES = {
    "errors": (
        "InvalidLocation",
        "RedirectError",
        "RedirectLoop",
        "RedirectRefused",
        "S3fsRedirectError",
        "TooManyRedirects",
        "UnsupportedBotocore",
    ),
    "rules.hop": ("Hop",),
    "policy": ("RedirectPolicy",),
}


def __getattr__(name: str) -> Any:
    import importlib  # noqa: PLC0415  # as above

    if name == "__version__":
        value = _read_version()
    elif name in __all__:
        home = next((module for module, names in _HOMES.items() if name in names), "lifecycle")
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def _read_version() -> str:
    """Return the version of the installed distribution, or "0+unknown" for a bare copy."""
    from importlib import metadata  # noqa: PLC0415 - it costs more than this whole module

    try:
        return metadata.version("botocore-redirect")
    except metadata.PackageNotFoundError:
        return "0+unknown"
