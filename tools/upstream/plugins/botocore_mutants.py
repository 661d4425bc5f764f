"""Breaks the patch in the way that UPSTREAM_MUTANT names, so that its tests can be seen red.

Each mutant replaces a method of botocore's `Endpoint` over the wrapper of the patch.
"""

from __future__ import annotations

import functools
import os
from typing import Any, Callable

Method = Callable[..., Any]


def _drop_header(create_request: Method) -> Method:
    """Send requests without the headers that say which client they are of."""

    def broken(self: Any, params: Any, operation_model: Any = None) -> Any:
        request = create_request(self, params, operation_model)
        del request.headers["User-Agent"]
        return request

    return broken


def _follow_nowhere(get_response: Method) -> Method:
    """Take every answer for a redirect to a host that does not exist."""

    def broken(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        from botocore.exceptions import EndpointConnectionError  # noqa: PLC0415 - before the counters, nothing of botocore

        get_response(self, request, operation_model, context)
        return None, EndpointConnectionError(endpoint_url="http://nowhere.invalid")

    return broken


def _swallow_exception(get_response: Method) -> Method:
    """Try once more where botocore reports an exception."""

    def broken(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        response, error = get_response(self, request, operation_model, context)
        if error is None:
            return response, error
        return get_response(self, request, operation_model, context)

    return broken


def _skip_s3(get_response: Method) -> Method:
    """Leave requests of S3 to stock botocore."""
    stock = getattr(get_response, "__wrapped__", get_response)

    def broken(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        service = getattr(getattr(operation_model, "service_model", None), "service_name", None)
        chosen = stock if service == "s3" else get_response
        return chosen(self, request, operation_model, context)

    return broken


_BROKEN: dict[str, tuple[str, Callable[[Method], Method]]] = {
    "drop-header": ("create_request", _drop_header),
    "follow-nowhere": ("_get_response", _follow_nowhere),
    "swallow-exception": ("_get_response", _swallow_exception),
    "skip-s3": ("_get_response", _skip_s3),
}
MUTANTS = (*_BROKEN, "uninstalled")


def pytest_configure() -> None:
    """Break the patch, which is loaded by now."""
    from botocore.endpoint import Endpoint  # noqa: PLC0415 - as above

    import botocore_redirect  # noqa: PLC0415 - before the counters, nothing of botocore

    mutant = os.environ["UPSTREAM_MUTANT"]
    if mutant == "uninstalled":
        botocore_redirect.uninstall()
        return
    name, break_method = _BROKEN[mutant]
    method = getattr(Endpoint, name)
    setattr(Endpoint, name, functools.wraps(method)(break_method(method)))
