"""Replace attributes of classes and modules, and put them back only where that is safe."""

from __future__ import annotations

import contextlib
import functools
from types import FunctionType
from typing import Any, Callable

_MISSING = object()


class Replaced:
    """One attribute that was replaced, and what stood there before."""

    def __init__(self, owner: Any, name: str, replacement: Callable[..., Any]) -> None:
        self._owner = owner
        self._name = name
        self._replacement = replacement
        # An inherited attribute is put back by removing ours.
        self._before = vars(owner).get(name, _MISSING)
        setattr(owner, name, replacement)

    def is_reachable(self) -> bool:
        """Return whether a call of the attribute still gets to the replacement."""
        return _leads_to(getattr(self._owner, self._name), self._replacement, set())

    def restore(self) -> bool:
        """Put back what stood there; False where somebody wrapped the replacement since."""
        if vars(self._owner).get(self._name) is not self._replacement:
            return False
        if self._before is _MISSING:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._before)
        return True

    def __str__(self) -> str:
        owner = self._owner if hasattr(self._owner, "__name__") else type(self._owner)
        now = getattr(self._owner, self._name)
        module = getattr(now, "__module__", type(now).__module__)
        code = getattr(now, "__code__", None)
        maker = code.co_filename if isinstance(now, FunctionType) and code else module
        return f"{owner.__name__}.{self._name} (wrapped by {maker})"


def _leads_to(function: Any, wanted: Any, seen: set[int]) -> bool:
    """Search what a wrapper can call: closure, globals, defaults, attributes, `__wrapped__`."""
    if function is wanted:
        return True
    if id(function) in seen or not callable(function):
        return False
    seen.add(id(function))
    inner = [getattr(function, "__wrapped__", None), getattr(function, "__func__", None)]
    if isinstance(function, functools.partial):
        inner.append(function.func)
    if isinstance(function, FunctionType):
        for cell in function.__closure__ or ():
            with contextlib.suppress(ValueError):  # an empty cell
                inner.append(cell.cell_contents)
        inner += [function.__globals__.get(name) for name in function.__code__.co_names]
        inner += function.__defaults__ or ()
        inner += (function.__kwdefaults__ or {}).values()
    elif not isinstance(function, type):
        inner += getattr(function, "__dict__", {}).values()
    return any(_leads_to(each, wanted, seen) for each in inner if each is not None)
