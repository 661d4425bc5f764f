"""aiobotocore and s3fs are waited for, without aiobotocore and s3fs."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import botocore_redirect
from botocore_redirect import after_import, lifecycle
from botocore_redirect.aio import loading

if TYPE_CHECKING:
    from pathlib import Path


def test_a_package_that_is_broken_is_left_to_whoever_imports_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "aiobotocore", ModuleType("aiobotocore"))
    loading.wait_for_imports()
    assert not loading.is_loaded()


@pytest.mark.parametrize("package_is_there", [False, True])
def test_an_import_is_awaited_only_if_it_may_escape(
    package_is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "session.py").touch()
    package = ModuleType("aiobotocore")
    package.__path__ = [str(tmp_path)]
    monkeypatch.delitem(sys.modules, loading.MODULE, raising=False)
    if package_is_there:
        monkeypatch.setitem(sys.modules, "aiobotocore", package)
    waiting = after_import.AfterImport(loading.MODULE, lambda: None)
    try:
        monkeypatch.setitem(sys.modules, "aiobotocore", package)
        loading.wait_for_imports()
        assert loading.is_loaded() is package_is_there
    finally:
        waiting.remove()
        sys.modules.pop(loading.MODULE, None)
        after_import._loaded.discard(loading.MODULE)


def test_s3fs_that_is_imported_later_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "s3fs"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "core.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("s3fs", "s3fs.core"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    try:
        with botocore_redirect.install():
            importlib.import_module("s3fs.core")
            assert loading.is_loaded("s3fs.core")
    finally:
        for name in ("s3fs", "s3fs.core"):
            sys.modules.pop(name, None)
        after_import._loaded.discard("s3fs.core")


def test_an_import_that_ends_after_uninstall_patches_nothing() -> None:
    assert not botocore_redirect.is_installed()
    lifecycle._when_aiobotocore_is_imported()
    assert not botocore_redirect.is_installed()
