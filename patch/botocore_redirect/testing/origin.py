"""What the source of a module defines: every function in it, with the name it was given there."""

from __future__ import annotations

import dis
import functools
import inspect
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

_LOCALS = ".<locals>."
_STORE_NAME = dis.opmap["STORE_NAME"]
_STORE_GLOBAL = dis.opmap["STORE_GLOBAL"]


@dataclass(frozen=True, eq=False)
class Source:
    """The code objects of one module, from its .pyc where there is one."""

    module: str
    #: Name and first line -> the path in the module, such as `Endpoint.close`, and the code.
    codes: dict[tuple[str, int], list[tuple[str, CodeType]]]
    #: What the module and its classes define with `def` and `class`.
    functions: frozenset[str]
    classes: frozenset[str]
    #: The top-level packages that it imports from.
    imports: frozenset[str]
    whole: CodeType
    _seen: dict[int, tuple[str, CodeType]] = field(default_factory=dict)

    def path(self, code: CodeType) -> str | None:
        """Tell where in the module this code was written; None: not in this module."""
        seen = self._seen.get(id(code))
        if seen is not None:
            return seen[0]
        for path, own in self.codes.get((code.co_name, code.co_firstlineno), ()):
            if own == code:
                self._seen[id(code)] = path, code  # kept, so that no other gets its id
                return path
        return None

    @functools.cache  # noqa: B019 - there is one of each module, for ever
    def has_choice(self, name: str) -> bool:
        """Whether the module itself gives this name in several ways.

        As in `try` and `except`, or when a function finds out what is best here.
        """
        inner = (code for codes in self.codes.values() for _, code in codes)
        return sum(each == name for each in _stored(self.whole, _STORE_NAME)) > 1 or any(
            name in code.co_names and name in _stored(code, _STORE_GLOBAL) for code in inner
        )


@functools.cache
def source(module: str) -> Source | None:
    """Read what a module defines; None where it has no Python source, as one written in C."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    get_code = getattr(getattr(spec, "loader", None), "get_code", None)
    if get_code is None:
        return None
    try:
        whole = get_code(module)
    except (ImportError, OSError, SyntaxError):
        return None
    return None if whole is None else _read(module, whole)


def is_standard(module: str) -> bool:
    """Tell whether a module comes with Python."""
    return _is_standard(module.partition(".")[0])


def _read(module: str, whole: CodeType) -> Source:
    codes: dict[tuple[str, int], list[tuple[str, CodeType]]] = {}
    functions: set[str] = set()
    classes: set[str] = set()
    for path, code in _inside(whole, ""):
        codes.setdefault((code.co_name, code.co_firstlineno), []).append((path, code))
        if _LOCALS not in path:
            (functions if _is_function(code) else classes).add(path)
    package = module.partition(".")[0]
    imports = {name.partition(".")[0] for name in whole.co_names}
    return Source(
        module,
        codes,
        frozenset(functions),
        frozenset(classes),
        frozenset({package, *imports}),
        whole,
    )


def _stored(code: CodeType, how: int) -> Iterator[str]:
    """Give the names that this operation binds, in order; `dis` takes twenty times as long."""
    extended = 0
    for operation, argument in zip(code.co_code[::2], code.co_code[1::2]):
        whole = extended | argument
        extended = whole << 8 if operation == dis.EXTENDED_ARG else 0
        if operation == how:
            yield code.co_names[whole]


def _inside(code: CodeType, prefix: str) -> Iterator[tuple[str, CodeType]]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            path = f"{prefix}{each.co_name}"
            yield path, each
            yield from _inside(each, f"{path}{_LOCALS}" if _is_function(each) else f"{path}.")


def _is_function(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_OPTIMIZED)


@functools.cache
def _is_standard(package: str) -> bool:
    if sys.version_info >= (3, 10):
        return package in sys.stdlib_module_names
    found = getattr(sys.modules.get(package), "__spec__", None)
    place = Path(getattr(found, "origin", None) or "nowhere")
    return str(place) in {"built-in", "frozen"} or (
        Path(sysconfig.get_path("stdlib")) in place.parents
        and "site-packages" not in place.parts
        and "dist-packages" not in place.parts
    )
