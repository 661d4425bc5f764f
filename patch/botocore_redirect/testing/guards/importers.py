"""Who imported what: a note for each import, so that a violation can say where it came from."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from botocore_redirect.testing.guards.fingerprint import attribute
from botocore_redirect.testing.guards.ownership import is_user_code

_IMPORTLIB = "importlib"
_RUNNERS = ("_pytest", "pytest", "pluggy", "xdist")
_DEPTH = 5  # of a chain of imports in a message


class Importer(NamedTuple):
    """The line that imported a module, and the module that it is in."""

    file: str
    line: int
    module: str


class ImportRecorder:
    """A finder that finds nothing: it only sees what is looked for, and by whom."""

    def __init__(self) -> None:
        self.seen: dict[str, Importer] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002 - the import system's signature
        """Note the first frame that is none of the import system."""
        frame = sys._getframe(1)  # noqa: SLF001 - nothing else tells who imports
        while frame.f_back is not None and _is_machinery(frame.f_code.co_filename):
            frame = frame.f_back
        module = frame.f_globals.get("__name__", "")
        self.seen.setdefault(name, Importer(frame.f_code.co_filename, frame.f_lineno, module))


_recorder = ImportRecorder()


def watch() -> None:
    """Record the imports of this process from now on, before any other finder."""
    stop()
    sys.meta_path.insert(0, _recorder)


def stop() -> None:
    """Record no more; what was recorded is kept."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _recorder]


@contextmanager
def watched() -> Iterator[None]:
    """Record the imports in here, where nobody does so already."""
    if _recorder in sys.meta_path:
        yield
        return
    watch()
    try:
        yield
    finally:
        stop()


def describe(modules: Iterable[str]) -> str:
    """Say who imported the first of these modules, and who imported that, with a space before.

    Where that is not known, say nothing.
    """
    names = in_order(modules)
    recorded = [name for name in names if name in _recorder.seen]
    for name in recorded[:1] or names:
        chain = [f"{each.file}:{each.line}" for each in _chain(name)]
        if chain:
            return f" (imported by {', imported by '.join(chain)})"
    return ""


def describe_unseen() -> str:
    """Say that an import came before the recorder, and which conftest files did as well."""
    files = [file for _, file in _unrecorded() if Path(file).name == "conftest.py"]
    by = f", maybe by {' or '.join(files)}" if files else ""
    return (
        f" (imported before the guards recorded imports{by}; they begin earlier with"
        " `-p botocore_redirect.testing.plugin`)"
    )


def in_order(modules: Iterable[str]) -> list[str]:
    """Sort modules by when they were first looked for; sys.modules has who was ready first."""
    order = {name: number for number, name in enumerate(_recorder.seen)}
    return sorted(modules, key=lambda name: (order.get(name, -1), name))


def _chain(name: str) -> Iterator[Importer]:
    for depth in range(_DEPTH):
        found = _recorder.seen.get(name) or _find_import(name)
        # That pytest imports a test file says nothing.
        if found is None or (depth and found.module.partition(".")[0] in _RUNNERS):
            return
        yield found
        name = found.module


@functools.lru_cache
def _find_import(name: str) -> Importer | None:
    """Look in the source of what was imported before the recorder came, such as a conftest.py.

    pytest loads the plugins that a conftest names after what the conftest imports.
    """
    package = name.partition(".")[0]
    near: list[Importer] = []
    for module, file in _unrecorded():
        if module.partition(".")[0] == package:
            continue
        for line, names in _imports(Path(file), module):
            if name in names:
                return Importer(file, line, module)
            if any(each.partition(".")[0] == package for each in names):
                near.append(Importer(file, line, module))
    return near[0] if near else None


def _unrecorded() -> Iterator[tuple[str, str]]:
    """Give the modules of the user that were imported before the recorder came, and their files."""
    for module, value in [*sys.modules.items()]:
        file = attribute(value, "__file__")
        if module not in _recorder.seen and is_user_code(file):
            yield module, file


def _imports(file: Path, module: str) -> Iterator[tuple[int, set[str]]]:
    """Give the lines of a source that import, and what they import."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield node.lineno, {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield node.lineno, {base, *(f"{base}.{each.name}" for each in node.names)}


def _is_machinery(file: str) -> bool:
    return file.startswith("<frozen importlib") or (
        file.endswith("__init__.py") and _IMPORTLIB in file.replace("\\", "/").split("/")[-2:]
    )
