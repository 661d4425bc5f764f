"""Fingerprints of the functions, classes and descriptors of botocore and its family, as text.

As a program, it prints those of a fresh interpreter, in which nothing is patched:

    python -I -S fingerprint.py < SYS_PATH_AS_JSON

So it imports the standard library alone.
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

#: The packages that a call runs through: a patch may change any of them.
FAMILY = ("botocore", "boto3", "s3transfer", "urllib3", "aiobotocore")
#: The modules of the standard library that they send with.
NETWORK = ("http.client", "socket", "ssl")
CLOCKS = ("datetime", "time")
# Copies of other libraries, and packages that no call runs through.
_EXCLUDED = (
    *("botocore.vendored", "urllib3.packages", "urllib3.contrib"),
    *("botocore.docs", "boto3.docs", "boto3.examples"),
)
_IMPORT_ATTRIBUTES = ("__loader__", "__spec__")
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
# The attributes in which decorators and descriptors keep the functions that they wrap, and the
# packages whose decorators and descriptors are inspected.
_INNER_ATTRIBUTES = ("__func__", "__self__", "__wrapped__", "func", "fget", "fset", "fdel", "_fget")
_INSPECTED_PACKAGES = ("builtins", "functools", *FAMILY)
_DEPTH = 4

_MADE_IN_PYTHON = 1 << 9  # Py_TPFLAGS_HEAPTYPE: Python code can make no class without it

_digests: dict[int, tuple[CodeType, int]] = {}


def family_modules() -> list[str]:
    """List the imported modules of the family, and those that it sends with."""
    return [
        name
        for name, module in [*sys.modules.items()]
        if (name.partition(".")[0] in FAMILY or name in NETWORK)
        and not name.startswith(_EXCLUDED)
        and not any(type(module) is kind for kind in _NOT_LOADED)
    ]


def places(name: str) -> Iterator[tuple[str, Any]]:
    """Yield each place of an imported module and its value: names, class members, base classes."""
    module: Any = sys.modules[name]
    if type(module) is not ModuleType:  # it may answer what it likes
        yield "__class__", type(module)
    owners = [("", module)]
    for prefix, owner in owners:
        for attribute_name, value in [*attribute(owner, "__dict__", {}).items()]:
            if attribute_name in _IMPORT_ATTRIBUTES:
                continue
            path = prefix + attribute_name
            yield path, value
            if issubclass(type(value), type) and class_name(value) == f"{name}.{path}":
                owners.append((f"{path}.", value))
                for number, base in enumerate(value.__bases__):
                    yield f"{path}.__bases__[{number}]", base


def fingerprint(value: Any, depth: int = _DEPTH) -> str:
    """Return the fingerprint of a callable, class, module or descriptor; "" for plain data."""
    kind = type(value)  # never isinstance: a wrapper may claim to be what it wraps
    if kind is FunctionType:
        return _fingerprint_function(value, depth)
    if id(kind) in _DATA_IDS:
        return ""
    if issubclass(kind, type):
        name = class_name(value)
        if not attribute(value, "__flags__", _MADE_IN_PYTHON) & _MADE_IN_PYTHON:
            return f"class {name} in C"
        return f"class {name}{' (another)' if _is_duplicate(value, name) else ''}"
    if issubclass(kind, ModuleType):
        name = attribute(value, "__name__")
        return f"module {name}{'' if sys.modules.get(name) is value else ' (another)'}"
    if issubclass(kind, WRITTEN_IN_C):
        return f"{kind.__name__} {value.__qualname__} of {attribute(value, '__module__')}"
    if not callable(value) and attribute(kind, "__get__") is None:
        return ""
    return f"a {fingerprint(kind)}{_fingerprint_inner(value, depth)}"


def inner_functions(value: Any) -> list[Any]:
    """Return the functions that a function closes over, or that a decorator wraps."""
    if type(value) is FunctionType:
        inner = [attribute(cell, "cell_contents") for cell in value.__closure__ or ()]
        inner.append(attribute(value, "__wrapped__"))
    elif is_data(value) or not _is_inspected(type(value)):
        return []
    else:
        inner = [attribute(value, name) for name in _INNER_ATTRIBUTES]
    return [each for each in inner if not (is_data(each) or is_class(each) or is_module(each))]


def is_data(value: Any) -> bool:
    """Whether this is plain data: neither a callable nor a descriptor."""
    return id(type(value)) in _DATA_IDS


def is_class(value: Any) -> bool:
    """Whether this is a class, whatever its `__class__` claims."""
    return issubclass(type(value), type)


def is_module(value: Any) -> bool:
    """Whether this is a module, whatever its `__class__` claims."""
    return issubclass(type(value), ModuleType)


def class_name(cls: Any) -> str:
    """Return the module and the qualified name that a class claims."""
    return f"{attribute(cls, '__module__')}.{attribute(cls, '__qualname__')}"


def attribute(value: Any, name: str, default: Any = None) -> Any:
    """Read an attribute of any object; return the default if that raises an error."""
    try:
        return getattr(value, name, default)
    except Exception:  # noqa: BLE001 - it is not known what this is
        return default


def handler_name(handler: Any) -> str:
    """Return the name of an event handler: that of the function, or of the object's class."""
    name = attribute(handler, "__qualname__") or attribute(type(handler), "__qualname__")
    return str(name)


def builtin_handlers() -> list[tuple[str, Any]]:
    """List the events and handlers that botocore registers with each session."""
    listed = attribute(sys.modules.get("botocore.handlers"), "BUILTIN_HANDLERS", ())
    return [(event, handler) for event, handler, *_ in listed]


def _fingerprint_function(function: FunctionType, depth: int) -> str:
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
    return text + _fingerprint_inner(function, depth)


def _fingerprint_inner(value: Any, depth: int) -> str:
    inner = [fingerprint(each, depth - 1) for each in inner_functions(value)] if depth else []
    return f" ({', '.join(filter(None, inner))})" if any(inner) else ""


def _is_inspected(kind: Any) -> bool:
    return str(attribute(kind, "__module__")).partition(".")[0] in _INSPECTED_PACKAGES


def _is_duplicate(cls: Any, name: str) -> bool:
    """Whether another class of the same name is at the place that this one claims."""
    found: Any = sys.modules.get(attribute(cls, "__module__", ""))
    for part in attribute(cls, "__qualname__", "").split("."):
        found = attribute(found, part)
    return found is not cls and is_class(found) and class_name(found) == name


def _import_all(package: str) -> None:
    """Import a package and all its modules, except those whose dependencies are missing."""
    with suppress(Exception):
        module = importlib.import_module(package)
        for each in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{package}."):
            if not each.name.startswith(_EXCLUDED):
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
