"""One cell of the matrix, from its lock to its record."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nox
import nox.command

from tools.environments import install, resolver, store, variables
from tools.environments.cells import (
    ASKED,
    BACKEND_VARIABLE,
    LOCKS,
    PINNED,
    PYTHON_VARIABLE,
    Cell,
    choose_group,
)
from tools.results import contract_results, outcomes, records, report
from tools.results.outcomes import format_duration

CENSUS = LOCKS / "census.json"
_STARTED = time.monotonic()
#: The records of this run of nox, by the names of their cells.
_written: dict[str, records.Record] = {}


@dataclass(frozen=True)
class CellOptions:
    """The arguments after `--` on the command line of a cell."""

    fresh: bool  # run the cell again even if its last result is still valid
    packages: list[str]  # to install beside those of the lock
    pytest_options: list[str]

    @classmethod
    def parse(cls, arguments: list[str]) -> CellOptions:
        """Parse them; raise ValueError if they are invalid."""
        packages, others = install.split_packages(arguments)
        pytest_options = [each for each in others if each != "--fresh"]
        return cls("--fresh" in others, packages, pytest_options)

    @property
    def is_custom(self) -> bool:
        """Whether the run differs from that of the pinned cell; its result is not recorded then."""
        return bool(self.packages or self.pytest_options or os.environ.get(variables.NEW_RETRIES))


def run(session: nox.Session, name: str) -> None:
    """Run the quadrants in a cell, unless they passed with the same lock, sources and Python."""
    try:
        options = CellOptions.parse(session.posargs)
    except ValueError as error:
        session.error(str(error).rstrip("."))
    cell, lock = find_cell_and_lock(session, name)
    key = records.cache_key(cell, lock, session.env_dir, _digest_shared_sources())
    cached = None if options.is_custom or options.fresh else records.read_if_valid(cell, key)
    if cached:
        _write_record(cell, {**cached, "cached": True})
        session.log(f"{cell.name} was green on {cached['ended'][:16]}, and nothing changed since.")
        _log_progress(session)
        return

    if not options.is_custom:
        records.delete_record(cell)
    record = _run_cell(session, cell, lock, key, options)
    _digest_shared_sources.cache_clear()  # somebody may have edited them meanwhile
    if records.cache_key(cell, lock, session.env_dir, _digest_shared_sources()) != key:
        session.error(f"Sources changed while {cell.name} ran, so it shows nothing: run it again")
    if not options.is_custom:
        _write_record(cell, record)
        _log_progress(session)
    is_selection = options.is_custom and record["run"]
    if record["outcome"] != "passed" and not (is_selection and _all_selected_passed(record)):
        session.error(f"{cell.name} is not green{_format_reason(record['reason'])}")


@functools.cache
def _digest_shared_sources() -> str:
    """Read them once for all cells that are cached."""
    return records.digest_shared_sources()


def _write_record(cell: Cell, record: records.Record) -> None:
    records.write_record(cell, record)
    _written[cell.name] = record


def _run_cell(
    session: nox.Session, cell: Cell, lock: Path, key: str, options: CellOptions
) -> records.Record:
    try:
        install.install(session, session.env_dir, lock)
        url = store.start(session)
    except nox.command.CommandFailed:
        return records.make_record(
            cell, key, None, lock=lock, reason="its environment cannot be made"
        )
    if options.packages:
        install.add_packages(session, session.env_dir, lock, options.packages)
    group = [] if options.is_custom else choose_group(cell)
    chosen = [*cell.pytest_options, *group, *options.pytest_options]
    outcome = run_contract(session, url, *chosen)
    record = records.make_record(cell, key, outcome, lock=lock)
    record["alarm"] = _find_unknown_functions(session, outcome)
    return record


def run_contract(
    session: nox.Session, url: str, *options: str, python: str = "python"
) -> outcomes.ContractRun | None:
    """Run the contract, by default in the session's environment; None: the run broke off."""
    report = Path(session.create_tmp()).resolve() / "contract.xml"
    report.unlink(missing_ok=True)
    before = os.times()
    try:
        session.run(
            *(python, *contract_results.pytest_arguments(report, *options)),
            env={"BOTOCORE_REDIRECT_STORE": url},
            success_codes=contract_results.COMPLETED_STATUSES,
            external=python != "python",
        )
    except nox.command.CommandFailed:
        return None
    now = os.times()
    used = now.children_user - before.children_user
    return contract_results.read_report(report, used + now.children_system - before.children_system)


