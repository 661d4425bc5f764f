"""The cells of the matrix: the pinned ones, or the one that the caller asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nox
from packaging.requirements import Requirement
from packaging.version import Version

from tools.results.outcomes import version_key

LOCKS = Path("requirements")
TABLE = LOCKS / "cells.toml"
_TABLE: dict[str, Any] = nox.project.load_toml(TABLE)
_PROJECT: dict[str, Any] = nox.project.load_toml("pyproject.toml")["project"]
_TESTING: list[str] = _PROJECT["optional-dependencies"]["testing"]

PYTHON: str = _TABLE["python"][0]
NOX_PYTHON = "3.10"  # the oldest that nox runs on; cells may be older
NEWEST = "newest"
PYTHON_VARIABLE = "MATRIX_PYTHON"  # PYTHON_VERSION is set in common images
_FIELDS = ("botocore", "boto3", "urllib3", "moto", "aiobotocore")
BACKEND_VARIABLE = "AIOBOTOCORE_BACKEND"
VARIABLES = [*(f"{field.upper()}_VERSION" for field in _FIELDS), PYTHON_VARIABLE]

# pyproject.toml is the one place that says what environments hold.
MOTO = [requirement for requirement in _TESTING if requirement.startswith("moto")]
CLIENT = [
    *_PROJECT["dependencies"],
    *(r for r in _TESTING if r not in MOTO),
    "pytest-timeout>=2.3",  # a patch under test may follow for ever
]
#: The patches of botocore that the guards of the quadrants must see.
PATCHES = [
    *("aistore", "aws-xray-sdk", "ddtrace", "freezegun", "gevent", "moto[s3]", "sentry-sdk"),
    *("opentelemetry-instrumentation-botocore", "vcrpy", "wrapt"),
]
#: What programs use S3 with through aiobotocore; aioboto3 says which release of that.
PROGRAMS = ["aioboto3", "distributed", "pandas", "pyarrow", "s3fs", "zarr"]
#: The AWS CLI 1: the newest carries a botocore of its own, those before 1.46 require one.
AWS_CLI = {"awscli": "awscli", "awscli-1.45": "awscli<1.46"}
CRT = "boto3[crt]"
#: What starts worker processes, in examples/workers.
WORKERS = ["celery", "distributed", "gunicorn", "joblib"]
TOOLS = [
    "mypy",
    "ruff",
    *(r for r in _TESTING if r.startswith("pytest")),
]
#: The plugins of pytest that must work with a process for each file.
PLUGINS = ["pytest-cov"]
COVERAGE = ["coverage>=7.10"]  # the first that follows processes by itself


#: The extras of aiobotocore, and what it calls each back end: httpx2 is a fork of httpx.
_EXTRAS = {"httpx": "httpx", "httpx2": "httpx"}
DEFAULT_BACKEND = "aiohttp"


@dataclass(frozen=True)
class Cell:
    """The versions of one environment; the resolver chooses those that are empty."""

    python: str = PYTHON
    """As uv and nox name it; 3.14t is 3.14 without the GIL."""
    botocore: str = ""
    boto3: str = ""
    urllib3: str = ""
    moto: str = ""
    aiobotocore: str = ""
    backend: str = ""
    """The package that sends the requests of aiobotocore; empty: the clients are those of boto3."""
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the cell's session, lock, environment and record."""
        parts = [f"{package}-{version}" for package, version in self.versions.items()]
        backend = [self.backend] if self.backend else []
        name = "-".join([*(parts or [NEWEST]), *backend, f"py{self.python}"])
        return re.sub(r"[^A-Za-z0-9.+!_-]", "_", name)  # it becomes a path before it is checked

    @property
    def language(self) -> str:
        """The version of Python by which the resolver chooses packages."""
        return self.python.removesuffix("t")

    @property
    def versions(self) -> dict[str, str]:
        """The versions that are fixed, by package."""
        fixed = {package: str(getattr(self, package)) for package in _FIELDS}
        return {package: version for package, version in fixed.items() if version}

    @property
    def pins(self) -> list[str]:
        """The requirements of a client of these versions."""
        fixed = {**self.versions, **({"aiobotocore": self.aiobotocore} if self.backend else {})}
        extra = f"[{self.backend}]" if self.backend in _EXTRAS else ""
        return [
            f"{name}{extra if name == 'aiobotocore' else ''}{version and f'=={version}'}"
            for name, version in fixed.items()
            if name != "moto"
        ]

    @property
    def in_process(self) -> list[str]:
        """The requirements of the in-process form: moto without its server, which boto3 needs."""
        if self.backend:
            return []
        (moto,) = map(Requirement, MOTO)
        return [f"moto[s3]=={self.moto}" if self.moto else f"moto[s3]{moto.specifier}"]

    @property
    def pytest_options(self) -> list[str]:
        """The options of pytest that say which clients the contract is run with."""
        return [f"--aiobotocore={_EXTRAS.get(self.backend, self.backend)}"] if self.backend else []

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that ask for this cell."""
        backend = {BACKEND_VARIABLE: self.backend} if self.backend else {}
        fixed = self.versions or {"botocore": NEWEST}
        if self.backend and not self.aiobotocore:
            fixed = {**self.versions, "aiobotocore": NEWEST}
        versions = {f"{package.upper()}_VERSION": version for package, version in fixed.items()}
        return {**versions, **backend, PYTHON_VARIABLE: self.python}

    def lock(self, folder: Path = LOCKS / "cells") -> Path:
        """Return the path of the lock."""
        return folder / f"{self.name}.txt"


def _asked() -> Cell | None:
    """Read the one cell that the environment variables ask for: a pinned one, if that is it."""
    asked = {
        field: os.environ.get(variable, "").strip() for field, variable in zip(_FIELDS, VARIABLES)
    }
    python = os.environ.get(PYTHON_VARIABLE, "").strip() or PYTHON
    if not any(asked.values()):
        return None
    backend = os.environ.get(BACKEND_VARIABLE, "").strip() or DEFAULT_BACKEND
    versions = {field: "" if version == NEWEST else version for field, version in asked.items()}
    cell = replace(
        Cell(python, backend=backend if asked["aiobotocore"] else ""),
        **versions,  # type: ignore[arg-type]  # none of them is `tags`
    )
    return next((pinned for pinned in PINNED if pinned.name == cell.name), cell)


def _read_asynchronous() -> list[Cell]:
    """Read the table of the cells with aiobotocore, oldest first."""
    cells = [
        Cell(
            python=python,
            aiobotocore=row["aiobotocore"],
            backend=backend,
            tags=("quick",) if backend in row.get("quick", ()) else (),
        )
        for row in _TABLE["aiobotocore"]
        for backend in row.get("backend", [DEFAULT_BACKEND])
        for python in row.get("python", _TABLE["python"])
    ]
    return sorted(cells, key=lambda cell: (Version(cell.aiobotocore), cell.name))


def _read_synchronous() -> list[Cell]:
    """Read the table of the cells with boto3 alone, oldest botocore first."""
    cells = [cell for row in _TABLE["cells"] for cell in _of_row(row)]
    cells.sort(key=lambda cell: (Version(cell.botocore), version_key(cell.python)))
    ends = [cell for cell in cells if not cell.urllib3]
    by_python = {python: [c for c in ends if c.python == python] for python in PYTHONS}
    return [
        replace(
            cell,
            tags=(
                *cell.tags,
                *(["oldest"] if cell is by_python[cell.python][0] else []),
                *([NEWEST] if cell is by_python[cell.python][-1] else []),
            ),
        )
        for cell in cells
    ]


def _of_row(row: dict[str, Any]) -> Iterator[Cell]:
    exact = {name: row[name] for name in ("botocore", "boto3", "moto") if name in row}
    for python in row.get("python", _TABLE["python"]):
        quick = ("quick",) if python in row.get("quick", ()) else ()
        yield Cell(python=python, tags=quick, **exact)
    for urllib3 in row.get("urllib3", ()):
        yield Cell(urllib3=urllib3, **exact)


def _select_upstream(word: str) -> list[Cell]:
    """Return a handful of cells with boto3, or all of them, as the environment asks."""
    if word not in {"", "all"}:
        raise SystemExit(f"UPSTREAM_CELLS is {word!r}: set it to `all`, or not at all.")
    return SYNCHRONOUS if word else [*OLD, NEWEST_CELL]


def runs_whole_contract(cell: Cell) -> bool:
    """Whether a cell runs all of the contract; the others run the group `common`."""
    return bool(cell.tags or cell.backend) or cell not in PINNED


def choose_group(cell: Cell) -> list[str]:
    """Return the option of pytest for what a cell runs of the contract; none: all of it."""
    return [] if runs_whole_contract(cell) else ["--group=common"]


PYTHONS: list[str] = sorted(
    {python for row in _TABLE["cells"] for python in row.get("python", _TABLE["python"])},
    key=version_key,
)
SYNCHRONOUS = _read_synchronous()
ASYNCHRONOUS = _read_asynchronous()
PINNED = [*SYNCHRONOUS, *ASYNCHRONOUS]
OLD = [cell for cell in SYNCHRONOUS if "quick" in cell.tags and NEWEST not in cell.tags]
"""The quick cells except the newest, for `nox -s wire` and `nox -s upstream`."""
QUICK_ASYNCHRONOUS = [cell for cell in ASYNCHRONOUS if "quick" in cell.tags]
"""The oldest aiobotocore and the newest, whose environment has both of its back ends."""
NEWEST_CELL = next(c for c in SYNCHRONOUS if NEWEST in c.tags and c.python == PYTHON)
"""The newest botocore on the default Python."""
UPSTREAM = _select_upstream(os.environ.get("UPSTREAM_CELLS", ""))
"""The cells of `nox -s upstream`."""
MEASURED = [*OLD[:3], *QUICK_ASYNCHRONOUS]
"""The cells measured for coverage: they take branches that the newest does not."""
ASKED = _asked()
"""The one cell that `BOTOCORE_VERSION`, `BOTO3_VERSION`, `URLLIB3_VERSION`, `MOTO_VERSION`,
`AIOBOTOCORE_VERSION`, `AIOBOTOCORE_BACKEND` and `MATRIX_PYTHON` ask for, if any of the versions is
set; `newest` is a version too."""
