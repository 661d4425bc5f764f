"""How the code of a module, or of the body of a class, gives a name in it.

Operations are looked for as bytes: `dis` takes a hundred times as long.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

_STORE_NAME = dis.opmap["STORE_NAME"]
_STORE_GLOBAL = dis.opmap["STORE_GLOBAL"]
_IMPORT_NAME = dis.opmap["IMPORT_NAME"]
_NAMES = {dis.opmap["LOAD_NAME"], dis.opmap["IMPORT_FROM"]}
# Of a `def`; with the second, since Python 3.13, its defaults and the like are set.
_DEF = {dis.opmap["MAKE_FUNCTION"], dis.opmap.get("SET_FUNCTION_ATTRIBUTE")}
_BYTE = 255


class Binding(NamedTuple):
    """What the code did right before it gave the name."""

    operation: int
    #: The name that this one was made of: as in `from x import name`, or `= name`.
    name: str

    @property
    def is_def(self) -> bool:
        """Whether that made a function: not so, if a decorator was called with it."""
        return self.operation in _DEF

    @property
    def is_import(self) -> bool:
        """Whether that imported a module, as `import x` does."""
        return self.operation == _IMPORT_NAME


def of(code: CodeType, name: str) -> Iterator[Binding]:
    """Tell how a module or a class gives this name, each time that it does."""
    raw = code.co_code
    for at in _where(code, _STORE_NAME, name):
        operation, argument = raw[at - 2], raw[at - 1]
        if raw[at - 4] == dis.EXTENDED_ARG:
            argument |= raw[at - 3] << 8
        yield Binding(operation, code.co_names[argument] if operation in _NAMES else "")


def is_joined(code: CodeType, name: str) -> bool:
    """Whether the name is given what one of several ways has led to, as by `a if x else b`."""
    joined = {each.offset for each in dis.get_instructions(code) if each.is_jump_target}
    return any(at in joined for at in _where(code, _STORE_NAME, name))


def is_global(code: CodeType, name: str) -> bool:
    """Whether a function gives this name to its module."""
    return any(True for _ in _where(code, _STORE_GLOBAL, name))


def _where(code: CodeType, operation: int, name: str) -> Iterator[int]:
    """Give the offsets at which the operation, with all that extends it, is done to the name."""
    if name not in code.co_names:
        return
    index = code.co_names.index(name)
    wanted = bytes((operation, index & _BYTE))
    if index > _BYTE:
        wanted = bytes((dis.EXTENDED_ARG, index >> 8)) + wanted
    raw = code.co_code
    at = raw.find(wanted)
    while at >= 0:
        # Two bytes each; and one that is extended is done to another name.
        if at % 2 == 0 and raw[at - 2] != dis.EXTENDED_ARG:
            yield at
        at = raw.find(wanted, at + 1)
