"""aiobotocore, s3fs and boto3 may be imported before a patch is installed, after that, or never.

Nothing here imports them. A finder for one module of each, which knows no other name, reports that
it has been imported; it is there as long as a patch waits for that.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress
from typing import Any, Callable

#: The module without which nobody can make a client; it imports all that is patched.
MODULE = "aiobotocore.session"
#: The module of s3fs that all others lead to.
S3FS = "s3fs.core"
#: The module of boto3 that chooses between its two kinds of transfers.
BOTO3 = "boto3.s3.transfer"

_loaded: set[str] = set()


def is_loaded(module: str = MODULE) -> bool:
    """Return whether aiobotocore (or another module) was imported, to its end."""
    return module in _loaded or _is_ready(sys.modules.get(module))


def wait_for_imports() -> None:
    """If another thread is importing these modules, wait for the end of that.

    It may be past the finders although the module is not there yet: the package is, by then.
    """
    # Importing boto3 does not import BOTO3, which nobody may need.
    for module, begun in ((S3FS, "s3fs"), (MODULE, "aiobotocore"), (BOTO3, BOTO3)):
        if begun in sys.modules and not is_loaded(module):
            with suppress(ImportError):  # whoever imports it is told
                importlib.import_module(module)


class AfterImport:
    """A finder in `sys.meta_path` that calls back when a module has been imported."""

    def __init__(self, module: str, callback: Callable[[], None]) -> None:
        self.waits_for = module
        self._callback = callback
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find one module, by the other finders."""
        if name != self.waits_for:
            return None
        for finder in sys.meta_path:
            spec: Any = finder.find_spec(name, path, target) if finder is not self else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _ReportingLoader(spec.loader, self._report)
                return spec
        return None

    def remove(self) -> None:
        """Stop waiting."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def _report(self) -> None:
        _loaded.add(self.waits_for)
        self.remove()
        self._callback()


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


def _is_ready(module: Any) -> bool:
    return module is not None and not getattr(module.__spec__, "_initializing", False)
