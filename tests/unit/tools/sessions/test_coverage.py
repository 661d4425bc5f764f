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
        self.said = ""

    def run(self, *command: str, env: dict[str, str], **_: Any) -> None:
        self.ran.append(command)
        Path(env[DATA]).write_text("data")
        if self.fails:
            raise RuntimeError

    def log(self, message: str) -> None:
        self.said = message


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in ("patch", "tests/unit", "tests/wire", "requirements"):
        Path(folder).mkdir(parents=True)
    Path("pyproject.toml").write_text("")
    return tmp_path


def run(session: Session, suite: str) -> None:
    coverage.run(cast("nox.Session", session), suite)


def test_a_suite_that_passed_is_not_missing_any_more() -> None:
    assert coverage.missing_suites() == ["tests/unit", "tests/wire"]
    session = Session()
    run(session, "tests/unit")
    assert session.ran == [("coverage", "run", "-m", "pytest", "tests/unit")]
    assert coverage.missing_suites() == ["tests/wire"]


def run_cell(cell: cells.Cell) -> list[str]:
    session = Session()
    coverage.run_cell(cast("nox.Session", session), cell)
    (command,) = session.ran
    assert command[:4] == ("coverage", "run", "-m", "pytest")
    return [*command[4:]]


def test_the_same_suite_on_an_old_cell_is_another_part() -> None:
    some, *others = cells.MEASURED
    assert run_cell(some) == [*coverage.OTHER_CELLS]
    assert coverage.missing_cells() == [cell.name for cell in others]
    assert "tests/wire" in coverage.missing_suites()


def test_a_cell_with_aiobotocore_runs_what_boto3_has_not_and_the_newest_what_aiohttp_does() -> None:
    oldest, *_, newest = cells.ASYNCHRONOUS
    assert run_cell(oldest) == ["tests/asynchronous"]
    asynchronous, *folders, option = run_cell(newest)
    assert (asynchronous, option) == ("tests/asynchronous", "--aiobotocore=aiohttp")
    assert "tests/wire/signatures" in folders


def test_a_suite_that_failed_is_missing_still_and_what_it_left_before_is_gone() -> None:
    run(Session(), "tests/unit")
    with pytest.raises(RuntimeError):
        run(Session(fails=True), "tests/unit")
    assert "tests/unit" in coverage.missing_suites()


@pytest.mark.parametrize("changed", ["patch/a.py", "tests/unit/b.py", "requirements/c.txt"])
def test_data_of_other_sources_is_not_used_and_is_deleted(changed: str) -> None:
    run(Session(), "tests/unit")
    before = [*coverage.FOLDER.iterdir()]
    Path(changed).write_text("new")
    assert "tests/unit" in coverage.missing_suites()
    assert not before[0].exists()


def test_the_floors_are_enforced_once_the_old_cells_were_measured() -> None:
    for suite in ("tests/unit", "tests/wire"):
        run(Session(), suite)
    session = Session()
    coverage.report(cast("nox.Session", session))
    assert not any("--fail-under" in word for command in session.ran for word in command)
    assert "other cells, which take other branches, were not measured" in session.said

    for cell in cells.MEASURED:
        run_cell(cell)
    session = Session()
    coverage.report(cast("nox.Session", session))
    assert session.ran[1:] == [
        ("coverage", "report", "--include=patch/*", "--fail-under=100"),
        ("coverage", "report", "--include=tests/workloads/*", "--fail-under=95"),
    ]
    assert not session.said
