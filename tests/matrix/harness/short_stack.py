"""Have the end of the stack come soon: stock botocore runs into itself until it ends."""

from __future__ import annotations

import sys
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import botocore

#: Frames for one operation of any kind, and for the redirector to run into itself several times.
#: From 1.28 to 1.31, botocore looks for an endpoint in functions that call themselves.
_FRAMES = 200 if botocore.__version__.startswith(("1.28.", "1.29.", "1.30.", "1.31.")) else 130


@contextmanager
def unheard_destructors() -> Iterator[None]:
    """Ignore what destructors raise: where the stack ends, they do, and pytest's hook as well."""
    hook = sys.unraisablehook
    nowhere: deque[object] = deque(maxlen=0)
    sys.unraisablehook = nowhere.append  # written in C: it needs nothing of the stack
    try:
        yield
    finally:
        sys.unraisablehook = hook


@contextmanager
def a_short_stack() -> Iterator[None]:
    """Have the end of the stack come soon, so that getting there does not take 80 requests."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(sum(1 for _ in traceback.walk_stack(None)) + _FRAMES)
    try:
        with unheard_destructors():
            yield
    finally:
        sys.setrecursionlimit(limit)
