"""Coverage: what tests run of the patch and of the workloads, in every process and on old cells.

Each part of the tests leaves its data under the digest of the sources, whichever session runs it,
so that nothing runs twice for the report.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nox

from tools.environments import cells, install
from tools.environments.cells import LOCKS

LOCK = LOCKS / "coverage.txt"
FOLDER = install.BUILT / "measured"
SUITES = ("tests/unit", "tests/isolation", "tests/wire", "tests/integration")
OLD_CELLS = "tests/wire"
#: How many percent of the lines and branches below a folder run in some test.
FLOORS = {"patch": 100.0, "tests/workloads": 95.0}
#: What the tests run, and are.
SOURCES = tuple(map(Path, ("patch", "tests", "requirements", "pyproject.toml")))
_DATA = ".coverage"

Report = Mapping[str, Any]


def suites() -> list[str]:
    """Give the folders of tests that share processes, and so are measured."""
    return [suite for suite in SUITES if Path(suite).is_dir()]


def run(session: nox.Session, suite: str, cell: str = cells.NEWEST) -> None:
    """Run a suite in the session's environment, and keep the data if it passes."""
    folder = _folder(suite, cell)
    partial = folder.with_name(f"{folder.name}.partial")
    for old in (partial, folder):
        shutil.rmtree(old, ignore_errors=True)
    partial.mkdir(parents=True)
    session.run(
        *("coverage", "run", "-m", "pytest", suite),
        env={"COVERAGE_FILE": str((partial / _DATA).resolve())},
    )
    partial.rename(folder)


def run_missing(session: nox.Session) -> None:
    """Run what has no data of these sources: suites here, the old cells in sessions of their own.

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
    """Give the suites that have no data of these sources."""
    return [suite for suite in suites() if not _folder(suite, cells.NEWEST).is_dir()]


def missing_cells() -> list[str]:
    """Give the old cells that have no data of these sources."""
    return [cell.name for cell in cells.MEASURED if not _folder(OLD_CELLS, cell.name).is_dir()]


def report(session: nox.Session) -> None:
    """Print what no test runs; fail where that is too much, once the old cells were measured."""
    there = [_folder(suite, cells.NEWEST) for suite in suites()]
    there += [_folder(OLD_CELLS, cell.name) for cell in cells.MEASURED]
    there = [folder for folder in there if folder.is_dir()]
    whole = _state()
    data = {"COVERAGE_FILE": str((whole / _DATA).resolve())}
    included = f"--include={','.join(f'{folder}/*' for folder in FLOORS)}"
    session.run("coverage", "combine", "--quiet", "--keep", *map(str, there), env=data, silent=True)
    session.run("coverage", "report", included, env=data)
    result = whole / "coverage.json"
    session.run("coverage", "json", "--quiet", included, f"-o{result}", env=data)
    found = shortfalls(json.loads(result.read_text("utf-8")), _files())
    if left := missing_cells():
        session.log(
            f"Nothing is demanded of this: {len(left)} old cells, which take other branches, were"
            " not measured. `nox -s coverage` does what is left."
        )
    elif found:
        session.error(" ".join(found).rstrip("."))


def shortfalls(report: Report, files: Iterable[str]) -> list[str]:
    """Say where the report of coverage is below a floor; `files` are all that it should hold."""
    found = []
    for folder, floor in FLOORS.items():
        ours = [file for file in files if file.startswith(f"{folder}/")]
        if strangers := [file for file in ours if file not in report["files"]]:
            found.append(f"No test imports {', '.join(strangers)}.")
        sums = [report["files"][file]["summary"] for file in ours if file in report["files"]]
        there = sum(each["num_statements"] + each["num_branches"] for each in sums)
        covered = sum(each["covered_lines"] + each["covered_branches"] for each in sums)
        if covered * 100 < floor * there:
            share = covered * 100 / there
            found.append(
                f"Tests run {share:.2f} % of the lines and branches of {folder}/, and must run"
                f" {floor:g} %."
            )
    return found


def _files() -> list[str]:
    paths = [path for folder in FLOORS for path in sorted(Path(folder).rglob("*.py"))]
    return [path.as_posix() for path in paths if path.read_text("utf-8").strip()]


def _folder(suite: str, cell: str) -> Path:
    return _state() / f"{Path(suite).name}-{cell}"


def _state() -> Path:
    return install.kept(FOLDER, *SOURCES)
