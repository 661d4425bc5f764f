"""Who wrote what stands at a place of a module: the module itself, what it imports, or another."""

from __future__ import annotations

import functools
import sys
import types
from dataclasses import dataclass, replace
from typing import Any

from . import origin
from .origin import Source

DATA = frozenset(
    {type(None), bool, int, float, str, bytes, tuple, list, dict, set, frozenset}
    | {types.ModuleType, types.GetSetDescriptorType, types.MemberDescriptorType}
)
_OF_C = (
    *(types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType),
    *(types.MethodWrapperType, types.ClassMethodDescriptorType),
)
#: Where decorators and descriptors keep what they were made of.
_MADE_OF = ("__func__", "__wrapped__", "__self__", "func", "fget", "fset", "fdel", "_fget")


@dataclass(frozen=True)
class Foreign:
    """What stands there instead, and the module or the file of who wrote it, if that is known."""

    what: str
    author: str = ""

    def __str__(self) -> str:
        return f"{self.what} of {self.author}" if self.author else self.what


@dataclass(frozen=True)
class Place:
    """A name in a module, or in one of its classes; without a path, any place in it."""

    source: Source
    path: str = ""
    #: Methods of this class are made as it is built, from a text without a file.
    generated: bool = False

    @property
    def is_function(self) -> bool:
        """Whether the source says with `def` what stands here."""
        return self.path in self.source.functions

    @property
    def is_class(self) -> bool:
        """Whether the source says with `class` what stands here."""
        return self.path in self.source.classes

    @property
    def anywhere(self) -> Place:
        """The same, for what may come from anywhere in the module."""
        return replace(self, path="")


def judge(value: Any, place: Place) -> Foreign | None:
    """Tell what is wrong about what stands there; None: nothing is."""
    foreign = _judge(value, place)
    if foreign and "." not in place.path and place.source.has_choice(place.path):
        return _judge(value, place.anywhere)  # defined here only where it cannot be imported
    return foreign


def _judge(value: Any, place: Place) -> Foreign | None:
    kind = type(value)  # never isinstance: a wrapper may claim to be what it wraps
    if kind in DATA:
        return Foreign(repr(value)) if place.is_function else None
    if kind is types.FunctionType:
        return _of_function(value, place)
    if issubclass(kind, _OF_C):
        return Foreign(repr(value)) if place.is_function else None
    if issubclass(kind, type):
        return _of_class(value, place)
    if callable(value) or hasattr(kind, "__get__"):
        return _of_object(value, place)
    return Foreign(f"a {kind.__qualname__}", kind.__module__) if place.is_function else None


def author(value: Any) -> tuple[str, str]:
    """Name the file and line, if there is one, and the module of who wrote this."""
    for name in ("__func__", "_self_wrapper"):  # of a method, and of a wrapper of wrapt
        value = getattr(value, name, value)
    if type(value) is types.FunctionType:
        return _file(value), str(value.__globals__.get("__name__"))
    cls = value if issubclass(type(value), type) else type(value)
    return str(cls.__module__), str(cls.__module__)


def _of_function(function: types.FunctionType, place: Place) -> Foreign | None:
    home = function.__globals__.get("__name__") or ""
    path = _path(function, home, place)
    if path is None:
        return Foreign(f"{function.__qualname__}()", _file(function))
    inside = [each for each in _inside(function) if each is not function]
    if place.is_function and (home, path) != (place.source.module, place.path):
        # A decorator of its own, around what should be here?
        made_of = (judge(each, place) for each in inside)
        if "<locals>" not in path or all(made_of):
            return Foreign(f"{home}.{path}")
    return next(filter(None, (judge(each, place.anywhere) for each in inside)), None)


def _path(function: types.FunctionType, home: str, place: Place) -> str | None:
    """Tell where a function was written, if that is the module of the place or one it imports."""
    code = function.__code__
    if place.generated and code.co_filename.startswith("<") and not place.is_function:
        return "<generated>"
    if function.__globals__ is not getattr(sys.modules.get(home), "__dict__", None):
        return None
    if origin.is_standard(home) and home != place.source.module:
        return "<locals>"  # such as contextlib's, around what is decorated
    if home.partition(".")[0] not in place.source.imports:
        return None
    source = origin.source(home)
    return source.path(code) if source else None


def _of_class(cls: Any, place: Place) -> Foreign | None:
    name = cls.__module__
    own = place.source.module == name and cls.__qualname__ == place.path
    if place.is_class or place.is_function:
        return None if own else Foreign(f"class {cls.__qualname__}", name)
    return None if _is_trusted(name, place.source) else Foreign(f"class {cls.__qualname__}", name)


def _of_object(value: Any, place: Place) -> Foreign | None:
    kind: Any = type(value)
    foreign = Foreign(f"a {kind.__qualname__}", str(kind.__module__))
    if not (_is_trusted(kind.__module__, place.source) and _is_where_it_says(kind)):
        return foreign
    made_of = [getattr(value, name) for name in _MADE_OF if hasattr(value, name)]
    if place.is_function and all(judge(each, place) for each in made_of):
        return foreign
    return next(filter(None, (judge(each, place.anywhere) for each in made_of)), None)


def _is_trusted(module: Any, source: Source) -> bool:
    return type(module) is str and (
        origin.is_standard(module) or module.partition(".")[0] in source.imports
    )


@functools.cache
def _is_where_it_says(kind: Any) -> bool:
    """Whether a class can be found under its name: one that lies about its module cannot."""
    if kind in vars(types).values():
        return True
    found: Any = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is kind


def _inside(function: types.FunctionType) -> list[Any]:
    """Give the functions that a function closes over, and the one that it says it wraps."""
    found = []
    for cell in function.__closure__ or ():
        try:
            value = cell.cell_contents
        except ValueError:  # not filled yet, or no more
            continue
        if type(value) not in DATA and not issubclass(type(value), type):
            found.append(value)
    wrapped = vars(function).get("__wrapped__")
    return found if wrapped is None else [*found, wrapped]


def _file(function: types.FunctionType) -> str:
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"
