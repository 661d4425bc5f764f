"""The records that the cells of a matrix run leave, merged into one report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypedDict

from packaging.version import InvalidVersion, Version

PASSED, FAILED, NOT_RUN = "passed", "failed", "not run"
QUADRANTS = ((False, False), (False, True), (True, False), (True, True))
"""Whether the client is patched, and whether the store redirects."""


class Failure(TypedDict):
    """A test that failed: its id, one line, and the long text."""

    test: str
    message: str
    details: str


class QuadrantResult(TypedDict):
    """The outcomes of one quadrant's tests on one kind of store."""

    file: str
    patched: bool
    redirects: bool
    store: str
    outcome: str
    tests: dict[str, str]
    failures: list[Failure]
    seconds: float


class ContractRun(TypedDict):
    """The report of a cell's run, and the CPU time that it took."""

    python: str
    implementation: str
    platform: str
    versions: dict[str, str]
    quadrants: list[QuadrantResult]
    seconds: float
    cpu_seconds: float


class Record(TypedDict):
    """One cell: its versions and tags, and the outcome of its run."""

    cell: str
    python: str
    botocore: str
    boto3: str
    urllib3: str
    backend: str
    tags: list[str]
    outcome: str
    reason: str
    asked: bool
    #: The environment variables that ask for it, if it is not a cell of the table.
    variables: dict[str, str]
    cached: bool
    ended: str
    alarm: list[str]
    run: ContractRun | None


class Summary(TypedDict):
    """The number of cells of the table by outcome, and the time of all that ran."""

    cells: int
    passed: int
    failed: int
    not_run: int
    cached: int
    asked: int
    seconds: float
    cpu_seconds: float
    ended: str


class Report(TypedDict):
    """A whole run: every cell of the table, and the other cells that the user asked for."""

    summary: Summary
    cells: list[Record]


class Cell(Protocol):
    """A row of the table, as `tools.environments.cells` has it."""

    @property
    def name(self) -> str: ...
    @property
    def python(self) -> str: ...
    @property
    def botocore(self) -> str: ...
    @property
    def boto3(self) -> str: ...
    @property
    def urllib3(self) -> str: ...
    @property
    def aiobotocore(self) -> str: ...
    @property
    def backend(self) -> str: ...
    @property
    def tags(self) -> Sequence[str]: ...


class RecordError(Exception):
    """A file in the folder of records is not a record."""


def read_report(
    folder: Path, cells: Iterable[Cell], sources: Mapping[str, str] | None = None
) -> Report:
    """Merge the records in `folder`/cells; a cell of the table without one was not run.

    `sources` gives the current digest of the sources of each cell. A record with another digest
    under `sources` does not count: results of different trees do not add up to one run.
    """
    found = [_load(path) for path in sorted((folder / "cells").glob("*.json"))]
    return merge_records([_drop_if_stale(record, sources or {}) for record in found], cells)


def merge_records(records: Iterable[Mapping[str, Any]], cells: Iterable[Cell]) -> Report:
    """Sort records by version, and leave out those of cells that no longer exist."""
    found = {record["cell"]: record for record in records}
    table = {cell.name: cell for cell in cells}
    merged = [_make_table_record(cell, found.get(name, {})) for name, cell in table.items()]
    merged += [
        _make_extra_record(record)
        for name, record in found.items()
        if record.get("asked") and name not in table
    ]
    merged.sort(key=_sort_key)
    return {"summary": _summarize(merged), "cells": merged}


def quadrant_state(record: Record, quadrant: tuple[bool, bool]) -> str:
    """Return the state of a quadrant: it has passed if it did on every store that the cell has."""
    run = record["run"]
    if run is None:
        return NOT_RUN
    found = quadrant_results(record, quadrant)
    if any(result["outcome"] != PASSED for result in found):
        return FAILED
    wanted = {"sockets", "in-process"} if run["versions"].get("moto") else {"sockets"}
    proven = {result["store"] for result in found if PASSED in result["tests"].values()}
    return PASSED if wanted <= proven else NOT_RUN


def quadrant_results(record: Record, quadrant: tuple[bool, bool]) -> list[QuadrantResult]:
    """Return the results of a quadrant, sorted by the names of the stores."""
    run = record["run"]
    found = [] if run is None else run["quadrants"]
    found = [result for result in found if (result["patched"], result["redirects"]) == quadrant]
    return sorted(found, key=lambda result: (result["store"], result["file"]))


def quadrant_title(quadrant: tuple[bool, bool]) -> str:
    """Name a quadrant."""
    patched, redirects = quadrant
    kind = "patched" if patched else "unpatched"
    return f"{kind} x {'redirect' if redirects else 'no redirect'}"


def version_of(record: Record, package: str) -> str:
    """Return the version that ran, or else the one that the table pins, if any."""
    run = record["run"]
    planned = {
        "botocore": record["botocore"],
        "boto3": record["boto3"],
        "urllib3": record["urllib3"],
    }
    return (run["versions"].get(package) if run else None) or planned.get(package, "")


