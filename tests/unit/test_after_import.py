"""The finder that reports that a module has been imported."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect import after_import
from botocore_redirect.after_import import AfterImport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "library_that_is_waited_for"


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    calls: list[str] = []
    waiting = AfterImport(NAME, lambda: calls.append("imported"))
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    yield calls
    waiting.remove()
    sys.modules.pop(NAME, None)
    after_import._loaded.discard(NAME)


def test_an_import_is_reported_once_and_the_module_keeps_its_loader(
    reported: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{NAME}.py").write_text("value = 5")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module(NAME)
    assert (module.value, reported) == (5, ["imported"])
    assert isinstance(module.__loader__, importlib.machinery.SourceFileLoader)
    assert after_import.is_loaded(NAME)
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

    with monkeypatch.context() as patched:
        patched.setattr(sys, "meta_path", [sys.meta_path[0], Finder()])
        spec = sys.meta_path[0].find_spec(NAME, None)
    assert spec is not None
    assert isinstance(spec.loader, Old)
    assert reported == []


def test_the_loader_in_between_has_what_the_original_has() -> None:
    original = importlib.machinery.SourceFileLoader("name", "/nowhere.py")
    loader = after_import._ReportingLoader(original, lambda: None)
    assert loader.path == "/nowhere.py"


def test_a_module_that_is_being_imported_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType(NAME)
    module.__spec__ = importlib.machinery.ModuleSpec(NAME, None)
    monkeypatch.setitem(sys.modules, NAME, module)
    assert after_import.is_loaded(NAME)
    module.__spec__._initializing = True  # type: ignore[attr-defined]  # as importlib does
    assert not after_import.is_loaded(NAME)


def test_all_who_wait_are_called_but_for_those_that_stopped(
    reported: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [AfterImport(NAME, lambda: reported.append("as well")) for _ in range(2)]
    others[0].remove()
    others[0].remove()
    (tmp_path / f"{NAME}.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module(NAME)
    assert reported == ["imported", "as well"]


def test_a_finder_is_there_as_long_as_anybody_waits() -> None:
    def finders() -> int:
        return [getattr(each, "waits_for", None) for each in sys.meta_path].count(NAME)

    first, second = (AfterImport(NAME, lambda: None) for _ in range(2))
    assert finders() == 1
    first.remove()
    assert finders() == 1
    second.remove()
    assert finders() == 0


def test_who_was_called_and_stops_then_leaves_those_alone_who_wait_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = AfterImport(NAME, lambda: None)
    (tmp_path / f"{NAME}.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module(NAME)
    again = AfterImport(NAME, lambda: None)
    try:
        called.remove()
        assert after_import._finders[NAME].waiting == [again]
    finally:
        again.remove()
        sys.modules.pop(NAME, None)
        after_import._loaded.discard(NAME)


def test_an_import_can_escape_only_if_its_package_was_there_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not after_import.sees_every_import(f"{NAME}.part")
    for package_is_there in (False, True):
        if package_is_there:
            monkeypatch.setitem(sys.modules, NAME, ModuleType(NAME))
        waiting = AfterImport(f"{NAME}.part", lambda: None)
        assert after_import.sees_every_import(f"{NAME}.part") is not package_is_there
        waiting.remove()


@pytest.mark.usefixtures("reported")
def test_a_finder_that_two_threads_remove_at_once_is_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finder: Any = sys.meta_path[0]

    class Path(list[Any]):
        def __contains__(self, _: object) -> bool:
            self[:] = [each for each in self if each is not finder]  # as another thread would
            return True

    monkeypatch.setattr(sys, "meta_path", Path(sys.meta_path))
    finder.remove()
    finder.remove()
    assert finder not in [*sys.meta_path]


@pytest.mark.usefixtures("reported")
def test_a_finder_that_is_removed_meanwhile_still_asks_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finder: Any = sys.meta_path[0]

    class Finder:
        def find_spec(self, name: str, *_: Any) -> Any:
            return importlib.machinery.ModuleSpec(name, None)

    monkeypatch.setattr(sys, "meta_path", [Finder()])
    assert finder.find_spec(NAME, None) is not None
