"""The cells of the matrix: the pinned ones, or the one that the caller asked for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nox

LOCKS = Path("requirements")
_TABLE: dict[str, Any] = nox.project.load_toml(LOCKS / "cells.toml")
_PROJECT: dict[str, Any] = nox.project.load_toml("pyproject.toml")["project"]
_TESTING: list[str] = _PROJECT["optional-dependencies"]["testing"]

PYTHON: str = _TABLE["python"]
OLDEST_PYTHON: str = _PROJECT["requires-python"].lstrip(">=")

# What environments hold is said once, in pyproject.toml.
MOTO = [requirement for requirement in _TESTING if requirement.startswith("moto")]
CLIENT = [*_PROJECT["dependencies"], *(r for r in _TESTING if r not in MOTO)]
TOOLS = ["mypy", "nox", "ruff", *(r for r in _TESTING if r.startswith("pytest"))]


@dataclass(frozen=True)
class Cell:
    """The versions of one environment; what is left empty is for the resolver to choose."""

    botocore: str = ""
    boto3: str = ""
    newest: bool = False

    @property
    def name(self) -> str:
        name = f"botocore-{self.botocore}" if self.botocore else f"boto3-{self.boto3}"
        return re.sub(r"[^A-Za-z0-9.+!_-]", "_", name)  # it becomes a path before it is checked

    @property
    def versions(self) -> dict[str, str]:
        both = {"botocore": self.botocore, "boto3": self.boto3}
        return {package: version for package, version in both.items() if version}

    @property
    def pins(self) -> list[str]:
        return [f"{package}=={version}" for package, version in self.versions.items()]

    def locks(self, folder: Path = LOCKS / "cells") -> tuple[Path, Path]:
        """Give the paths of two locks: of the client alone, and of the same client with moto."""
        return folder / f"{self.name}.txt", folder / f"{self.name}+moto.txt"


PINNED = [Cell(**row) for row in _TABLE["cell"]]
_asked = Cell(os.getenv("BOTOCORE_VERSION", "").strip(), os.getenv("BOTO3_VERSION", "").strip())
ASKED = _asked if _asked.versions else None
"""The one cell that `BOTOCORE_VERSION` and `BOTO3_VERSION` ask for, if any is set."""
