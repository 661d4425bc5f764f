"""What kind of thing something is, asked so that no answer of its own can be wrong or raise."""

from __future__ import annotations

import types
from typing import Any

_DATA = (
    *(type(None), bool, int, float, str, bytes, tuple, list, dict, set, frozenset),
    *(types.GetSetDescriptorType, types.MemberDescriptorType),
)
#: By their ids: a class may refuse to be compared, or to be hashed.
DATA = frozenset(map(id, _DATA))
OF_C = (
    *(types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType),
    *(types.MethodWrapperType, types.ClassMethodDescriptorType),
)
_MADE_IN_PYTHON = 1 << 9  # Py_TPFLAGS_HEAPTYPE


def attribute(value: Any, name: str, default: Any = None) -> Any:
    """Read an attribute of what may be odd: whatever that raises, there is none."""
    try:
        return getattr(value, name, default)
    except Exception:  # noqa: BLE001 - it is not known what this is
        return default


def module_of(cls: Any) -> str:
    """Name the module that a class says it is of."""
    return str(attribute(cls, "__module__"))


def is_static(cls: Any) -> bool:
    """Whether a class is written in C for sure: none can make such a one in Python."""
    return not attribute(cls, "__flags__", _MADE_IN_PYTHON) & _MADE_IN_PYTHON


def is_of_c(value: Any, module: str, name: str) -> bool:
    """Whether this is the function or the class of that name that a module written in C makes."""
    kind = type(value)
    return (kind is types.BuiltinFunctionType or (kind is type and is_static(value))) and (
        (value.__module__, value.__name__) == (module, name)
    )


def is_generated(cls: type) -> bool:
    """Whether methods of a class are made of text as it is built."""
    return "_fields" in vars(cls) or "__dataclass_fields__" in vars(cls)
