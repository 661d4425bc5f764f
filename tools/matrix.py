"""One cell of the matrix, from its lock to its record."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import nox

from tools import environments, records, report, resolver, store
from tools.cells import ASKED, LOCKS, PINNED, Cell

FRESH = "--fresh"
CENSUS = LOCKS / "census.json"
_began = time.monotonic()


def run(session: nox.Session, cell: Cell) -> None:
    """Run the quadrants in a cell, unless they were green with the very same of everything."""
    options = [option for option in session.posargs if option != FRESH]
    lock = resolve(session, cell) if cell is ASKED else cell.lock()
    key = records.key(lock, session.env_dir)
    known = None if options or FRESH in session.posargs else records.still_green(cell, key)
    if known:
        records.write(cell, {**known, "cached": True})
        session.log(f"{cell.name} was green on {known['ended'][:16]}, and nothing changed since.")
        _progress(session)
        return

    if not options:
        records.forget(cell)
    environments.install(session, session.env_dir, lock)
    result = Path(session.create_tmp()) / "run.json"
    result.unlink(missing_ok=True)
    session.run(
        *("python", "-m", "matrix", f"--json={result}", *options),
        env={"BOTOCORE_REDIRECT_STORE": store.start(session), "PYTHONPATH": "tests"},
        success_codes=[0, 1],
    )
    outcome = json.loads(result.read_text("utf-8")) if result.is_file() else None
    alarm = _unknown_upstream(session, outcome)
    record = records.make(cell, key, outcome, asked=cell is ASKED, alarm=alarm)
    if not options:
        records.write(cell, record)
        _progress(session)
    if record["outcome"] != "passed":
        session.error(f"{cell.name} is not green")


def conclude() -> None:
    """Write the report, and print the table of the cells that this run has looked at."""
    cells = [cell for cell in (ASKED, *PINNED) if cell and records.of_this_run(cell)]
    if not cells:
        return
    whole = report.write(records.BUILD, PINNED, records.sources())
    names = {cell.name for cell in cells}
    seen = [record for record in whole["cells"] if record["cell"] in names]
    print(f"\n{report.table({**whole, 'cells': seen}, colour=report.coloured(sys.stdout))}")  # noqa: T201
    print(f"The pages are in {records.BUILD}: report.html, report.md, report.json.")  # noqa: T201


def resolve(session: nox.Session, cell: Cell) -> Path:
    """Compile the lock of a cell that is not pinned, and give its path."""
    lock = cell.lock(environments.BUILT / "asked")
    try:
        try:
            fits = resolver.compile_cell(cell, lock, "--upgrade")
        except resolver.NoFitError:
            session.error(resolver.explain(cell).rstrip("."))
    except resolver.ResolverError as error:
        session.error(str(error).rstrip("."))
    if not fits:
        session.warn("No moto fits beside this client, so the in-process form is left out.")
    return lock


def _unknown_upstream(session: nox.Session, outcome: records.Record | None) -> list[str]:
    """Name what the patch relies on in this botocore and the census knows in no release."""
    release = outcome["versions"]["botocore"] if outcome else ""
    if json.loads(CENSUS.read_text("utf-8"))["releases"].get(release):
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
    selected = [cell for cell in (ASKED, *PINNED) if cell and f"matrix({cell.name})" in manifest]
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
