"""Run what follows `-c` on the command line of an interpreter, in the place of an interpreter."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType


def run_code(arguments: Sequence[str]) -> None:
    """Run `[OPTION ...] -c CODE [ARGUMENT ...]` in a module `__main__` of its own."""
    at = arguments.index("-c")
    if "-B" in arguments[:at]:
        sys.dont_write_bytecode = True
    sys.argv = ["-c", *arguments[at + 2 :]]
    sys.modules["__main__"] = ModuleType("__main__")
    exec(compile(arguments[at + 1], "<string>", "exec"), vars(sys.modules["__main__"]))  # noqa: S102 - that is its purpose
