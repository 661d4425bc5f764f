"""What s3fs makes of a refused redirect, so that nobody takes it for a missing file.

s3fs turns errors into an OSError by a table of codes, and `walk` reports an OSError as an empty
directory. Its `isfile` and its `exists` of a bucket answer False after any error at all. So while a
patch is in force, the table makes an error of ours that is no OSError, and a call of fsspec that
answers False after a refusal raises that instead.
"""

from __future__ import annotations

import functools
import sys
from collections import ChainMap
from contextvars import ContextVar
from typing import Any, Callable

from botocore_redirect import errors

_TABLE = "ERROR_CODE_TO_EXCEPTION"
_CODES = ("InvalidLocation", "RedirectLoop", "RedirectRefused", "TooManyRedirects")

#: The refusals of the call that a thread waits for.
_refusals: ContextVar[Any] = ContextVar("botocore_redirect_refusals", default=None)


def replacements() -> list[tuple[Any, str, Any]]:
    """Return the attributes of s3fs and fsspec to replace while a patch is in force."""
    table: Any = sys.modules.get("s3fs.errors")
    asyn: Any = sys.modules.get("fsspec.asyn")
    if not hasattr(table, _TABLE) or not hasattr(asyn, "sync"):  # not the s3fs that we know
        return []
    ours = {code: functools.partial(_make_error, code) for code in _CODES}
    # A view: what others add to the table meanwhile stays in it.
    both: Any = ChainMap(getattr(table, _TABLE), ours)
    return [(table, _TABLE, both), (asyn, "sync", _wrap_sync(asyn.sync))]


def _make_error(code: str, message: str, *_: Any, **__: Any) -> errors.S3fsRedirectError:
    error = errors.S3fsRedirectError(code, message)
    noted = _refusals.get()
    if noted is not None:
        noted.append(error)
    return error


def _wrap_sync(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return `fsspec.asyn.sync`, by which every blocking call of a filesystem runs."""

    @functools.wraps(original)
    def sync(*args: Any, **kwargs: Any) -> Any:
        refusals: list[errors.S3fsRedirectError] = []
        token = _refusals.set(refusals)
        try:
            result = original(*args, **kwargs)
        finally:
            _refusals.reset(token)
        if result is False and refusals:
            raise refusals[0]
        return result

    return sync
