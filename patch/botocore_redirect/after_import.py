"""Call back when a module has been imported, whoever imports it.

Nothing here imports such a module. A finder for this one name, which finds nothing itself, notices
the import; it is in `sys.meta_path` as long as somebody waits. An activated interpreter loads this
at its start (`activation/sitecustomize.py`), so this needs no module that Python has not loaded.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # the `typing` module would take longer to import than this whole module
if TYPE_CHECKING:
    from typing import Any, Callable

_loaded: set[str] = set()
_finders: dict[str, _Finder] = {}


def is_loaded(module: str) -> bool:
    """Return whether a module was imported, to its end."""
    return module in _loaded or _is_ready(sys.modules.get(module))


def sees_every_import(module: str) -> bool:
    """Return whether no import of a module can escape those who wait for it."""
    finder = _finders.get(module)
    return finder is not None and finder.was_first


class AfterImport:
    """A callback for the moment when a module has been imported."""

    def __init__(self, module: str, callback: Callable[[], None]) -> None:
        self.callback = callback
        self._finder = _finders.get(module) or _Finder(module)
        self._finder.waiting.append(self)

    def remove(self) -> None:
        """Stop waiting."""
        waiting = self._finder.waiting
        _discard(waiting, self)
        if not waiting:
            self._finder.remove()


class _Finder:
    """A finder in `sys.meta_path` that finds one module by the finders after it."""

    def __init__(self, module: str) -> None:
        self.waits_for = module
        self.waiting: list[AfterImport] = []
        _finders[module] = self
        sys.meta_path.insert(0, self)
        # The package comes first: as long as it is not there, nobody is past the finders.
        self.was_first = module.partition(".")[0] not in sys.modules

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.waits_for:
            return None
        finders = list(sys.meta_path)  # other threads may change it, and remove this one
        for finder in finders[finders.index(self) + 1 if self in finders else 0 :]:
            spec: Any = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _ReportingLoader(spec.loader, self._report)
                return spec
        return None

    def remove(self) -> None:
        if _finders.get(self.waits_for) is self:
            _finders.pop(self.waits_for, None)
        _discard(sys.meta_path, self)

    def _report(self) -> None:
        _loaded.add(self.waits_for)
        self.remove()
        for each in [*self.waiting]:
            each.callback()


class _ReportingLoader:
    """The loader of a module, which reports that it has run it; the module keeps the original."""

    def __init__(self, loader: Any, report: Callable[[], None]) -> None:
        self._loader = loader
        self._report = report

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: Any) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._report()


def _discard(items: list[Any], item: Any) -> None:
    try:  # noqa: SIM105  # contextlib need not be loaded
        items.remove(item)
    except ValueError:  # already done, perhaps by another thread
        pass


def _is_ready(module: Any) -> bool:
    return module is not None and not getattr(module.__spec__, "_initializing", False)
