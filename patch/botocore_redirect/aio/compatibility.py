"""Check that aiobotocore is built as the patch expects."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

from botocore_redirect.aio import loading
from botocore_redirect.errors import UnsupportedBotocore
from botocore_redirect.hooks.compatibility import METHODS, code_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# These it overrides, with the same arguments; `prepare_request` is botocore's.
_METHODS = ("_send_request", "create_request", "_get_response")


def is_usable() -> bool:
    """Return whether aiobotocore was imported and is built as the patch expects."""
    return loading.is_loaded() and not _differences()


def check() -> None:
    """Raise `UnsupportedBotocore` if aiobotocore is not built as the patch expects."""
    if _differences():
        version = sys.modules["aiobotocore"].__version__
        raise UnsupportedBotocore(
            f"aiobotocore {version} is not built as botocore-redirect knows it, so its clients are"
            f" not patched: {'; '.join(_differences())}. Use 2.5 or later, or a newer"
            " botocore-redirect."
        )


@functools.cache
def _differences() -> tuple[str, ...]:
    return tuple(_found())


def _found() -> Iterator[str]:
    from aiobotocore import endpoint, httpsession, utils  # noqa: PLC0415  # it may not be there

    if not hasattr(utils, "AioS3RegionRedirectorv2"):
        yield "it is older than 2.5, and its botocore signs a hop for another URL"
        return
    for name in _METHODS:
        arguments, used = METHODS[name]
        code = code_of(vars(endpoint.AioEndpoint).get(name))
        if code is None:
            yield f"AioEndpoint.{name} is not a function"
        elif endpoint.__file__ != code.co_filename:
            continue  # a wrapper of another library, which passes its arguments on
        elif code.co_varnames[: code.co_argcount] != arguments:
            yield f"AioEndpoint.{name} takes {code.co_varnames[: code.co_argcount]}"
        elif not used.issubset({*code.co_names, *code.co_freevars}):
            yield f"AioEndpoint.{name} does not use {', '.join(sorted(used))}"
    code = code_of(httpsession.AIOHTTPSession.send)
    if code is None or code.co_filename != httpsession.__file__:
        return
    if "request" not in code.co_names or not {"_get_session", "_session"} & {*code.co_names}:
        yield "AIOHTTPSession.send gets its client in another way"
