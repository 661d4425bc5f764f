"""What requirements/upstream.toml says: tests that are left out, and files that send nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nox
from packaging.specifiers import SpecifierSet

from tools.environments.cells import LOCKS

TABLE = LOCKS / "upstream.toml"
MOST_LEFT_OUT = 20


class TableError(Exception):
    """The table cannot be used; the message says why."""


@dataclass(frozen=True)
class Known:
    """What the table says of one release: names, each with its reason."""

    left_out: Mapping[str, str]
    unsent: Mapping[str, str]


def load(release: str, table: Path = TABLE) -> Known:
    """Read what the table says of a release of botocore.

    Raises `TableError` where an entry has no reason, or where too many tests are left out.
    """
    rows: dict[str, list[dict[str, Any]]] = nox.project.load_toml(table)
    if strange := rows.keys() - {"left-out", "unsent"}:
        raise TableError(f"{table} has a table {', '.join(sorted(strange))}, which nothing reads.")
    left_out = [name for row in rows.get("left-out", []) for name in row["tests"]]
    if len(left_out) > MOST_LEFT_OUT:
        raise TableError(
            f"{table} leaves out {len(left_out)} tests, and may leave out {MOST_LEFT_OUT}."
        )
    return Known(
        _names(rows.get("left-out", []), "tests", release),
        _names(rows.get("unsent", []), "files", release),
    )


def _names(rows: list[dict[str, Any]], key: str, release: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        if not row.get("reason"):
            raise TableError(f"The entry of {', '.join(row[key])} gives no reason.")
        if SpecifierSet(row.get("botocore", "")).contains(release):
            found.update(dict.fromkeys(row[key], row["reason"]))
    return found
