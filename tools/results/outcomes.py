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


class Form(TypedDict):
    """A quadrant on one kind of store: what came out of its tests."""

    file: str
    patched: bool
    redirects: bool
    store: str
    outcome: str
    tests: dict[str, str]
    failures: list[Failure]
    seconds: float


class Run(TypedDict):
    """What the report of a cell's run says, and the CPU that it took."""

    python: str
    implementation: str
    platform: str
    versions: dict[str, str]
    quadrants: list[Form]
    seconds: float
    cpu_seconds: float


class Record(TypedDict):
    """One cell: what was asked of it, and what came out."""

    cell: str
    python: str
    botocore: str
    boto3: str
    urllib3: str
    tags: list[str]
    outcome: str
    reason: str
    asked: bool
    cached: bool
    ended: str
    alarm: list[str]
    run: Run | None


class Summary(TypedDict):
    """How many cells of the table came out how, and what those that ran took, added up."""

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
    """A whole run: every cell of the table, and those that were asked for besides."""

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
    def tags(self) -> Sequence[str]: ...


class RecordError(Exception):
    """A file among the records is none."""


def read(folder: Path, cells: Iterable[Cell], sources: Mapping[str, str] | None = None) -> Report:
    """Merge the records in `folder`/cells; a cell of the table without one was not run.

    `sources` tells of each cell what it would be made from now. One whose record was made from
    anything else, as it says under `sources`, was not run either: results of different trees do
    not add up to one run.
    """
    found = [_load(path) for path in sorted((folder / "cells").glob("*.json"))]
    return merge([_of_now(record, sources or {}) for record in found], cells)


def merge(records: Iterable[Mapping[str, Any]], cells: Iterable[Cell]) -> Report:
    """Put records in the order of their versions; those of cells long gone are left out."""
    found = {record["cell"]: record for record in records}
    table = {cell.name: cell for cell in cells}
    merged = [_of_table(cell, found.get(name, {})) for name, cell in table.items()]
    merged += [
        _asked_for(record)
        for name, record in found.items()
        if record.get("asked") and name not in table
    ]
    merged.sort(key=_order)
    return {"summary": _summary(merged), "cells": merged}


def state(record: Record, quadrant: tuple[bool, bool]) -> str:
    """Say how a quadrant came out: green needs every form that the cell can hold."""
    run = record["run"]
    if run is None:
        return NOT_RUN
    found = forms(record, quadrant)
    if any(form["outcome"] != PASSED for form in found):
        return FAILED
    wanted = {"sockets", "in-process"} if run["versions"].get("moto") else {"sockets"}
    proven = {form["store"] for form in found if PASSED in form["tests"].values()}
    return PASSED if wanted <= proven else NOT_RUN


def forms(record: Record, quadrant: tuple[bool, bool]) -> list[Form]:
    """Give what ran of a quadrant, in the order of the stores' names."""
    run = record["run"]
    found = [] if run is None else run["quadrants"]
    found = [form for form in found if (form["patched"], form["redirects"]) == quadrant]
    return sorted(found, key=lambda form: (form["store"], form["file"]))


def title(quadrant: tuple[bool, bool]) -> str:
    """Name a quadrant."""
    patched, redirects = quadrant
    kind = "patched" if patched else "unpatched"
    return f"{kind} x {'redirect' if redirects else 'no redirect'}"


def version_of(record: Record, package: str) -> str:
    """Give the version that ran; when none did, the one that the table names, if it does."""
    run = record["run"]
    planned = {
        "botocore": record["botocore"],
        "boto3": record["boto3"],
        "urllib3": record["urllib3"],
    }
    return (run["versions"].get(package) if run else None) or planned.get(package, "")


def by_version(text: str) -> Version:
    """Give what versions are sorted by; what is no version comes first."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0.dev0")


def plural(count: int, noun: str) -> str:
    """Count things in words: `1 cell`, `2 cells`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


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


def _of_now(record: dict[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    if record.get("sources") == sources.get(record["cell"], record.get("sources")):
        return record
    reason = "the sources or its lock have changed since it ran"
    return {**record, "outcome": NOT_RUN, "reason": reason, "cached": False, "run": None}


def _of_table(cell: Cell, found: Mapping[str, Any]) -> Record:
    """Take what a record says of its outcome, and what the table says of its cell."""
    unheard = {"outcome": NOT_RUN, "reason": "there is no record of it"}
    known = {
        "cell": cell.name,
        "python": cell.python,
        "botocore": cell.botocore,
        "boto3": cell.boto3,
        "urllib3": cell.urllib3,
        "tags": cell.tags,
        "asked": False,
    }
    return _record({**(found or unheard), **known})


def _asked_for(found: Mapping[str, Any]) -> Record:
    """Take all from the record: the table does not know its cell."""
    named = re.search(r"botocore-([^-]+)", found["cell"])
    versions = {
        "botocore": named.group(1) if named else "",
        **(found["run"] or {"versions": {}})["versions"],
    }
    return _record({**versions, **found})


def _record(known: Mapping[str, Any]) -> Record:
    record: Record = {
        "cell": known["cell"],
        "python": known.get("python") or "",
        "botocore": known.get("botocore") or "",
        "boto3": known.get("boto3") or "",
        "urllib3": known.get("urllib3") or "",
        "tags": sorted(known.get("tags") or ()),
        "outcome": known["outcome"],
        "reason": known.get("reason") or "",
        "asked": known["asked"],
        "cached": bool(known.get("cached")),
        "ended": known.get("ended") or "",
        "alarm": sorted(known.get("alarm") or ()),
        "run": known.get("run"),
    }
    return _judged(record)


def _judged(record: Record) -> Record:
    """Believe no outcome that the quadrants do not show."""
    states = [state(record, quadrant) for quadrant in QUADRANTS]
    whole = states.count(PASSED)
    if FAILED in states:
        record["outcome"] = FAILED
    elif record["outcome"] == PASSED and whole < len(QUADRANTS):
        record["outcome"] = NOT_RUN
        record["reason"] = f"only {whole} of its {len(QUADRANTS)} quadrants ran on every store"
    return record


def _order(record: Record) -> tuple[Any, ...]:
    packages = ("botocore", "urllib3", "boto3")
    botocore, urllib3, boto3 = (by_version(version_of(record, name)) for name in packages)
    return botocore, by_version(record["python"]), urllib3, boto3, record["cell"]


def _summary(cells: Sequence[Record]) -> Summary:
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
