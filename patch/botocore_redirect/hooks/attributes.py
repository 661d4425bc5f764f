"""Replace attributes of classes and modules, and restore them only if that is safe."""

from __future__ import annotations

import gc
import inspect
import types
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Callable

_MISSING = object()


class Replaced:
    """A replaced attribute, and its original value."""

    def __init__(self, owner: Any, name: str, replacement: Callable[..., Any]) -> None:
        self._owner = owner
        self._name = name
        self._replacement = replacement
        # An inherited attribute is restored by deleting ours.
        self._before = vars(owner).get(name, _MISSING)
        setattr(owner, name, replacement)

    def is_reachable(self) -> bool:
        """Return whether a call of the attribute still reaches the replacement."""
        return _leads_to(self._current(), self._replacement)

    def restore(self) -> bool:
        """Restore the original value; return False if the replacement has been wrapped since."""
        if vars(self._owner).get(self._name) is not self._replacement:
            return False
        if self._before is _MISSING:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._before)
        return True

    def __str__(self) -> str:
        owner = self._owner if hasattr(self._owner, "__name__") else type(self._owner)
        now = self._current()
        is_function = is_of(now, types.FunctionType)
        maker = now.__code__.co_filename if is_function else type(now).__module__
        return f"{owner.__name__}.{self._name} (wrapped by {maker})"

    def _current(self) -> Any:
        return inspect.getattr_static(self._owner, self._name)


def is_of(thing: object, kind: type) -> bool:
    """Return what `isinstance` does, without calling the object: it may be a lazy proxy."""
    return issubclass(type(thing), kind)


def _leads_to(function: Any, wanted: Any) -> bool:
    """Search all that a wrapper can call: closure, globals, defaults, attributes, `__wrapped__`.

    No code of the objects is run: proxies of flask or werkzeug raise outside a web request.
    """
    seen: dict[int, Any] = {}  # kept alive, so that ids stay unique
    waiting = [function]
    while waiting:
        each = waiting.pop()
        if each is wanted:
            return True
        if id(each) not in seen and (callable(each) or is_of(each, staticmethod)):
            seen[id(each)] = each
            waiting += _inner(each)
    return False


def _inner(function: Any) -> Iterator[Any]:
    if is_of(function, type):
        return
    if not is_of(function, types.FunctionType):
        # All that an object holds, in Python or in C: its __dict__, its slots, its arguments.
        for held in gc.get_referents(function):
            yield held
            if is_of(held, dict):
                yield from list(held.values())  # other threads may change it
            elif is_of(held, tuple):
                yield from held
        return
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # an empty cell
            yield cell.cell_contents
    for name in function.__code__.co_names:
        yield function.__globals__.get(name)
    yield from function.__defaults__ or ()
    yield from list((function.__kwdefaults__ or {}).values())
    yield from list(function.__dict__.values())
