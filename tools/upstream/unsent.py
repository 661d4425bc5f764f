"""The files of tests that send no requests: requirements/upstream.toml."""

from __future__ import annotations

from pathlib import Path

import nox
from packaging.specifiers import SpecifierSet

from tools.environments.cells import LOCKS

TABLE = LOCKS / "upstream.toml"


class TableError(Exception):
    """The table cannot be used; the message says why."""


def load(project: str, release: str, table: Path = TABLE) -> list[str]:
    """Return the files that the table lists for a release of a project.

    Raises `TableError` where an entry has no reason.
    """
    files: list[str] = []
    for row in nox.project.load_toml(table)[project]:
        if not row.get("reason"):
            raise TableError(f"The entry of {', '.join(row['files'])} in {table} gives no reason.")
        if SpecifierSet(row.get("releases", "")).contains(release):
            files += row["files"]
    return files
