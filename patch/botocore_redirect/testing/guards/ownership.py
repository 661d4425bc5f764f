"""The author of a value: the module and the line of a function, or of the class of an object."""

from __future__ import annotations

import functools
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore_redirect.testing.guards import fingerprint
from botocore_redirect.testing.guards.fingerprint import (
    FAMILY,
    WRITTEN_IN_C,
    attribute,
    is_class,
    is_data,
    is_module,
)

_STANDARD_LIBRARY = f"{Path(os.__file__).parent}{os.sep}"
_KIT = f"{Path(__file__).parents[2]}{os.sep}"
_INSTALLED = ("site-packages", "dist-packages")


def describe(value: Any) -> str:
    """Describe a value and name its author."""
    if is_data(value) or issubclass(type(value), WRITTEN_IN_C):
        return repr(value)
    value = _find_foreign_part(value)
    if is_module(value):
        return f"another module {attribute(value, '__name__')}"
    what = attribute(value, "__qualname__", "something")
    if type(value) is types.FunctionType:
        what = f"{what}()"
    elif is_class(value):
        what = f"class {what}"
    else:
        what = f"a {attribute(type(value), '__qualname__')}"
    return f"{what} of {find_author(value)[0]}"


def find_author(value: Any) -> tuple[str, str]:
    """Return where a value was written (file and line, or else the module), and its module."""
    value = _find_foreign_part(value)
    if type(value) is types.FunctionType:
        code = value.__code__
        return f"{code.co_filename}:{code.co_firstlineno}", _module_of(value)
    return (_module_of(value),) * 2


def is_of_family(value: Any) -> bool:
    """Whether a function, or an object that can be called, is of botocore or its family."""
    while type(value) is functools.partial:
        value = value.func
    value = attribute(value, "__func__", value)  # of a method
    if type(value) is types.FunctionType:
        home = value.__globals__.get("__name__")
        module = sys.modules.get(str(home))
        return (
            str(home).partition(".")[0] in FAMILY
            and attribute(module, "__dict__") is value.__globals__
            and value.__code__.co_filename == attribute(module, "__file__")
        )
    kind = value if is_class(value) else type(value)
    name = str(attribute(kind, "__module__"))
    found: Any = sys.modules.get(name)
    for part in str(attribute(kind, "__qualname__")).split("."):
        found = attribute(found, part)
    return found is kind and name.partition(".")[0] in FAMILY


def is_standard(package: str) -> bool:
    """Whether a package that is imported comes with Python."""
    spec = attribute(sys.modules.get(package), "__spec__")
    origin = str(attribute(spec, "origin", "nowhere"))
    return origin in ("built-in", "frozen") or _is_of_standard_library(origin)


def is_user_code(file: Any) -> bool:
    """Whether a source file is neither installed, nor of Python, nor of this kit."""
    return (
        type(file) is str
        and file.endswith(".py")
        and not file.startswith(_KIT)
        and not any(each in file for each in _INSTALLED)
        and not _is_of_standard_library(file)
    )


def _is_of_standard_library(file: str) -> bool:
    return file.startswith(_STANDARD_LIBRARY) and not any(each in file for each in _INSTALLED)


def _find_foreign_part(value: Any) -> Any:
    """Return the first part of a decorated value that is of neither Python nor botocore's family.

    Where there is none, that is the value itself.
    """
    others = (each for each in _parts_of(value) if not _is_family_or_standard(_module_of(each)))
    return next(others, value)


def _parts_of(value: Any) -> Iterator[Any]:
    seen: set[int] = set()
    waiting = [value]
    for each in waiting:
        wrapper = attribute(each, "_self_wrapper")  # of a wrapper of wrapt
        if issubclass(type(wrapper), (types.FunctionType, types.MethodType)):
            waiting.append(wrapper)
        elif id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += fingerprint.inner_functions(each)


def _module_of(value: Any) -> str:
    if type(value) is types.FunctionType:
        return str(value.__globals__.get("__name__"))
    return str(attribute(value if is_class(value) else type(value), "__module__"))


def _is_family_or_standard(module: str) -> bool:
    package = module.partition(".")[0]
    return package in FAMILY or is_standard(package)
