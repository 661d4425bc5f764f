"""Who wrote what stands at a place of a module: the module itself, what it imports, or another."""

from __future__ import annotations

import enum
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore_redirect.testing.guards import module_source
from botocore_redirect.testing.guards.module_source import Source
from botocore_redirect.testing.guards.safe_inspect import (
    DATA,
    OF_C,
    attribute,
    is_generated,
    is_static,
    module_of,
)

#: Where decorators and descriptors keep what they were made of.
_MADE_OF = ("__func__", "__wrapped__", "__self__", "func", "fget", "fset", "fdel", "_fget")
_MAKERS = {"_lru_cache_wrapper": ("lru_cache", "cache")}
#: Methods that are none of an instance, with or without a decorator that says so.
_OF_THE_CLASS = {
    "__new__": staticmethod,
    "__init_subclass__": classmethod,
    "__class_getitem__": classmethod,
}

_where_they_say: dict[int, tuple[Any, bool]] = {}


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
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def anywhere(self) -> Place:
        """The same, for what may come from anywhere in the module."""
        return Place(self.source, "", self.generated)


def judge(value: Any, place: Place) -> Foreign | None:
    """Tell what is wrong about what stands there; None: nothing is."""
    foreign = _judge(value, place)
    if foreign and "." not in place.path and place.source.has_choice(place.path):
        return _judge(value, place.anywhere)  # defined here only where it cannot be imported
    return foreign


def _judge(value: Any, place: Place) -> Foreign | None:
    kind = type(value)  # never isinstance: a wrapper may claim to be what it wraps
    if place.is_function and place.source.is_bare(place.path):
        return None if _is_itself(value, place) else described(value)
    if id(kind) in DATA or issubclass(kind, OF_C):
        return described(value) if place.is_function else None
    if kind is types.FunctionType:
        return _of_function(value, place)
    if issubclass(kind, type):
        return _of_class(value, place)
    if issubclass(kind, types.ModuleType):
        return _of_module(value, place)
    if callable(value) or attribute(kind, "__get__") is not None:
        return _of_object(value, place)
    return described(value) if place.is_function or place.source.is_module(place.path) else None


def described(value: Any) -> Foreign:
    """Say what something is, and who wrote it."""
    kind = type(value)
    if id(kind) in DATA or issubclass(kind, OF_C):
        return Foreign(repr(value))
    if kind is types.FunctionType:
        return Foreign(f"{value.__qualname__}()", _file(value))
    if kind is types.ModuleType:
        return Foreign(f"another module {attribute(value, '__name__')}")
    if issubclass(kind, type):
        return Foreign(f"class {attribute(value, '__qualname__')}", module_of(value))
    return Foreign(f"a {attribute(kind, '__qualname__')}", module_of(kind))


def author(value: Any) -> tuple[str, str]:
    """Name the file and line, if there is one, and the module of who wrote this."""
    for name in ("__func__", "_self_wrapper"):  # of a method, and of a wrapper of wrapt
        value = attribute(value, name, value)
    if type(value) is types.FunctionType:
        return _file(value), str(value.__globals__.get("__name__"))
    module = module_of(value if issubclass(type(value), type) else type(value))
    return module, module


def _is_itself(value: Any, place: Place) -> bool:
    if type(value) is _OF_THE_CLASS.get(place.name):
        value = value.__func__
    source = place.source
    return (
        type(value) is types.FunctionType
        and value.__globals__ is attribute(sys.modules.get(source.module), "__dict__")
        and source.path(value.__code__) == place.path
    )


def _of_function(function: types.FunctionType, place: Place) -> Foreign | None:
    home = function.__globals__.get("__name__") or ""
    path = _path(function, home, place)
    if path is None:
        return described(function)
    inside = [each for each in _inside(function) if each is not function]
    if place.is_function and (home, path) != (place.source.module, place.path):
        # A decorator of its own, around what should be here?
        made_of = (judge(each, place) for each in inside)
        if "<locals>" not in path or not _is_used(function, home, place) or all(made_of):
            return described(function)
    elif not _may_be_named(path, place, home):
        return described(function)
    return next(filter(None, (judge(each, place.anywhere) for each in inside)), None)


