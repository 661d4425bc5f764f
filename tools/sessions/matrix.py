"""One cell of the matrix, from its lock to its record."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import nox
import nox.command

from tools.environments import install, resolver, store
from tools.environments.cells import ASKED, LOCKS, PINNED, PYTHON_VARIABLE, Cell
from tools.results import contract_results, outcomes, records, report

CENSUS = LOCKS / "census.json"
_began = time.monotonic()


@dataclass(frozen=True)
class Asked:
    """What follows `--` on the command line of a cell."""

    fresh: bool  # whatever is known of the cell
    packages: list[str]  # to install beside what the lock holds
    options: list[str]  # for pytest

    @classmethod
    def of(cls, arguments: list[str]) -> Asked:
        """Read them; raise ValueError where they make no sense."""
        parser = _Parser(add_help=False, allow_abbrev=False)
        parser.add_argument("--fresh", action="store_true")
        parser.add_argument("--with", action="append", default=[], dest="packages")
        known, options = parser.parse_known_args(arguments)
        return cls(known.fresh, known.packages, options)

    @property
    def is_special(self) -> bool:
        """Whether what comes out is not that of the cell as it is, and so is not kept."""
        return bool(self.packages or self.options)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}: write --with PACKAGE for what a subject needs.")


def run(session: nox.Session, name: str) -> None:
    """Run the quadrants in a cell, unless they were green with the very same of everything."""
    try:
        asked = Asked.of(session.posargs)
    except ValueError as error:
        session.error(str(error).rstrip("."))
    cell, lock = of(session, name)
    key = records.key(lock, session.env_dir)
    known = None if asked.is_special or asked.fresh else records.still_green(cell, key)
    if known:
        records.write(cell, {**known, "cached": True})
        session.log(f"{cell.name} was green on {known['ended'][:16]}, and nothing changed since.")
        _progress(session)
        return

    if not asked.is_special:
        records.forget(cell)
    record = _record(session, cell, lock, key, asked)
    if records.key(lock, session.env_dir) != key:
        session.error(f"Sources changed while {cell.name} ran, so it shows nothing: run it again")
    if not asked.is_special:
        records.write(cell, record)
        _progress(session)
    special = asked.is_special and record["run"]
    if record["outcome"] != "passed" and not (special and _passed(record)):
        session.error(f"{cell.name} is not green{_because(record['reason'])}")


def _record(session: nox.Session, cell: Cell, lock: Path, key: str, asked: Asked) -> records.Record:
    try:
        install.install(session, session.env_dir, lock)
        url = store.start(session)
    except nox.command.CommandFailed:
        return records.make(cell, key, None, lock=lock, reason="its environment cannot be made")
    if asked.packages:
        install.add(session, session.env_dir, lock, asked.packages)
    outcome = run_contract(session, url, *asked.options)
    record = records.make(cell, key, outcome, lock=lock)
    record["alarm"] = _unknown_upstream(session, outcome)
    return record


def run_contract(session: nox.Session, url: str, *options: str) -> outcomes.Run | None:
    """Run the contract in the environment of the session; None: it did not come to its end."""
    report = Path(session.create_tmp()).resolve() / "contract.xml"
    report.unlink(missing_ok=True)
    before = os.times()
    try:
        session.run(
            *("python", *contract_results.command(report, *options)),
            env={"BOTOCORE_REDIRECT_STORE": url},
            success_codes=contract_results.ENDED,
        )
    except nox.command.CommandFailed:
        return None
    now = os.times()
    used = now.children_user - before.children_user
    return contract_results.read(report, used + now.children_system - before.children_system)


def _passed(record: records.Record) -> bool:
    """Whether all that was chosen passed, where some was left out."""
    return {each["outcome"] for each in record["run"]["quadrants"]} == {"passed"}


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def conclude() -> None:
    """Write the report, and print the table of the cells that this run has looked at."""
    cells = [cell for cell in _all() if records.of_this_run(cell)]
    if not cells:
        return
    try:
        whole = report.write(records.BUILD, PINNED, records.sources_of_all())
    except outcomes.RecordError as error:
        print(error)
        return
    names = {cell.name for cell in cells}
    seen = [record for record in whole["cells"] if record["cell"] in names]
    print(f"\n{report.table({**whole, 'cells': seen}, colour=report.coloured(sys.stdout))}")
    print(f"The report is in {records.BUILD}: report.html, report.json.")


def of(session: nox.Session, name: str) -> tuple[Cell, Path]:
    """Give the cell of a name, and its lock, which is compiled if the cell is not pinned."""
    if not ASKED and os.environ.get(PYTHON_VARIABLE):
        session.error(
            f"{PYTHON_VARIABLE} goes with BOTOCORE_VERSION and its like; for the pinned cells of a"
            f" Python: nox -s matrix -p {os.environ[PYTHON_VARIABLE]}"
        )
    cell = next(cell for cell in _all() if cell.name == name)
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
        session.warn("No moto fits beside this client, so the in-process form is left out.")
    return cell, lock


def _all() -> list[Cell]:
    return [*([ASKED] if ASKED and ASKED not in PINNED else []), *PINNED]


def _unknown_upstream(session: nox.Session, outcome: outcomes.Run | None) -> list[str]:
    """Name what the patch relies on in this botocore and the census knows in no release."""
    release = outcome["versions"].get("botocore") if outcome else None
    if release is None or json.loads(CENSUS.read_text("utf-8"))["releases"].get(release):
        return []  # the census has read it
    said = session.run(
        *("python", "-m", "botocore_redirect", "check", "--json"),
        success_codes=[*range(4)],
        silent=True,
    )
    answer = json.loads(str(said))
    unknown: list[str] = answer["unknown_functions"]
    if unknown:
        session.warn(
            f"ALARM: botocore {release} has changed in what the patch relies on, in a way that no"
            f" release of the census has: {', '.join(unknown)}"
        )
    else:
        session.warn(answer["says"])
    return unknown


def _progress(session: nox.Session) -> None:
    """Say how far the run is. Under `nox -j` nox does, on a board of its own."""
    if session.parallel:
        return
    manifest = session._runner.manifest  # noqa: SLF001 - nox tells no session what else will run
    selected = [cell for cell in _all() if f"matrix({cell.name})" in manifest]
    seen = [record for cell in selected if (record := records.of_this_run(cell))]
    ran = [record for record in seen if not record["cached"]]
    red = [record for record in seen if record["outcome"] != "passed"]
    spent = time.monotonic() - _began
    waiting = len(selected) - len(seen)
    left = f", about {_time(waiting * spent / len(seen))} left" if waiting else ""
    session.log(
        f"Cell {len(seen)} of {len(selected)}: {len(ran)} ran, {len(seen) - len(ran)} from the"
        f" cache, {len(red)} failed; {_time(spent)} so far{left}."
    )


def _time(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
