"""Ends a test that takes longer than UPSTREAM_SECONDS: a broken patch can make one wait forever."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

_SECONDS = float(os.environ["UPSTREAM_SECONDS"])


def _end_test(*_: Any) -> None:
    # Not an Exception: botocore would try again.
    pytest.fail(f"it took longer than {_SECONDS:g} seconds")


# Without signals (Windows), tests have no limit.
if hasattr(signal, "setitimer"):
    signal.signal(signal.SIGALRM, _end_test)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call() -> Iterator[None]:
        signal.setitimer(signal.ITIMER_REAL, _SECONDS, _SECONDS)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
