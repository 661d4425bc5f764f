"""Takes steps in a new process and reports what follows redirects afterwards.

It reports whether each client follows, whether the methods of botocore are its own, the result of
`is_installed()`, and what was logged or raised.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any, Callable

_log: list[str] = []
_clients: dict[str, Any] = {}
_kept: dict[str, Any] = {}


class _Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _log.append(record.getMessage())


def _endpoint_class() -> Any:
    import botocore.endpoint  # noqa: PLC0415  # rows say what is imported first

    _kept.setdefault("create_request", vars(botocore.endpoint.Endpoint)["create_request"])
    _kept.setdefault("_get_response", vars(botocore.endpoint.Endpoint)["_get_response"])
    return botocore.endpoint.Endpoint


def _patch() -> Any:
    import botocore_redirect  # noqa: PLC0415 - rows say what is imported first

    return botocore_redirect


def _answer(request: Any, **_: Any) -> Any:
    """Redirect requests to the gateway, and answer the others with 200."""
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - as above

    class Nothing:
        def stream(self) -> list[bytes]:
            return []

    at_gateway = request.url.startswith("http://gateway/")
    headers = {"Location": "http://target/bkt"} if at_gateway else {}
    return AWSResponse(request.url, 308 if at_gateway else 200, headers, Nothing())


def make(name: str) -> None:
    from isolation.lifecycle_session import SESSION  # noqa: PLC0415 - as above

    client = SESSION.client("s3", endpoint_url="http://gateway")
    client.meta.events.register_first("before-send.s3", _answer)
    _clients[name] = client


def follows(client: Any) -> bool:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

    try:
        answer = client.head_bucket(Bucket="bkt")
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 308:
            raise
        return False
    return len(answer["ResponseMetadata"]["Redirects"]) == 1


def wrap() -> None:
    """Wrap the current method, as a tracing library does."""
    endpoint = _endpoint_class()
    _kept["below"] = below = endpoint._get_response

    def traced(self: Any, *args: Any, **kwargs: Any) -> Any:
        return below(self, *args, **kwargs)

    endpoint._get_response = functools.wraps(below)(traced)


def wrap_without_a_trace() -> None:
    """Wrap as some libraries do: only a default argument holds the method below."""
    below = _endpoint_class()._get_response

    def traced(self: Any, *args: Any, below: Any = below, **kwargs: Any) -> Any:
        return below(self, *args, **kwargs)

    _endpoint_class()._get_response = traced


def unwrap() -> None:
    _endpoint_class()._get_response = _kept["below"]


def put_stock_back() -> None:
    for name in ("create_request", "_get_response"):
        setattr(_endpoint_class(), name, _kept[name])


def nest() -> None:
    patch = _patch()
    with patch.install(patch.RedirectPolicy(max_hops=1)) as outer:
        with patch.install(patch.RedirectPolicy(max_hops=2)) as inner:
            _log.append(f"{inner.policy}")
        _log.append(f"{patch.install().policy} after {outer.policy}")


STEPS: dict[str, Callable[[], object]] = {
    "import": _patch,
    "import auto": lambda: __import__("botocore_redirect.auto"),
    "import boto3": lambda: __import__("boto3"),
    "make old": lambda: make("old"),
    "install": lambda: _patch().install(),
    "install and leave": lambda: _patch().install().__exit__(None, None, None),
    "install with another policy": lambda: _patch().install(_patch().RedirectPolicy(max_hops=0)),
    "install a nonsensical policy": lambda: _patch().install("safe"),
    "uninstall": lambda: _patch().uninstall(),
    "follow old": lambda: _patch().follow(_clients["old"]),
    "unfollow old": lambda: _patch().unfollow(_clients["old"]),
    "nest": nest,
    "wrap": wrap,
    "wrap without a trace": wrap_without_a_trace,
    "unwrap": unwrap,
    "put stock back": put_stock_back,
}


def run(steps: Sequence[str], environ: dict[str, str], found: Connection) -> None:
    """Take the steps and send the report."""
    os.environ.clear()
    os.environ.update(environ)
    found.send(_take(steps))


def _take(steps: Sequence[str]) -> dict[str, Any]:
    raised = None
    if not steps or steps[0] != "import auto":  # the row that imports the patch first
        _endpoint_class()
    logging.getLogger("botocore_redirect").addHandler(_Listener())
    try:
        for step in steps:
            STEPS[step]()
    except Exception as error:  # noqa: BLE001  # the row says which one
        raised = f"{type(error).__name__}: {error}"
    if "old" not in _clients:
        make("old")
    make("new")
    own = [vars(_endpoint_class())[name] is _kept[name] for name in _kept if name != "below"]
    return {
        "old": follows(_clients["old"]),
        "new": follows(_clients["new"]),
        "stock methods": all(own),
        "installed": _patch().is_installed(),
        "log": _log,
        "raised": raised,
    }
