"""What the source of a module defines: every function in it, with the name it was given there."""

from __future__ import annotations

import functools
import inspect
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path
from types import CodeType
from typing import Any

from botocore_redirect.testing.guards import bindings
from botocore_redirect.testing.guards.bindings import Binding

#: The packages that a call runs through: any of them may hold what is another's.
FAMILY = frozenset({"botocore", "boto3", "s3transfer", "urllib3"})
_LOCALS = ".<locals>."


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
    #: The code of the module, which has no name, and of its classes.
    scopes: dict[str, list[CodeType]]
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
        return len(self.bound(name)) > 1 or any(bindings.is_global(code, name) for code in inner)

    @functools.cache  # noqa: B019 - as above
    def is_bare(self, path: str) -> bool:
        """Whether what is made with `def` here has no decorator, and nothing else stands here."""
        return all(each.is_def for each in self.bound(path))

    def uses(self, path: str, name: str) -> bool:
        """Whether the code around this place names that, as it must to decorate with it."""
        scope = path.rpartition(".")[0]
        return any(name in code.co_names for code in self.scopes.get(scope, ()))

    @functools.cache  # noqa: B019 - as above
    def is_module(self, path: str) -> bool:
        """Whether an `import` gives a module this name, and nothing else does."""
        bound = self.bound(path)
        return bool(bound) and all(each.is_import for each in bound)

    def is_joined(self, path: str) -> bool:
        """Whether what stands here is one of several things, as of `a if x else b`."""
        scope, _, name = path.rpartition(".")
        return any(bindings.is_joined(code, name) for code in self.scopes.get(scope, ()))

    def bound(self, path: str) -> list[Binding]:
        """Tell all the ways in which the module, or one of its classes, gives this name."""
        scope, _, name = path.rpartition(".")
        return [each for code in self.scopes.get(scope, ()) for each in bindings.of(code, name)]


@functools.cache
def source(module: str) -> Source | None:
    """Read what a module defines; None where it has no Python source, as one written in C."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    get_code = getattr(getattr(spec, "loader", None), "get_code", None) or _found(module)
    if get_code is None:
        return None
    try:
        whole = get_code(module)
    except (ImportError, OSError, SyntaxError):
        return None
    return None if whole is None else _read(module, whole)


def _found(module: str) -> Any:
    """Look for the source of a module that says nothing of it, or no more."""
    parent = sys.modules.get(module.rpartition(".")[0])
    spec = PathFinder.find_spec(module, getattr(parent, "__path__", None))
    return getattr(getattr(spec, "loader", None), "get_code", None)


def is_standard(module: str) -> bool:
    """Tell whether a module comes with Python."""
    return _is_standard(module.partition(".")[0])


def _read(module: str, whole: CodeType) -> Source:
    codes: dict[tuple[str, int], list[tuple[str, CodeType]]] = {}
    functions: set[str] = set()
    scopes = {"": [whole]}
    for path, code in _inside(whole, ""):
        codes.setdefault((code.co_name, code.co_firstlineno), []).append((path, code))
        if _LOCALS in path:
            continue
        if _is_function(code):
            functions.add(path)
        else:
            scopes.setdefault(path, []).append(code)
    package = module.partition(".")[0]
    imports = {package, *(name.partition(".")[0] for name in whole.co_names)}
    return Source(
        module,
        codes,
        frozenset(functions),
        frozenset(scopes) - {""},
        frozenset(imports | FAMILY if package in FAMILY else imports),
        scopes,
    )


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
