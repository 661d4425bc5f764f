"""The programs in examples/: each is a project of its own, as its author would have it.

Those of examples/workers are single files, which `nox -s workers` runs.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import nox

FOLDERS = sorted(path.parent for path in Path("examples").glob("*/README.md"))
_WORKERS = Path("examples", "workers")


def run_tests(session: nox.Session) -> None:
    """Run the tests of each example in a copy outside of this checkout."""
    left_out = shutil.ignore_patterns(".*", "__pycache__")
    for example in FOLDERS:
        with tempfile.TemporaryDirectory(prefix="example-") as folder:
            copy = shutil.copytree(example, Path(folder) / example.name, ignore=left_out)
            with session.chdir(copy):
                session.run("pytest", *session.posargs)


def check_types(session: nox.Session) -> None:
    """Run mypy in the folder of each example: their modules have names of their own."""
    settings, sources = (str(Path(name).resolve()) for name in ("pyproject.toml", "patch"))
    for example in (*FOLDERS, _WORKERS):
        with session.chdir(example):
            session.run("mypy", f"--config-file={settings}", ".", env={"MYPYPATH": sources})
