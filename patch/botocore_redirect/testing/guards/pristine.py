"""Whether botocore is botocore's own: each function is compared with the source of its module.

What is not known to come from there counts as changed: a wrapper may claim any name and type.
"""

from __future__ import annotations

import enum
import gc
import importlib.util
import operator
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore_redirect.testing.guards import module_source
from botocore_redirect.testing.guards.module_source import Source
from botocore_redirect.testing.guards.ownership import Foreign, Place, author, described, judge
from botocore_redirect.testing.guards.safe_inspect import DATA, attribute, is_generated

#: What is below those packages that a call runs through.
_NET = ("socket", "ssl")
_MODULES = ("http.client", *_NET)
# They keep a suite's calls on this machine, and let all others through.
_GUARDS = ("botocore_redirect", "pytest_socket")
# Copies of other libraries, and what a call does not run through.
_LEFT_OUT = (
    *("botocore.vendored", "urllib3.packages", "urllib3.contrib"),
    *("botocore.docs", "boto3.docs", "boto3.examples"),
)
_OF_IMPORTS = ("__loader__", "__spec__")
_NOT_THERE = {id(type(None)), id(importlib.util._LazyModule)}  # type: ignore[attr-defined] # noqa: SLF001 - it has no public name


@dataclass(frozen=True)
class Change:
    """A place of botocore, or of what it calls, that holds something of somebody else."""

    place: str
    foreign: Foreign
    value: Any = field(repr=False)

    def __str__(self) -> str:
        return f"{self.place} is {self.foreign}"


@dataclass(frozen=True)
class Look:
    """What was seen of botocore and its family at one moment."""

    #: What is somebody else's, by its place.
    changes: dict[str, Change] = field(default_factory=dict)
    #: The defaults of all functions: no source shows their values, so they can only be compared.
    defaults: dict[str, tuple[object, object]] = field(default_factory=dict)

    def news(self, before: Look) -> list[Change]:
        """Give what was not so before, or not there."""
        changed = [
            change
            for place, change in self.changes.items()
            if place not in before.changes or before.changes[place].value is not change.value
        ]
        swapped = [
            Change(place, Foreign("a function with other defaults"), None)
            for place, defaults in self.defaults.items()
            if any(map(operator.is_not, defaults, before.defaults.get(place, defaults)))
        ]
        return changed + swapped

    def gone(self, before: Look) -> list[str]:
        """Give the places that were somebody else's before, and are botocore's own now."""
        return [place for place in before.changes if place not in self.changes]


def look() -> Look:
    """Look at all that is imported of botocore and its family."""
    found = Look()
    stock: set[int] = set()
    with _without_collections():
        for name in modules():
            module, source = sys.modules[name], module_source.source(name)
            kind: type = type(module)
            if kind is not types.ModuleType and (source is None or judge(kind, Place(source))):
                # It may answer what it likes.
                found.changes[name] = Change(name, described(module), module)
            elif source is not None:
                _look_at(module, source, found, set() if name in _MODULES else stock)
    return found


def modules() -> list[str]:
    """Name the modules that `look` looks at."""
    return [
        name
        for name, module in [*sys.modules.items()]
        if (name.partition(".")[0] in module_source.FAMILY or name in _MODULES)
        and not name.startswith(_LEFT_OUT)
        and id(type(module)) not in _NOT_THERE
    ]


def _look_at(  # noqa: C901 - all the thousands of places come by, so no calls for most
    module: types.ModuleType, source: Source, found: Look, stock: set[int]
) -> None:
    names, is_net = vars(module), source.module in _NET
    for path, value, generated in _places(module, source):
        kind = type(value)
        if kind is types.FunctionType:  # most are, and as they should be
            if value.__globals__ is names and source.path(value.__code__) == path:
                if value.__defaults__ or value.__kwdefaults__:
                    place = f"{source.module}.{path}"
                    found.defaults[place] = value.__defaults__, value.__kwdefaults__
                continue
        elif id(kind) in DATA:
            if path not in source.functions:
                continue
        elif path in source.classes:
            if kind is type and (value.__module__, value.__qualname__) == (source.module, path):
                stock.add(id(value))
                continue
        elif id(value) in stock and path not in source.functions:
            continue
        foreign = judge(value, Place(source, path, generated))
        if foreign is None:
            if issubclass(kind, (type, types.ModuleType)):
                stock.add(id(value))  # wherever it is imported
        elif not (is_net and _is_guard(value, source)):
            place = f"{source.module}.{path}"
            found.changes[place] = Change(place, foreign, value)


def _is_guard(value: Any, source: Source) -> bool:
    """Whether this refuses connections, around what belongs there."""
    if author(value)[1].partition(".")[0] not in _GUARDS:
        return False
    around = attribute(value, "__wrapped__")
    return around is None or judge(around, Place(source)) is None


@contextmanager
def _without_collections() -> Iterator[None]:
    """Spare the collector what is read here: it is kept, and looking at it takes as long again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _places(module: types.ModuleType, source: Source) -> Iterator[tuple[str, Any, bool]]:
    """Give what stands in a module and its own classes; and which may be generated code."""
    waiting: list[tuple[str, Any]] = [("", module)]
    for prefix, owner in waiting:
        generated = is_generated(owner)
        for name, value in [*vars(owner).items()]:
            if name in _OF_IMPORTS:
                continue
            path = f"{prefix}{name}"
            yield path, value, generated
            if (
                path in source.classes
                and issubclass(type(value), type)
                and attribute(value, "__module__") == source.module
                and not issubclass(value, enum.Enum)  # which makes itself anew
            ):
                waiting.append((f"{path}.", value))
                for base in value.__bases__:
                    if base is not object:
                        yield f"{path}.__bases__", base, False
