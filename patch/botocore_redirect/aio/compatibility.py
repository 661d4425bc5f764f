"""Check that aiobotocore is built as the patch expects."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import TYPE_CHECKING, Any

from botocore_redirect.aio import loading
from botocore_redirect.errors import UnsupportedBotocore

if TYPE_CHECKING:
    from collections.abc import Iterator

# Method of AioEndpoint -> its arguments, and names that its code must use.
_METHODS: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "_send_request": (
        ("self", "request_dict", "operation_model"),
        frozenset({"create_request", "_get_response", "_needs_retry", "reset_stream"}),
    ),
    "create_request": (
        ("self", "params", "operation_model"),
        frozenset({"create_request_object", "prepare_request"}),
    ),
    "_get_response": (
        ("self", "request", "operation_model", "context"),
        frozenset({"_do_get_response", "emit"}),
    ),
}


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
    for name, (arguments, used) in _METHODS.items():
        code = _code(vars(endpoint.AioEndpoint).get(name))
        if code is None:
            yield f"AioEndpoint.{name} is not a function"
        elif endpoint.__file__ != code.co_filename:
            continue  # a wrapper of another library, which passes its arguments on
        elif code.co_varnames[: code.co_argcount] != arguments:
            yield f"AioEndpoint.{name} takes {code.co_varnames[: code.co_argcount]}"
        elif not used.issubset({*code.co_names, *code.co_freevars}):
            yield f"AioEndpoint.{name} does not use {', '.join(sorted(used))}"
    code = _code(httpsession.AIOHTTPSession.send)
    if code is None or code.co_filename != httpsession.__file__:
        return
    if "request" not in code.co_names or not {"_get_session", "_session"} & {*code.co_names}:
        yield "AIOHTTPSession.send gets its client in another way"


def _code(function: Any) -> Any:
    try:
        return inspect.unwrap(function).__code__
    except (AttributeError, ValueError):
        return None