def _all_selected_passed(record: records.Record) -> bool:
    """Whether every test passed that the options selected."""
    return {each["outcome"] for each in record["run"]["quadrants"]} == {"passed"}


def _format_reason(reason: str) -> str:
    return f": {reason}" if reason else ""


def write_report() -> None:
    """Write the report, and print the table of the cells of this run."""
    cells = [cell for cell in _all_cells() if records.read_if_current(cell)]
    if not cells:
        return
    try:
        whole = report.write(records.BUILD, PINNED, records.digest_all_sources())
    except outcomes.RecordError as error:
        print(error)
        return
    names = {cell.name for cell in cells}
    seen = [record for record in whole["cells"] if record["cell"] in names]
    colour = report.supports_colour(sys.stdout)
    print(f"\n{report.render_table({**whole, 'cells': seen}, colour=colour)}")
    print(f"The report is in {records.BUILD}: report.html, report.json.")


def find_cell_and_lock(session: nox.Session, name: str) -> tuple[Cell, Path]:
    """Find a cell by its name, and its lock; compile the lock if the cell is not pinned."""
    if os.environ.get(BACKEND_VARIABLE) and not (ASKED and ASKED.backend):
        session.error(
            f"{BACKEND_VARIABLE} goes with AIOBOTOCORE_VERSION; for the pinned cells of a back end:"
            f" nox -s matrix -k {os.environ[BACKEND_VARIABLE]}"
        )
    if not ASKED and os.environ.get(PYTHON_VARIABLE):
        session.error(
            f"{PYTHON_VARIABLE} goes with BOTOCORE_VERSION and its like; for the pinned cells of a"
            f" Python: nox -s matrix -p {os.environ[PYTHON_VARIABLE]}"
        )
    cell = next(cell for cell in _all_cells() if cell.name == name)
    if cell in PINNED:
        if not cell.lock().is_file():
            session.error(f"{name} has no lock yet: compile it with `nox -s pins`")
        return cell, cell.lock()
    lock = cell.lock(install.BUILT / "asked")
    try:
        fits = resolver.compile_cell(cell, lock, "--upgrade")
    except resolver.ResolverError as error:
        session.error(str(error).rstrip("."))
    if not fits:
        session.warn("No moto fits beside this client, so the in-process store is left out.")
    return cell, lock


def _all_cells() -> list[Cell]:
    return [*([ASKED] if ASKED and ASKED not in PINNED else []), *PINNED]


def _find_unknown_functions(
    session: nox.Session, outcome: outcomes.ContractRun | None
) -> list[str]:
    """Name the functions that the patch relies on and no release in the census has like this."""
    release = outcome["versions"].get("botocore") if outcome else None
    if release is None or json.loads(CENSUS.read_text("utf-8"))["releases"].get(release):
        return []  # the census has read it
    output = session.run(
        *("python", "-m", "botocore_redirect", "check", "--json"),
        success_codes=(0, 1),
        silent=True,
        stderr=subprocess.DEVNULL,  # a warning is no JSON
    )
    answer = json.loads(str(output))
    unknown: list[str] = answer["unknown_functions"]
    if unknown:
        session.warn(
            f"ALARM: botocore {release} has changed in what the patch relies on, in a way that no"
            f" release of the census has: {', '.join(unknown)}"
        )
    else:
        session.warn(answer["says"])
    return unknown


def _log_progress(session: nox.Session) -> None:
    """Log how far the run is. Under `nox -j`, nox shows this on a board of its own."""
    if session.parallel:
        return
    manifest = session._runner.manifest  # noqa: SLF001 - nox tells no session what else will run
    selected = [cell for cell in _all_cells() if f"matrix({cell.name})" in manifest]
    seen = [_written[cell.name] for cell in selected if cell.name in _written]
    ran = [record for record in seen if not record["cached"]]
    failed = [record for record in seen if record["outcome"] != "passed"]
    spent = time.monotonic() - _STARTED
    waiting = len(selected) - len(seen)
    left = f", about {format_duration(waiting * spent / len(seen))} left" if waiting else ""
    session.log(
        f"Cell {len(seen)} of {len(selected)}: {len(ran)} ran, {len(seen) - len(ran)} from the"
        f" cache, {len(failed)} failed; {format_duration(spent)} so far{left}."
    )
