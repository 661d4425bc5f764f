"""The published results of the cells: requirements/proof.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypedDict

from tools.results.outcomes import (
    FAILED,
    NOT_RUN,
    PASSED,
    Cell,
    Record,
    Report,
    plural,
    version_of,
)

REPORT = Path("build/matrix/report.json")
PROOF = Path("requirements/proof.json")
MATRIX = "nox -s matrix"
COMMAND = "nox -s report -- --publish"
_MAX_LISTED = 4  # cells in a message


class Combination(TypedDict):
    """The versions of one cell; no moto where none fits beside the client."""

    python: str
    botocore: str
    boto3: str
    urllib3: str
    moto: str | None


class AsynchronousCombination(TypedDict):
    """The versions of one cell with aiobotocore, and whether it passed."""

    python: str
    aiobotocore: str
    backend: str
    version: str
    botocore: str
    passed: bool


class Proof(TypedDict):
    """The cells that ran green, those that failed, and those with aiobotocore."""

    cells: list[Combination]
    failed: list[Combination]
    aiobotocore: list[AsynchronousCombination]


class StaleError(Exception):
    """A document is missing or stale; the message says what to do."""


def make_proof(report: Report) -> Proof:
    """Return the result of a report; raise `StaleError` unless every cell of the table ran."""
    table = [record for record in report["cells"] if not record["asked"]]
    missing = [record["cell"] for record in table if record["outcome"] == NOT_RUN]
    # A cell that failed before its quadrants began has no versions to record.
    missing += [r["cell"] for r in table if r["outcome"] == FAILED and r["run"] is None]
    if missing or not table:
        raise StaleError(
            f"{REPORT} is not of a full run: {plural(len(missing), 'cell')} of {len(table)} did not"
            f" run ({join_names(missing)}). Run them with `{MATRIX}`."
        )
    synchronous = [record for record in table if not record["backend"]]
    passed = [record for record in synchronous if record["outcome"] == PASSED]
    return {
        "cells": [_make_combination(record) for record in passed],
        "failed": [_make_combination(r) for r in synchronous if r["outcome"] == FAILED],
        "aiobotocore": [_make_asynchronous(record) for record in table if record["backend"]],
    }


def load_proof(root: Path) -> Proof:
    """Read the published results of the cells."""
    path = root / PROOF
    if not path.is_file():
        raise StaleError(f"There is no {PROOF}: run `{MATRIX}`, then `{COMMAND}`.")
    published = json.loads(path.read_text("utf-8"))
    return {
        "cells": published["cells"],
        "failed": published.get("failed", []),
        "aiobotocore": published.get("aiobotocore", []),
    }


def render_proof(proof: Proof) -> str:
    """Write a line for each cell, so that a change is read as a diff."""
    lists: dict[str, Any] = {**proof}
    parts = [
        f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]"
        for name, rows in lists.items()
        if rows or name == "cells"
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def count_cells(proof: Proof) -> tuple[int, int]:
    """Count the cells that passed, and those that failed."""
    outcomes = [row["passed"] for row in proof["aiobotocore"]]
    return len(proof["cells"]) + sum(outcomes), len(proof["failed"]) + outcomes.count(False)


def has_cell(proof: Proof, cell: Cell) -> bool:
    """Whether a cell of the table was run, with what it pins."""
    if cell.backend:
        pins = {"python": cell.python, "aiobotocore": cell.aiobotocore, "backend": cell.backend}
        return any(pins.items() <= row.items() for row in proof["aiobotocore"])
    return any(_matches(cell, row) for row in (*proof["cells"], *proof["failed"]))


def _matches(cell: Cell, row: Combination) -> bool:
    pins = ((cell.botocore, row["botocore"]), (cell.boto3, row["boto3"]))
    return cell.python == row["python"] and all(
        pinned in {"", version} for pinned, version in (*pins, (cell.urllib3, row["urllib3"]))
    )


def join_names(names: list[str]) -> str:
    """Name the first few cells, and count the others."""
    more = [f"{len(names) - _MAX_LISTED} more"] if len(names) > _MAX_LISTED else []
    return ", ".join([*names[:_MAX_LISTED], *more])


def _make_combination(record: Record) -> Combination:
    versions = {name: version_of(record, name) for name in ("botocore", "boto3", "urllib3")}
    return {
        "python": record["python"],
        "botocore": versions["botocore"],
        "boto3": versions["boto3"],
        "urllib3": versions["urllib3"],
        "moto": version_of(record, "moto") or None,
    }


def _make_asynchronous(record: Record) -> AsynchronousCombination:
    return {
        "python": record["python"],
        "aiobotocore": version_of(record, "aiobotocore"),
        "backend": record["backend"],
        "version": version_of(record, record["backend"]),
        "botocore": version_of(record, "botocore"),
        "passed": record["outcome"] == PASSED,
    }
