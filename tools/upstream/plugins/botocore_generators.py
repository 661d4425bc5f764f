"""Lets pytest run the test generators of nose, which botocore had until 1.20.

Such a generator yields a function and its arguments for each case. It becomes one test that runs
them as nose did: each case before the generator goes on to the next.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> pytest.Item | None:
    if not inspect.isgeneratorfunction(obj) or not collector.istestfunction(obj, name):
        return None
    return pytest.Function.from_parent(collector, name=name, callobj=_run_cases(obj))


def _run_cases(generator: Callable[[], Any]) -> Callable[[], None]:
    def run() -> None:
        for case, *arguments in generator():
            case(*arguments)

    return run
