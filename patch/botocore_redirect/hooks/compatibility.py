"""Check, before anything is patched, that botocore is built as the patch expects.

A release in which that has changed is refused with an error that names the change.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore
from botocore import awsrequest, compat, endpoint, httpsession

from botocore_redirect.errors import UnsupportedBotocore

try:
    from botocore.httpchecksum import AwsChunkedWrapper
except ImportError:  # botocore before 1.24
    AwsChunkedWrapper = None

if TYPE_CHECKING:
    from collections.abc import Iterator

# Method of Endpoint -> its arguments, and names that its code must use.
METHODS: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
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
# Class -> attributes that its constructor must set, for the sessions of hops.
_ATTRIBUTES: dict[type, frozenset[str]] = {
    httpsession.URLLib3Session: frozenset(
        {"_cert_file", "_key_file", "_manager", "_proxy_config", "_proxy_managers"}
    ),
    httpsession.ProxyConfiguration: frozenset({"_proxies"}),
}
_REQUEST_NAMES = (
    *("AWSConnection", "AWSHTTPConnection", "AWSHTTPSConnection", "AWSHTTPResponse"),
    *("AWSResponse", "create_request_object"),
)
_REQUEST_DICT_KEYS = frozenset({"method", "url", "body", "headers", "context"})


def check() -> None:
    """Raise `UnsupportedBotocore` unless botocore is built as the patch expects."""
    unknown = list(_differences())
    if unknown:
        raise UnsupportedBotocore(
            f"botocore {botocore.__version__} is not built as botocore-redirect knows it, so"
            f" nothing was patched: {'; '.join(unknown)}. Use a release that docs/compatibility.md"
            " lists as proven, or a newer botocore-redirect."
        )


def sets_auth_path() -> bool:
    """Return whether `create_request_object` takes `auth_path` from the request (botocore 1.28)."""
    code = inspect.unwrap(awsrequest.create_request_object).__code__
    return "auth_path" in code.co_consts or _names_key(code, "auth_path")


def has_awscrt() -> bool:
    """Return whether awscrt is installed, and not disabled, as boto3 sees it."""
    return bool(getattr(compat, "HAS_CRT", False))  # an old botocore knows no awscrt


def _names_key(code: Any, key: str) -> bool:
    # The keyword arguments of a call are one constant, a tuple of their names.
    return any(isinstance(const, tuple) and key in const for const in code.co_consts)


def _differences() -> Iterator[str]:
    yield from _changed_methods()
    creator = code_of(getattr(endpoint, "create_request_object", None))
    if creator is None or not _REQUEST_DICT_KEYS.issubset(creator.co_consts):
        yield "create_request_object does not read the request as it did"
    for name in _REQUEST_NAMES:
        if not hasattr(awsrequest, name):
            yield f"awsrequest.{name} is missing"
    send = code_of(httpsession.URLLib3Session.send)
    if send is not None and _is_botocores(send) and "request" not in send.co_varnames:
        yield "URLLib3Session.send names its request in another way"
    wrapper = code_of(getattr(AwsChunkedWrapper, "__init__", None))
    if wrapper is not None and "_raw" not in wrapper.co_names:
        yield "AwsChunkedWrapper keeps the body elsewhere than in _raw"


def _changed_methods() -> Iterator[str]:
    for name, (arguments, used) in METHODS.items():
        method = getattr(endpoint.Endpoint, name, None)
        code = code_of(method)
        if not callable(method):
            yield f"Endpoint.{name} is not a function"
        elif code is None or not _is_botocores(code):
            continue  # a wrapper of another library, which passes its arguments on
        elif code.co_varnames[: code.co_argcount] != arguments:
            yield f"Endpoint.{name} takes {code.co_varnames[: code.co_argcount]}, not {arguments}"
        elif not used <= {*code.co_names, *code.co_freevars}:
            missing = sorted(used - {*code.co_names, *code.co_freevars})
            yield f"Endpoint.{name} does not use {', '.join(missing)}"
    yield from _missing_attributes()


def _missing_attributes() -> Iterator[str]:
    for kind, kept in _ATTRIBUTES.items():
        code = code_of(kind.__init__)  # type: ignore[misc]  # of these very classes
        if code is not None and _is_botocores(code) and not kept.issubset(code.co_names):
            missing = sorted(kept.difference(code.co_names))
            yield f"{kind.__name__} does not keep {', '.join(missing)}"


def _is_botocores(code: Any) -> bool:
    return Path(botocore.__file__).parent in Path(code.co_filename).parents


def code_of(function: Any) -> Any:
    try:
        return inspect.unwrap(function).__code__
    except (AttributeError, ValueError):
        return None
