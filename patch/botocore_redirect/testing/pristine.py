"""Whether botocore is botocore's own: each function is compared with the source of its module.

What is not known to come from there counts as changed: a wrapper may claim any name and type.
"""

from __future__ import annotations

import gc
import operator
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from . import origin
from .authors import DATA, Foreign, Place, judge
from .origin import Source

#: The packages that a call runs through, and the one module below them.
PACKAGES = ("botocore", "boto3", "s3transfer", "urllib3")
_MODULES = ("http.client",)
# Copies of other libraries, and what a call does not run through.
_LEFT_OUT = (
    *("botocore.vendored", "urllib3.packages", "urllib3.contrib"),
    *("botocore.docs", "boto3.docs", "boto3.examples"),
)


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
    with _without_collections():
        for name in modules():
            source = origin.source(name)
            if source is not None:
                _look_at(sys.modules[name], source, found)
    return found


def modules() -> list[str]:
    """Name the modules that `look` looks at."""
    return [
        name
        for name, module in [*sys.modules.items()]
        if (name.partition(".")[0] in PACKAGES or name in _MODULES)
        and not name.startswith(_LEFT_OUT)
        and type(module) is types.ModuleType
    ]


def _look_at(module: types.ModuleType, source: Source, found: Look) -> None:
    names = vars(module)
    for path, value, generated in _places(module, source):
        kind = type(value)
        if kind is types.FunctionType:  # most are, and as they should be
            if value.__globals__ is names and source.path(value.__code__) == path:
                if value.__defaults__ or value.__kwdefaults__:
                    place = f"{source.module}.{path}"
                    found.defaults[place] = value.__defaults__, value.__kwdefaults__
                continue
        elif kind in DATA and path not in source.functions:
            continue
        foreign = judge(value, Place(source, path, generated))
        if foreign is not None:
            place = f"{source.module}.{path}"
            found.changes[place] = Change(place, foreign, value)


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
        # Their methods are made of text, as they are built.
        generated = "_fields" in vars(owner) or "__dataclass_fields__" in vars(owner)
        for name, value in [*vars(owner).items()]:
            path = f"{prefix}{name}"
            yield path, value, generated
            if (
                path in source.classes
                and issubclass(type(value), type)
                and value.__module__ == source.module
            ):
                waiting.append((f"{path}.", value))
