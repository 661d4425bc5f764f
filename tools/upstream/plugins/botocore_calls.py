"""Counts the calls of each test file: those made, those sent, those that pass the patch.

It puts its counters below the patch, so it is loaded before it. A call passes the patch where the
patch itself is what calls botocore's method. With xdist, each worker writes a file of its own to
the folder that UPSTREAM_CALLS names.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from botocore.client import BaseClient
from botocore.endpoint import Endpoint

PATCH = "botocore_redirect"
COLLECTION = "(collection)"
_FOLDER = Path(os.environ["UPSTREAM_CALLS"])  # read now: tests replace the environment

_lock = threading.Lock()
_counts: Counter[tuple[str, str]] = Counter()
_file = COLLECTION


def _count(kind: str, service: Any) -> None:
    with _lock:
        _counts[_file, kind] += 1
        if service == "s3":
            _counts[_file, f"s3_{kind}"] += 1


def _service(operation_model: Any) -> Any:
    # Tests pass test doubles.
    return getattr(getattr(operation_model, "service_model", None), "service_name", None)


def _count_calls(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def make_api_call(self: Any, *args: Any, **kwargs: Any) -> Any:
        _count("made", _service(self.meta))
        return original(self, *args, **kwargs)

    return make_api_call


def _count_requests(original: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """Count requests, and those that come from the patch; the operation is the second argument."""

    @functools.wraps(original)
    def method(self: Any, request: Any, operation_model: Any = None, *args: Any) -> Any:
        service = _service(operation_model)
        _count(kind, service)
        caller = sys._getframe(1).f_globals.get("__name__", "")  # noqa: SLF001 - who calls is the question
        if caller.partition(".")[0] == PATCH:
            _count(f"{kind}_by_patch", service)
        return original(self, request, operation_model, *args)

    return method


def _install() -> None:
    if PATCH in sys.modules:
        raise pytest.UsageError("the counters go below the patch: load this plugin before it")
    BaseClient._make_api_call = _count_calls(BaseClient._make_api_call)  # noqa: SLF001 - where each call begins
    Endpoint.create_request = _count_requests(Endpoint.create_request, "created")
    Endpoint._get_response = _count_requests(Endpoint._get_response, "sent")  # noqa: SLF001 - what the patch wraps


_install()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    global _file  # noqa: PLW0603 - calls do not know of which test they are
    _file = item.nodeid.partition("::")[0]
    try:
        return (yield)
    finally:
        _file = COLLECTION


def pytest_sessionfinish(session: pytest.Session) -> None:
    worker = getattr(session.config, "workerinput", {}).get("workerid", "main")
    files: dict[str, dict[str, int]] = {}
    for (file, kind), count in sorted(_counts.items()):
        files.setdefault(file, {})[kind] = count
    found = {"installed": _is_installed(), "files": files}
    (_FOLDER / f"{worker}.json").write_text(json.dumps(found, indent=1), "utf-8")


def _is_installed() -> bool:
    patch = sys.modules.get(PATCH)
    return patch is not None and patch.is_installed()
