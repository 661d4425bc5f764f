"""The records of the cells in build/matrix/cells/: the source of the report, and a cache."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, cast

from tools.environments import install, store
from tools.environments.cells import PINNED, Cell, choose_group
from tools.results import outcomes

BUILD = Path("build/matrix")
CELLS = BUILD / "cells"
# Everything that a cell's outcome depends on, besides its lock and its interpreter.
_SOURCES = (
    *map(Path, ("patch", "tests/matrix", "tests/workloads", "tests/conftest.py", "pyproject.toml")),
    *map(Path, ("tests/asynchronous", "tests/wire/signatures", "tests/wire/bodies/payload.py")),
    store.LOCK,
)

Record = dict[str, Any]


def digest_shared_sources() -> str:
    """Return the digest of all that the results of every cell depend on."""
    return install.digest(*_SOURCES)


def digest_sources(cell: Cell, lock: Path, shared: str | None = None) -> str:
    """Return the digest of all that a result depends on, the interpreter apart.

    `shared` is that of `digest_shared_sources`, if the caller has read them.
    """
    shared = shared or digest_shared_sources()
    return _digest_text(install.digest(lock), shared, *choose_group(cell))


def digest_all_sources() -> dict[str, str]:
    """Return that digest for every cell of the table, by its name."""
    shared = digest_shared_sources()
    return {cell.name: digest_sources(cell, cell.lock(), shared) for cell in PINNED}


def cache_key(cell: Cell, lock: Path, environment: Path, shared: str | None = None) -> str:
    """Return the key under which a result is valid: of this lock, these sources, this Python."""
    return _digest_text(
        digest_sources(cell, lock, shared), install.identify_interpreter(environment)
    )


def read_record(cell: Cell) -> Record | None:
    """Read the record of a cell; return None if there is none."""
    try:
        record: Record = json.loads(_record_path(cell).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record


def read_if_valid(cell: Cell, key: str) -> Record | None:
    """Read the record of a cell if it passed under the same key."""
    record = read_record(cell)
    green = record and record["key"] == key and record["outcome"] == "passed"
    return record if green else None


def read_if_current(cell: Cell) -> Record | None:
    """Read the record of a cell if it was written since nox began."""
    record = read_record(cell)
    return record if record and record["seen"] >= _STARTED else None


def write_record(cell: Cell, record: Record) -> None:
    """Write the record of a cell."""
    CELLS.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**record, "seen": _now()}, indent=1, ensure_ascii=False)
    _record_path(cell).write_text(f"{text}\n", "utf-8")


def delete_record(cell: Cell) -> None:
    """Delete the record of a cell that is about to run: the run may break off."""
    _record_path(cell).unlink(missing_ok=True)


def make_record(
    cell: Cell, key: str, run: outcomes.ContractRun | None, *, lock: Path, reason: str = ""
) -> Record:
    """Make the record of a cell from what its run reports; with a reason, it has failed."""
    record: Record = {
        "cell": cell.name,
        "python": cell.python,
        "backend": cell.backend,
        "tags": list(cell.tags),
        "outcome": outcomes.FAILED,
        "reason": reason,
        "asked": cell not in PINNED,
        "variables": {} if cell in PINNED else cell.variables,
        "cached": False,
        "ended": _now(),
        "alarm": [],
        "key": key,
        "sources": digest_sources(cell, lock),
        "run": run,
    }
    if not run:
        record["reason"] = reason or "it ended before its quadrants began"
    elif not reason:
        record["reason"] = _describe_unlocked_versions(run, lock)
    states = [
        outcomes.quadrant_state(cast("outcomes.Record", record), each)
        for each in outcomes.QUADRANTS
    ]
    if states.count(outcomes.PASSED) == len(states) and not record["reason"]:
        record["outcome"] = outcomes.PASSED
    elif outcomes.FAILED not in states and not record["reason"]:
        record["reason"] = "not every quadrant ran on every store"
    return record


def _describe_unlocked_versions(run: outcomes.ContractRun, lock: Path) -> str:
    """Name the packages whose installed version is not that of the lock."""
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE))
    found = [
        f"{package} {version} is installed, {locked[package]} is locked"
        for package, version in run["versions"].items()
        if locked.get(package, version) != version
    ]
    return "; ".join(found)


def _digest_text(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _record_path(cell: Cell) -> Path:
    return CELLS / f"{cell.name}.json"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


_STARTED = _now()
