"""Coverage: what is kept of a run, what is missing, and what is too little."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import nox
import pytest
from tools.environments import cells
from tools.sessions import coverage

DATA = "COVERAGE_FILE"


class Session:
    """As much of a nox session as runs tests: they leave data, and pass unless told."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.ran: list[tuple[str, ...]] = []

    def run(self, *command: str, env: dict[str, str], **_: Any) -> None:
        self.ran.append(command)
        Path(env[DATA]).write_text("data")
        if self.fails:
            raise RuntimeError


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in ("patch", "tests/unit", "tests/wire", "requirements"):
        Path(folder).mkdir(parents=True)
    Path("pyproject.toml").write_text("")
    return tmp_path


def run(session: Session, suite: str, cell: str = cells.NEWEST) -> None:
    coverage.run(cast("nox.Session", session), suite, cell)


def test_a_suite_that_passed_is_not_missing_any_more() -> None:
    assert coverage.missing_suites() == ["tests/unit", "tests/wire"]
    session = Session()
    run(session, "tests/unit")
    assert session.ran == [("coverage", "run", "-m", "pytest", "tests/unit")]
    assert coverage.missing_suites() == ["tests/wire"]


def test_the_same_suite_on_an_old_cell_is_another_part() -> None:
    some, *others = [cell.name for cell in cells.MEASURED]
    run(Session(), "tests/wire", some)
    assert coverage.missing_cells() == others
    assert "tests/wire" in coverage.missing_suites()


def test_a_suite_that_failed_is_missing_still_and_what_it_left_before_is_gone() -> None:
    run(Session(), "tests/unit")
    with pytest.raises(RuntimeError):
        run(Session(fails=True), "tests/unit")
    assert "tests/unit" in coverage.missing_suites()


@pytest.mark.parametrize("changed", ["patch/a.py", "tests/unit/b.py", "requirements/c.txt"])
def test_data_of_other_sources_counts_for_nothing_and_is_dropped(changed: str) -> None:
    run(Session(), "tests/unit")
    before = [*coverage.FOLDER.iterdir()]
    Path(changed).write_text("new")
    assert "tests/unit" in coverage.missing_suites()
    assert not before[0].exists()


def report(**files: tuple[int, int]) -> dict[str, Any]:
    """A report in which each file has so many lines, so many of them run, and as many branches."""
    return {
        "files": {
            name: {
                "summary": {
                    "num_statements": lines,
                    "covered_lines": covered,
                    "num_branches": lines,
                    "covered_branches": covered,
                }
            }
            for name, (lines, covered) in files.items()
        }
    }


ALL = ["patch/a.py", "patch/b.py", "tests/workloads/c.py"]


def test_the_whole_patch_and_most_of_the_workloads_is_enough() -> None:
    enough = {"patch/a.py": (9, 9), "patch/b.py": (1, 1), "tests/workloads/c.py": (100, 95)}
    assert coverage.shortfalls(report(**enough), ALL) == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("patch/b.py", "Tests run 99.99 % of the lines and branches of patch/, and must run 100 %"),
        ("tests/workloads/c.py", "99.99 %"),
    ],
)
def test_one_line_that_no_test_runs_is_too_little_for_the_patch_alone(
    file: str, words: str
) -> None:
    found = {"patch/a.py": (1, 1), "patch/b.py": (9999, 9999), "tests/workloads/c.py": (1, 1)}
    said = coverage.shortfalls(report(**{**found, file: (9999, 9998)}), ALL)
    assert [words in each for each in said] == ([True] if file.startswith("patch") else [])


def test_too_little_of_the_workloads_says_how_much() -> None:
    found = {"patch/a.py": (1, 1), "patch/b.py": (1, 1), "tests/workloads/c.py": (100, 94)}
    (said,) = coverage.shortfalls(report(**found), ALL)
    assert said.startswith("Tests run 94.00 % of the lines and branches of tests/workloads/")


def test_a_file_that_no_process_imported_is_named() -> None:
    found = {"patch/a.py": (1, 1), "tests/workloads/c.py": (1, 1)}
    assert coverage.shortfalls(report(**found), ALL) == ["No test imports patch/b.py."]
