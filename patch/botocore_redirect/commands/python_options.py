"""How a command line starts Python, and whether that Python ignores the environment."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Options of Python with which it ignores PYTHONPATH, or starts without `sitecustomize`.
_ISOLATING = frozenset("IES")
_WITH_ARGUMENT = frozenset("WX")
_LAST = frozenset("cm")  # what follows is for the program
_PYTHON = re.compile(r"(?:python|pypy)[w\d.]*t?(?:\.exe)?", re.IGNORECASE)
_SHEBANG_BYTES = 512


def is_python(program: str) -> bool:
    """Return whether a program is an interpreter of Python, by its name."""
    return _PYTHON.fullmatch(Path(program).name) is not None


def find_isolating_option(arguments: Sequence[str]) -> str | None:
    """Return the first option of Python, such as `-I`, that keeps it from being activated."""
    words = iter(arguments)
    for word in words:
        if not word.startswith("-") or word in {"-", "--"}:
            return None
        if word.startswith("--"):
            if word == "--check-hash-based-pycs":
                next(words, None)
            continue
        for position, letter in enumerate(word[1:], 2):
            if letter in _ISOLATING:
                return f"-{letter}"
            if letter in _LAST:
                return None
            if letter in _WITH_ARGUMENT:
                if position == len(word):
                    next(words, None)
                break
    return None


def read_shebang(path: Path) -> list[str]:
    """Return the command in the first line of a script, without `env`; none for other files."""
    try:
        with path.open("rb") as file:
            line = file.readline(_SHEBANG_BYTES)
    except OSError:  # a file that can be run need not be readable
        return []
    if not line.startswith(b"#!"):
        return []
    try:
        words = shlex.split(line[2:].decode("utf-8", "replace"))
    except ValueError:  # an unbalanced quote, which is none here
        words = line[2:].decode("utf-8", "replace").split()
    if words and Path(words[0]).name == "env":
        words = words[1:]
        if words and words[0] in {"-S", "--split-string"}:
            words = words[1:]
    return words
