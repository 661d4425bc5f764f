"""The fingerprint of every place in botocore's family: what stands there, as a line of text.

As a program, it prints the fingerprints of a fresh interpreter, where nobody patched anything:

    python -I -S fingerprint.py < SYS_PATH_AS_JSON

so it imports nothing but the standard library.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
import sys
import types
import zlib
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from types import CodeType, FunctionType, ModuleType
from typing import Any

#: The packages that a call runs through: any of them may hold what is another's.
FAMILY = ("botocore", "boto3", "s3transfer", "urllib3")
#: What they send with.
NETWORK = ("http.client", "socket", "ssl")
CLOCKS = ("datetime", "time")
# Copies of other libraries, and what a call does not run through.
_LEFT_OUT = (
    *("botocore.vendored", "urllib3.packages", "urllib3.contrib"),
    *("botocore.docs", "boto3.docs", "boto3.examples"),
)
_OF_IMPORTS = ("__loader__", "__spec__")
_NOT_LOADED = (type(None), importlib.util._LazyModule)  # type: ignore[attr-defined] # noqa: SLF001 - it has no public name

_DATA = (
    *(type(None), bool, int, float, str, bytes, tuple, list, dict, set, frozenset),
    *(types.GetSetDescriptorType, types.MemberDescriptorType),
)
_DATA_IDS = frozenset(map(id, _DATA))  # a class may refuse to be compared, or to be hashed
#: The types of functions that are not written in Python.
WRITTEN_IN_C = (
    *(types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType),
    *(types.MethodWrapperType, types.ClassMethodDescriptorType),
)
# Where decorators and descriptors keep what they were made of, and whose are looked into.
_MADE_OF = ("__func__", "__self__", "__wrapped__", "func", "fget", "fset", "fdel", "_fget")
_LOOKED_INTO = ("builtins", "functools", *FAMILY)
_DEPTH = 4

_MADE_IN_PYTHON = 1 << 9  # Py_TPFLAGS_HEAPTYPE: Python code can make no class without it

_digests: dict[int, tuple[CodeType, int]] = {}


def family_modules() -> list[str]:
    """Name the imported modules of the family, and those that it sends with."""
    return [
        name
        for name, module in [*sys.modules.items()]
        if (name.partition(".")[0] in FAMILY or name in NETWORK)
        and not name.startswith(_LEFT_OUT)
        and not any(type(module) is kind for kind in _NOT_LOADED)
    ]


def places(name: str) -> Iterator[tuple[str, Any]]:
    """Give what stands in an imported module, in the classes that it defines, and their bases."""
    module: Any = sys.modules[name]
    if type(module) is not ModuleType:  # it may answer what it likes
        yield "__class__", type(module)
    owners = [("", module)]
    for prefix, owner in owners:
        for attribute_name, value in [*attribute(owner, "__dict__", {}).items()]:
            if attribute_name in _OF_IMPORTS:
                continue
            path = prefix + attribute_name
            yield path, value
            if issubclass(type(value), type) and class_name(value) == f"{name}.{path}":
                owners.append((f"{path}.", value))
                for number, base in enumerate(value.__bases__):
                    yield f"{path}.__bases__[{number}]", base


def fingerprint(value: Any, depth: int = _DEPTH) -> str:
    """Describe what can be called, a class, a module or a descriptor; nothing for plain data."""
    kind = type(value)  # never isinstance: a wrapper may claim to be what it wraps
    if kind is FunctionType:
        return _of_function(value, depth)
    if id(kind) in _DATA_IDS:
        return ""
    if issubclass(kind, type):
        name = class_name(value)
        if not attribute(value, "__flags__", _MADE_IN_PYTHON) & _MADE_IN_PYTHON:
            return f"class {name} in C"
        return f"class {name}{' (another)' if _is_double(value, name) else ''}"
    if issubclass(kind, ModuleType):
        name = attribute(value, "__name__")
        return f"module {name}{'' if sys.modules.get(name) is value else ' (another)'}"
    if issubclass(kind, WRITTEN_IN_C):
        return f"{kind.__name__} {value.__qualname__} of {attribute(value, '__module__')}"
    if not callable(value) and attribute(kind, "__get__") is None:
        return ""
    return f"a {fingerprint(kind)}{_inside(value, depth)}"


def made_of(value: Any) -> list[Any]:
    """Give the functions that a function closes over, or that a decorator was called with."""
    if type(value) is FunctionType:
        inside = [attribute(cell, "cell_contents") for cell in value.__closure__ or ()]
        inside.append(attribute(value, "__wrapped__"))
    elif is_data(value) or not _is_looked_into(type(value)):
        return []
    else:
        inside = [attribute(value, name) for name in _MADE_OF]
    return [each for each in inside if not (is_data(each) or is_class(each) or is_module(each))]


def is_data(value: Any) -> bool:
    """Whether this is a plain value, which can neither be called nor act as an attribute."""
    return id(type(value)) in _DATA_IDS


def is_class(value: Any) -> bool:
    """Whether this is a class, whatever it claims."""
    return issubclass(type(value), type)


def is_module(value: Any) -> bool:
    """Whether this is a module, whatever it claims."""
    return issubclass(type(value), ModuleType)


def class_name(cls: Any) -> str:
    """Give the module and the qualified name that a class claims."""
    return f"{attribute(cls, '__module__')}.{attribute(cls, '__qualname__')}"


def attribute(value: Any, name: str, default: Any = None) -> Any:
    """Read an attribute of an object that may be odd: if that raises, it has none."""
    try:
        return getattr(value, name, default)
    except Exception:  # noqa: BLE001 - it is not known what this is
        return default


def handler_name(handler: Any) -> str:
    """Name the function or the class of what is registered for an event."""
    name = attribute(handler, "__qualname__") or attribute(type(handler), "__qualname__")
    return str(name)


def builtin_handlers() -> list[tuple[str, Any]]:
    """Give the events and handlers that botocore registers with each session."""
    listed = attribute(sys.modules.get("botocore.handlers"), "BUILTIN_HANDLERS", ())
    return [(event, handler) for event, handler, *_ in listed]


def _of_function(function: FunctionType, depth: int) -> str:
    code, names = function.__code__, function.__globals__
    home = names.get("__name__")
    known = _digests.get(id(code))
    if known is None:  # the code is kept, so that no other gets its id
        known = _digests[id(code)] = code, zlib.crc32(code.co_code)
    is_home = getattr(sys.modules.get(home), "__dict__", None) is names  # type: ignore[arg-type]  # None is no key
    text = (
        f"{home}{'' if is_home else ' (another)'}:{code.co_firstlineno}"
        f" {function.__qualname__} {known[1]}"
    )
    if function.__closure__ is None and getattr(function, "__wrapped__", None) is None:
        return text
    return text + _inside(function, depth)


def _inside(value: Any, depth: int) -> str:
    inside = [fingerprint(each, depth - 1) for each in made_of(value)] if depth else []
    return f" ({', '.join(filter(None, inside))})" if any(inside) else ""


def _is_looked_into(kind: Any) -> bool:
    return str(attribute(kind, "__module__")).partition(".")[0] in _LOOKED_INTO


def _is_double(cls: Any, name: str) -> bool:
    """Whether another class stands where this one claims to be, and claims the same."""
    found: Any = sys.modules.get(attribute(cls, "__module__", ""))
    for part in attribute(cls, "__qualname__", "").split("."):
        found = attribute(found, part)
    return found is not cls and is_class(found) and class_name(found) == name


def _import_all(package: str) -> None:
    """Import a package with all that is in it, but for what needs a library that is not there."""
    with suppress(Exception):
        module = importlib.import_module(package)
        for each in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{package}."):
            if not each.name.startswith(_LEFT_OUT):
                _import_all(each.name)


def _main() -> None:
    sys.path[:] = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):
        for name in (*FAMILY, *NETWORK, *CLOCKS):
            _import_all(name)
    found = {
        name: {path: text for path, value in places(name) if (text := fingerprint(value))}
        for name in (*family_modules(), *CLOCKS)
    }
    handlers = [(event, handler_name(handler)) for event, handler in builtin_handlers()]
    json.dump({"places": found, "handlers": handlers}, sys.stdout)


if __name__ == "__main__":
    _main()