def _path(function: types.FunctionType, home: str, place: Place) -> str | None:
    """Tell where a function was written, if that is the module of the place or one it imports."""
    code = function.__code__
    if place.generated and code.co_filename.startswith("<") and not place.is_function:
        return "<locals>"
    if function.__globals__ is not attribute(sys.modules.get(home), "__dict__"):
        return None
    if module_source.is_standard(home) and home != place.source.module:
        return "<locals>"  # such as contextlib's, around what is decorated
    if home.partition(".")[0] not in place.source.imports:
        return None
    source = module_source.source(home)
    return source.path(code) if source else None


def _may_be_named(path: str, place: Place, home: str) -> bool:
    """Whether what was written under this path may stand here under another name.

    Where the source makes the name of another one, it says of which; at home, too.
    """
    name = path.rpartition(".")[2]
    if name == place.name or not place.path or "<locals>" in path:
        return True
    made_of = _made_of(place.source, place.path)
    source = module_source.source(home)
    return (
        "" in made_of
        or name in made_of
        or any(source and name in _made_of(source, each) for each in made_of)
        or place.source.is_joined(place.path)
    )


def _made_of(source: Source, path: str) -> set[str]:
    """Give the names that this one is made of; an empty one, if also of something else."""
    return {each.name for each in source.bound(path)} or {""}


def _of_class(cls: Any, place: Place) -> Foreign | None:
    module = module_of(cls)
    if place.is_class or place.is_function:
        # ssl.Purpose, an Enum, is of no module before Python 3.11.
        own = module == place.source.module or issubclass(cls, enum.Enum)
        return None if own and attribute(cls, "__qualname__") == place.path else described(cls)
    if not _is_trusted(module, place.source):
        return described(cls)
    if _is_where_it_says(cls):
        return None
    # It may lie, or another has taken its place there: what it does tells.
    source = module_source.source(module)
    if source is None:
        return described(cls)
    members = Place(source, generated=is_generated(cls))
    return next(filter(None, (judge(each, members) for each in [*vars(cls).values()])), None)


def _of_module(module: Any, place: Place) -> Foreign | None:
    name = attribute(module, "__name__")
    own = sys.modules.get(name) is module and _is_trusted(name, place.source)
    return None if own else described(module)


def _of_object(value: Any, place: Place) -> Foreign | None:
    kind: Any = type(value)
    if not (_is_trusted(module_of(kind), place.source) and _is_where_it_says(kind)):
        return described(value)
    made_of = [each for name in _MADE_OF if (each := attribute(value, name)) is not None]
    if place.is_function and (
        not _is_used(value, module_of(kind), place) or all(judge(each, place) for each in made_of)
    ):
        return described(value)
    return next(filter(None, (judge(each, place.anywhere) for each in made_of)), None)


def _is_used(made: Any, module: str, place: Place) -> bool:
    """Whether the source may have decorated with this: then it names what makes such a thing."""
    if not module_source.is_standard(module):
        return True  # made by a decorator of its own
    if type(made) is types.FunctionType:  # it tells its module alone
        here = [*vars(sys.modules[module]).items()]
        names = [name for name, value in here if attribute(value, "__module__") == module]
    else:
        names = [type(made).__name__, *_MAKERS.get(type(made).__name__, ())]
    return any(place.source.uses(place.path, name) for name in names)


def _is_trusted(module: Any, source: Source) -> bool:
    return type(module) is str and (
        module_source.is_standard(module) or module.partition(".")[0] in source.imports
    )


def _is_where_it_says(cls: Any) -> bool:
    """Whether a class can be found under its name: one that lies about its module cannot."""
    known = _where_they_say.get(id(cls))
    if known is None:
        found: Any = sys.modules.get(module_of(cls))
        for name in str(attribute(cls, "__qualname__")).split("."):
            found = attribute(found, name)
        # What is written in C is of no module at times: none can make such a class in Python.
        is_there = found is cls or is_static(cls)
        # Kept, so that no other gets its id.
        known = _where_they_say[id(cls)] = cls, is_there
    return known[1]


def _inside(function: types.FunctionType) -> Iterator[Any]:
    """Give the functions that a function closes over, and the one that it says it wraps."""
    for cell in function.__closure__ or ():
        try:
            value = cell.cell_contents
        except ValueError:  # not filled yet, or no more
            continue
        if id(type(value)) not in DATA and not issubclass(type(value), (type, types.ModuleType)):
            yield value
    wrapped = vars(function).get("__wrapped__")
    if wrapped is not None:
        yield wrapped


def _file(function: types.FunctionType) -> str:
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"
