"""What was green stays green only while nothing that decides it has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tools import environments, records
from tools.cells import Cell

CELL = Cell(botocore="1.40.0")
GREEN: dict[str, Any] = {"quadrants": [{"outcome": "passed"}, {"outcome": "passed"}]}
RED: dict[str, Any] = {"quadrants": [{"outcome": "passed"}, {"outcome": "crashed"}]}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in (
        "patch/botocore_redirect/hook.py",
        "tests/matrix/behaviours.py",
        "tests/conftest.py",
        "pyproject.toml",
        "requirements/store.txt",
        "lock.txt",
        "env/pyvenv.cfg",
        "README.md",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"{path}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def key() -> str:
    records.sources.cache_clear()
    return records.key(Path("lock.txt"), Path("env"))


@pytest.fixture(autouse=True)
def _forget_the_sources() -> Any:
    yield
    records.sources.cache_clear()


@pytest.mark.parametrize(
    "path",
    [
        "patch/botocore_redirect/hook.py",
        "patch/botocore_redirect/new.py",
        "tests/matrix/behaviours.py",
        "tests/conftest.py",
        "pyproject.toml",
        "requirements/store.txt",
        "lock.txt",
        "env/pyvenv.cfg",
    ],
)
def test_a_change_of_what_decides_a_result_makes_it_void(repository: Path, path: str) -> None:
    before = key()
    (repository / path).write_text("other\n")
    assert key() != before


@pytest.mark.parametrize("path", ["README.md", "patch/botocore_redirect/__pycache__/hook.pyc"])
def test_a_change_of_anything_else_does_not(repository: Path, path: str) -> None:
    before = key()
    (repository / path).parent.mkdir(exist_ok=True)
    (repository / path).write_text("other\n")
    assert key() == before


def test_two_files_that_swap_their_content_are_a_change(repository: Path) -> None:
    (repository / "a").mkdir()
    (repository / "a/one").write_text("1")
    (repository / "a/two").write_text("2")
    before = environments.digest(Path("a"))
    (repository / "a/one").write_text("2")
    (repository / "a/two").write_text("1")
    assert environments.digest(Path("a")) != before


def made(run: dict[str, Any] | None, its_key: str = "key") -> records.Record:
    return records.make(CELL, its_key, run, asked=False, alarm=[])


@pytest.mark.usefixtures("repository")
def test_a_green_record_is_found_again_by_its_key_alone() -> None:
    records.write(CELL, made(GREEN))
    found = records.still_green(CELL, "key")
    assert found
    assert found["run"] == GREEN
    assert records.still_green(CELL, "another key") is None
    assert records.still_green(Cell(botocore="1.40.1"), "key") is None


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("run", [RED, None, {"quadrants": []}])
def test_what_failed_or_left_nothing_is_never_green(run: dict[str, Any] | None) -> None:
    assert made(run)["outcome"] == "failed"
    records.write(CELL, made(run))
    assert records.still_green(CELL, "key") is None


@pytest.mark.usefixtures("repository")
def test_a_cell_that_begins_to_run_is_forgotten_first() -> None:
    records.write(CELL, made(GREEN))
    records.forget(CELL)
    assert records.read(CELL) is None
    records.forget(CELL)


@pytest.mark.usefixtures("repository")
def test_a_record_that_was_cut_off_counts_for_nothing() -> None:
    records.write(CELL, made(GREEN))
    (path,) = records.CELLS.iterdir()
    path.write_text(path.read_text()[:-9])
    assert records.read(CELL) is None


@pytest.mark.usefixtures("repository")
def test_only_what_was_looked_at_since_nox_began_belongs_to_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records.write(CELL, made(GREEN))
    assert records.of_this_run(CELL)
    monkeypatch.setattr(records, "_BEGAN", "9999")
    assert records.of_this_run(CELL) is None