def version_key(text: str) -> Version:
    """Return the sort key of a version; an invalid version comes first.

    Python 3.14t, which is 3.14 without the GIL, comes after 3.14.
    """
    try:
        return Version(re.sub(r"(?<=\d)t$", "+t", text))
    except InvalidVersion:
        return Version("0.dev0")


def plural(count: int, noun: str) -> str:
    """Count things in words: `1 cell`, `2 cells`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def format_duration(seconds: float) -> str:
    """Say how long something takes: `3 min 20 s`."""
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def rerun_command(record: Record, options: str = "") -> str:
    """Return the command that runs a cell again, with these options of pytest."""
    if record["variables"]:  # nox knows the session only while they are set
        variables = [f"{name}={value}" for name, value in record["variables"].items()]
        command = " ".join([*variables, "nox -s matrix"])
    else:
        command = f'nox -s "matrix({record["cell"]})"'
    return f"{command} -- {options}" if options else command


def _load(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{path} cannot be read as the record of a cell ({error}): "
            "delete it and run its cell again."
        ) from error
    missing = {"cell", "outcome", "run"} - set(record if isinstance(record, dict) else ())
    if missing:
        raise RecordError(
            f"{path} is no record of a cell, as it lacks {', '.join(sorted(missing))}: "
            "delete it and run its cell again."
        )
    return dict(record)


def _drop_if_stale(record: dict[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    if record.get("sources") == sources.get(record["cell"], record.get("sources")):
        return record
    reason = "the sources or its lock have changed since it ran"
    return {**record, "outcome": NOT_RUN, "reason": reason, "cached": False, "run": None}


def _make_table_record(cell: Cell, found: Mapping[str, Any]) -> Record:
    """Take the outcome from the record, and the versions and tags from the table."""
    no_record = {"outcome": NOT_RUN, "reason": "there is no record of it"}
    known = {
        "cell": cell.name,
        "python": cell.python,
        "botocore": cell.botocore,
        "boto3": cell.boto3,
        "urllib3": cell.urllib3,
        "backend": cell.backend,
        "tags": cell.tags,
        "asked": False,
        "variables": {},
    }
    return _make_record({**(found or no_record), **known})


def _make_extra_record(found: Mapping[str, Any]) -> Record:
    """Take everything from the record, as the cell is not in the table."""
    named = re.search(r"(?<!aio)botocore-([^-]+)", found["cell"])
    versions = {
        "botocore": named.group(1) if named else "",
        **(found["run"] or {"versions": {}})["versions"],
    }
    return _make_record({**versions, **found})


def _make_record(known: Mapping[str, Any]) -> Record:
    record: Record = {
        "cell": known["cell"],
        "python": known.get("python") or "",
        "botocore": known.get("botocore") or "",
        "boto3": known.get("boto3") or "",
        "urllib3": known.get("urllib3") or "",
        "backend": known.get("backend") or "",
        "tags": sorted(known.get("tags") or ()),
        "outcome": known["outcome"],
        "reason": known.get("reason") or "",
        "asked": known["asked"],
        "variables": known.get("variables") or {},
        "cached": bool(known.get("cached")),
        "ended": known.get("ended") or "",
        "alarm": sorted(known.get("alarm") or ()),
        "run": known.get("run"),
    }
    return _correct_outcome(record)


def _correct_outcome(record: Record) -> Record:
    """Correct an outcome that contradicts those of the quadrants."""
    states = [quadrant_state(record, quadrant) for quadrant in QUADRANTS]
    passed = states.count(PASSED)
    if FAILED in states:
        record["outcome"] = FAILED
    elif record["outcome"] == PASSED and passed < len(QUADRANTS):
        record["outcome"] = NOT_RUN
        record["reason"] = f"only {passed} of its {len(QUADRANTS)} quadrants ran on every store"
    return record


def _sort_key(record: Record) -> tuple[Any, ...]:
    packages = ("aiobotocore", "botocore", "urllib3", "boto3")
    aiobotocore, botocore, urllib3, boto3 = (
        version_key(version_of(record, name)) for name in packages
    )
    python = version_key(record["python"])
    return bool(record["backend"]), aiobotocore, botocore, python, urllib3, boto3, record["cell"]


def _summarize(cells: Sequence[Record]) -> Summary:
    table = [record for record in cells if not record["asked"]]
    outcomes = [record["outcome"] for record in table]
    runs = [record["run"] for record in table if record["run"]]
    return {
        "cells": len(table),
        "passed": outcomes.count(PASSED),
        "failed": outcomes.count(FAILED),
        "not_run": outcomes.count(NOT_RUN),
        "cached": sum(record["cached"] for record in table),
        "asked": len(cells) - len(table),
        "seconds": round(sum(run["seconds"] for run in runs), 1),
        "cpu_seconds": round(sum(run["cpu_seconds"] for run in runs), 1),
        "ended": max((record["ended"] for record in table), default=""),
    }
