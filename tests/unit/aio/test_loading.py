"""The finder that reports that aiobotocore has been imported, without aiobotocore."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect
from botocore_redirect import lifecycle
from botocore_redirect.aio import loading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "library_that_is_waited_for"


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    calls: list[str] = []
    finder = loading.AfterImport(NAME, lambda: calls.append("imported"))
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    yield calls
    finder.remove()
    sys.modules.pop(NAME, None)
    loading._loaded.discard(NAME)


def test_an_import_is_reported_once_and_the_module_keeps_its_loader(
    reported: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{NAME}.py").write_text("value = 5")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module(NAME)
    assert (module.value, reported) == (5, ["imported"])
    assert isinstance(module.__loader__, importlib.machinery.SourceFileLoader)
    assert loading.is_loaded(NAME)
    assert NAME not in {getattr(each, "waits_for", None) for each in sys.meta_path}


@pytest.mark.usefixtures("reported")
def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(NAME)


def test_a_loader_of_the_old_kind_is_used_as_it_is(
    reported: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Old:
        """A loader without `exec_module`."""

    class Finder:
        def find_spec(self, name: str, *_: Any) -> Any:
            return importlib.machinery.ModuleSpec(name, Old()) if name == NAME else None  # type: ignore[arg-type]  # old

    monkeypatch.setattr(sys, "meta_path", [sys.meta_path[0], Finder()])
    spec = sys.meta_path[0].find_spec(NAME, None)
    assert spec is not None
    assert isinstance(spec.loader, Old)
    assert reported == []


def test_the_loader_in_between_has_what_the_original_has() -> None:
    original = importlib.machinery.SourceFileLoader("name", "/nowhere.py")
    loader = loading._ReportingLoader(original, lambda: None)
    assert loader.path == "/nowhere.py"


def test_a_package_that_is_broken_is_left_to_whoever_imports_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "aiobotocore", ModuleType("aiobotocore"))
    loading.wait_for_imports()
    assert not loading.is_loaded()


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
        loading._loaded.discard("s3fs.core")


def test_a_module_that_is_being_imported_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType(NAME)
    module.__spec__ = importlib.machinery.ModuleSpec(NAME, None)
    monkeypatch.setitem(sys.modules, NAME, module)
    assert loading.is_loaded(NAME)
    module.__spec__._initializing = True  # type: ignore[attr-defined]  # as importlib does
    assert not loading.is_loaded(NAME)


def test_an_import_that_ends_after_uninstall_patches_nothing() -> None:
    assert not botocore_redirect.is_installed()
    lifecycle._when_aiobotocore_is_imported()
    assert not botocore_redirect.is_installed()
