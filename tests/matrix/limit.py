"""A limit of time for a piece of code that may never end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

_AGAIN = 5.0


class TookTooLong(BaseException):
    """It was ended. Not an Exception: a patch that swallows those would go on for ever."""


@contextmanager
def limited(seconds: float, name: str) -> Iterator[None]:
    """Raise `TookTooLong` in the code within, once it takes longer.

    Without SIGALRM, or beside the main thread, nothing does: the runner then ends the process,
    and names the test as well.
    """
    if not hasattr(signal, "SIGALRM") or (
        threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def end(*_: object) -> NoReturn:
        raise TookTooLong(f"{name} was ended, as it took more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, end)
    # And again: where the stack ends, or in a destructor, what is raised may be lost.
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
