"""Coverage: what tests run of the patch and of the workloads, in every process and on some cells.

A suite leaves its data under the digest of the sources, whichever session runs it, so nothing runs
twice for the report.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nox

from tools.environments import cells, install
from tools.environments.cells import LOCKS

LOCK = LOCKS / "coverage.txt"
FOLDER = install.BUILT / "measured"
SUITES = ("tests/unit", "tests/isolation", "tests/wire", "tests/integration")
#: What is measured on other cells: the tests over sockets of what botocore does otherwise there.
OTHER_CELLS = (
    *(f"tests/wire/{part}" for part in ("bodies", "connections", "following", "neighbours")),
    *(f"tests/wire/{part}" for part in ("regions", "signatures", "test_activation.py")),
)
#: What is measured of aiobotocore: what boto3 has not, and what aiohttp has a part in.
ASYNCHRONOUS = ("tests/asynchronous",)
WITH_AIOHTTP = (
    *(f"tests/wire/{part}" for part in ("signatures", "security", "bodies", "connections")),
    "--aiobotocore=aiohttp",
)
#: The tests must run so many percent of the lines and branches below a folder.
FLOORS = {"patch": 100, "tests/workloads": 95}
#: The tests, and the code that they run.
SOURCES = tuple(map(Path, ("patch", "tests", "requirements", "pyproject.toml")))
_DATA = ".coverage"
_OTHER = "cell"


def suites() -> list[str]:
    """Return the folders of tests that share processes, and so are measured."""
    return [suite for suite in SUITES if Path(suite).is_dir()]


def run(session: nox.Session, suite: str) -> None:
    """Run a suite in the session's environment, and keep the data if it passes."""
    _run(session, _folder(suite, cells.NEWEST), suite)


def run_cell(session: nox.Session, cell: cells.Cell) -> None:
    """Run what is measured on another cell than the newest."""
    tests: tuple[str, ...]
    if not cell.backend:
        tests = OTHER_CELLS
    elif cell is cells.ASYNCHRONOUS[-1]:
        tests = (*ASYNCHRONOUS, *WITH_AIOHTTP)
    else:
        tests = ASYNCHRONOUS
    _run(session, _folder(_OTHER, cell.name), *tests)


def _run(session: nox.Session, folder: Path, *arguments: str) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    for old in (partial, folder):
        shutil.rmtree(old, ignore_errors=True)
    partial.mkdir(parents=True)
    session.run(
        *("coverage", "run", "-m", "pytest", *arguments),
        env={"COVERAGE_FILE": str((partial / _DATA).resolve())},
    )
    partial.rename(folder)


def run_missing(session: nox.Session) -> None:
    """Run what has no data of these sources: suites here, other cells in sessions of their own.

    Then print the report.
    """
    for suite in missing_suites():
        run(session, suite)
    if left := [f"wire({cell})" for cell in missing_cells()]:
        # The caller may have asked for another cell; these are the pinned ones.
        asked = dict.fromkeys(cells.VARIABLES)
        session.run(sys.executable, "-m", "nox", "-s", *left, env=asked, external=True)
    report(session)


def missing_suites() -> list[str]:
    """Return the suites that have no data of these sources."""
    return [suite for suite in suites() if not _folder(suite, cells.NEWEST).is_dir()]


def missing_cells() -> list[str]:
    """Return the other cells that have no data of these sources."""
    return [cell.name for cell in cells.MEASURED if not _folder(_OTHER, cell.name).is_dir()]


def report(session: nox.Session) -> None:
    """Print what no test runs; fail if that is too much, once the old cells were measured."""
    folders = [_folder(suite, cells.NEWEST) for suite in suites()]
    folders += [_folder(_OTHER, cell.name) for cell in cells.MEASURED]
    measured = [str(folder) for folder in folders if folder.is_dir()]
    data = {"COVERAGE_FILE": str((_state() / _DATA).resolve())}
    session.run("coverage", "combine", "--quiet", "--keep", *measured, env=data, silent=True)
    left = missing_cells()
    for folder, floor in FLOORS.items():
        strict = [] if left else [f"--fail-under={floor}"]
        session.run("coverage", "report", f"--include={folder}/*", *strict, env=data)
    if left:
        session.log(
            f"The floors are not enforced: {len(left)} other cells, which take other branches, were"
            " not measured. `nox -s coverage` measures them."
        )


def _folder(suite: str, cell: str) -> Path:
    return _state() / f"{Path(suite).name}-{cell}"


def _state() -> Path:
    return install.keep_folder(FOLDER, *SOURCES)
