"""What became of each cell, kept in build/matrix/cells/: for the report, and as a cache."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, cast

from tools.environments import install, store
from tools.environments.cells import PINNED, Cell
from tools.results import outcomes

BUILD = Path("build/matrix")
CELLS = BUILD / "cells"
# All that decides how a cell comes out, besides its lock and its interpreter.
_SOURCES = (
    *map(Path, ("patch", "tests/matrix", "tests/workloads", "tests/conftest.py", "pyproject.toml")),
    store.LOCK,
)

Record = dict[str, Any]


def sources(lock: Path) -> str:
    """Give the state of all that a result is made from, on whatever interpreter."""
    return install.digest(lock, *_SOURCES)


def sources_of_all() -> dict[str, str]:
    """Give the same for every cell of the table, by its name."""
    return {cell.name: sources(cell.lock()) for cell in PINNED}


def key(lock: Path, environment: Path) -> str:
    """Give what a result is good for: this lock, these sources, this interpreter."""
    parts = [sources(lock), install.interpreter(environment)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def read(cell: Cell) -> Record | None:
    """Give what is known of a cell, if anything is."""
    try:
        record: Record = json.loads(_path(cell).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record


def still_green(cell: Cell, its_key: str) -> Record | None:
    """Give the record of a cell that was green when nothing was different, if there is one."""
    record = read(cell)
    green = record and record["key"] == its_key and record["outcome"] == "passed"
    return record if green else None


def of_this_run(cell: Cell) -> Record | None:
    """Give the record of a cell that has been looked at since nox began."""
    record = read(cell)
    return record if record and record["seen"] >= _BEGAN else None


def write(cell: Cell, record: Record) -> None:
    """Keep what became of a cell."""
    CELLS.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**record, "seen": _now()}, indent=1, ensure_ascii=False)
    _path(cell).write_text(f"{text}\n", "utf-8")


def forget(cell: Cell) -> None:
    """Drop what is known of a cell: it is about to run, and may not get to its end."""
    _path(cell).unlink(missing_ok=True)


def make(
    cell: Cell, its_key: str, run: outcomes.Run | None, *, lock: Path, reason: str = ""
) -> Record:
    """Make the record of a cell from what its run reports; with a reason, it has failed."""
    record: Record = {
        "cell": cell.name,
        "python": cell.python,
        "tags": list(cell.tags),
        "outcome": outcomes.FAILED,
        "reason": reason,
        "asked": cell not in PINNED,
        "cached": False,
        "ended": _now(),
        "alarm": [],
        "key": its_key,
        "sources": sources(lock),
        "run": run,
    }
    if not run:
        record["reason"] = reason or "it ended before its quadrants began"
    elif not reason:
        record["reason"] = _strangers(run, lock)
    states = [outcomes.state(cast("outcomes.Record", record), each) for each in outcomes.QUADRANTS]
    if states.count(outcomes.PASSED) == len(states) and not record["reason"]:
        record["outcome"] = outcomes.PASSED
    elif outcomes.FAILED not in states and not record["reason"]:
        record["reason"] = "not every quadrant ran on every store"
    return record


def _strangers(run: outcomes.Run, lock: Path) -> str:
    """Say where the packages that ran are not those of the lock."""
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE))
    found = [
        f"{package} {version} is installed, {locked[package]} is locked"
        for package, version in run["versions"].items()
        if locked.get(package, version) != version
    ]
    return "; ".join(found)


def _path(cell: Cell) -> Path:
    return CELLS / f"{cell.name}.json"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


_BEGAN = _now()
