"""What the patch relies on in botocore, checked before anything is patched.

A release in which these have changed is one that nobody has proven: it is refused with an error
that names what is unknown, instead of being patched blindly or not at all.
"""

from __future__ import annotations

import inspect
from typing import Any

import botocore

from botocore_redirect.errors import UnsupportedBotocore

# Method of Endpoint -> its arguments, and the names that its code must use.
_METHODS: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "_send_request": (
        ("self", "request_dict", "operation_model"),
        frozenset({"create_request", "_get_response", "_needs_retry", "reset_stream"}),
    ),
    "create_request": (
        ("self", "params", "operation_model"),
        frozenset({"create_request_object", "prepare_request"}),
    ),
    "prepare_request": (("self", "request"), frozenset({"prepare"})),
    "_get_response": (
        ("self", "request", "operation_model", "context"),
        frozenset({"_do_get_response", "emit"}),
    ),
}
_REQUEST_DICT_KEYS = frozenset({"method", "url", "body", "headers", "context"})


def check() -> None:
    """Raise `UnsupportedBotocore` unless this botocore is built as the proven ones are."""
    unknown = list(_differences())
    if unknown:
        raise UnsupportedBotocore(
            f"botocore {botocore.__version__} is not built as botocore-redirect knows it, so"
            f" nothing was patched: {'; '.join(unknown)}. Use a botocore of the supported versions"
            " in the README, or a newer botocore-redirect."
        )


def sets_auth_path() -> bool:
    """Return whether `create_request_object` takes `auth_path` from the request (botocore 1.28)."""
    from botocore import awsrequest  # noqa: PLC0415  # as late as the rest of the patch

    code = inspect.unwrap(awsrequest.create_request_object).__code__
    return "auth_path" in code.co_consts or _names_key(code, "auth_path")


def _names_key(code: Any, key: str) -> bool:
    # The keyword arguments of a call are one constant, a tuple of their names.
    return any(isinstance(const, tuple) and key in const for const in code.co_consts)


def _differences() -> Any:
    try:
        from botocore import awsrequest, endpoint  # noqa: PLC0415
    except ImportError as problem:
        yield str(problem)
        return
    for name, (arguments, used) in _METHODS.items():
        code = _code(getattr(endpoint.Endpoint, name, None))
        if code is None:
            yield f"Endpoint.{name} is not a function"
        elif code.co_varnames[: code.co_argcount] != arguments:
            yield f"Endpoint.{name} takes {code.co_varnames[: code.co_argcount]}, not {arguments}"
        elif not used <= {*code.co_names, *code.co_freevars}:
            missing = sorted(used - {*code.co_names, *code.co_freevars})
            yield f"Endpoint.{name} does not use {', '.join(missing)}"
    creator = _code(getattr(endpoint, "create_request_object", None))
    if creator is None or not _REQUEST_DICT_KEYS.issubset(creator.co_consts):
        yield "create_request_object does not read the request as it did"
    if not hasattr(awsrequest, "AWSHTTPResponse"):
        yield "awsrequest.AWSHTTPResponse is missing"


def _code(function: Any) -> Any:
    try:
        return inspect.unwrap(function).__code__
    except (AttributeError, ValueError):
        return None
