"""Who imported what: a note for each import, so that a violation can say where it came from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

_IMPORTLIB = "importlib"
_RUNNERS = ("_pytest", "pytest", "pluggy", "xdist")
_DEPTH = 5  # of a chain of imports that is told


class Importers:
    """A finder that finds nothing: it only sees what is looked for, and by whom."""

    def __init__(self) -> None:
        #: Module -> the file and line that imported it, and the module of that line.
        self.seen: dict[str, tuple[str, int, str]] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002 - the import system's signature
        """Note the first frame that is none of the import system."""
        frame = sys._getframe(1)  # noqa: SLF001 - the stack has no other door
        while frame.f_back is not None and _is_machinery(frame.f_code.co_filename):
            frame = frame.f_back
        where = frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__", "")
        self.seen.setdefault(name, where)


_importers = Importers()


def watch() -> None:
    """See the imports of this process from now on; again, if somebody came before us since."""
    stop()
    sys.meta_path.insert(0, _importers)


def stop() -> None:
    """See no more; what was seen is kept."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _importers]


@contextmanager
def watched() -> Iterator[None]:
    """See the imports in here, where nobody does so already."""
    if _importers in sys.meta_path:
        yield
        return
    watch()
    try:
        yield
    finally:
        stop()


def of(modules: Iterable[str]) -> str:
    """Say who imported the first of these modules, and who imported that; with a space before."""
    names = set(modules)
    name = next((name for name in _importers.seen if name in names), None)
    if name is None:
        return " (imported before the guards were there, so nobody saw by whom)"
    lines: list[str] = []
    while name in _importers.seen and len(lines) < _DEPTH:
        file, line, name = _importers.seen[name]
        if lines and name.partition(".")[0] in _RUNNERS:
            break  # that pytest imports a test file says nothing
        lines.append(f"{file}:{line}")
    return f" (imported by {', imported by '.join(lines)})"


def in_order(modules: Iterable[str]) -> list[str]:
    """Sort modules by when they were first looked for; sys.modules has who was ready first."""
    order = {name: number for number, name in enumerate(_importers.seen)}
    return sorted(modules, key=lambda name: (order.get(name, -1), name))


def was_seen(module: str) -> bool:
    """Whether it is known who imported it."""
    return module in _importers.seen


def _is_machinery(file: str) -> bool:
    return file.startswith("<frozen importlib") or (
        file.endswith("__init__.py") and _IMPORTLIB in file.replace("\\", "/").split("/")[-2:]
    )
