"""What became of each cell, kept in build/matrix/cells/: for the report, and as a cache."""

from __future__ import annotations

import functools
import hashlib
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tools import environments, store
from tools.cells import Cell

BUILD = Path("build/matrix")
CELLS = BUILD / "cells"
# All that decides how a cell comes out, besides its lock and its interpreter.
_SOURCES = (
    *map(Path, ("patch", "tests/matrix", "tests/conftest.py", "pyproject.toml")),
    store.LOCK,
)

Record = dict[str, Any]


def key(lock: Path, environment: Path) -> str:
    """Give what a result is good for: this lock, these sources, this interpreter."""
    parts = [sources(), environments.digest(lock), environments.python_of(environment)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@functools.cache
def sources() -> str:
    """Give the state of the sources that results depend on."""
    return environments.digest(*_SOURCES)


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


def make(cell: Cell, its_key: str, run: Record | None, *, asked: bool, alarm: list[str]) -> Record:
    """Make the record of a cell from what the runner wrote."""
    quadrants = run["quadrants"] if run else []
    green = bool(quadrants) and all(quadrant["outcome"] == "passed" for quadrant in quadrants)
    return {
        "cell": cell.name,
        "python": cell.python,
        "tags": list(cell.tags),
        "outcome": "passed" if green else "failed",
        "reason": "" if run else "the runner left no results",
        "asked": asked,
        "cached": False,
        "ended": _now(),
        "alarm": alarm,
        "key": its_key,
        "sources": sources(),
        "run": run,
    }


def _path(cell: Cell) -> Path:
    return CELLS / f"{cell.name}.json"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


_BEGAN = _now()
