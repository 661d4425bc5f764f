"""Shorten what hangs on an exception: a patch that follows for ever leaves a thousand others.

pytest walks all of it, by recursion, which ends the process where the chain is longer than the
stack.
"""

from __future__ import annotations

_LENGTH = 20


def shorten_chain(error: BaseException) -> None:
    """Forget the causes and contexts of an exception beyond those that anybody reads."""
    _shorten(error, _LENGTH, set())


def _shorten(error: BaseException, length: int, seen: set[int]) -> None:
    seen.add(id(error))
    if not length:
        error.__cause__ = error.__context__ = None
    grouped = getattr(error, "exceptions", ())  # of an exception group
    for each in (error.__cause__, error.__context__, *grouped):
        if isinstance(each, BaseException) and id(each) not in seen:
            _shorten(each, max(length - 1, 0), seen)
