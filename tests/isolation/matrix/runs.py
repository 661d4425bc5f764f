"""Runs of throw-away quadrants under the conftest of the contract, and what their report says."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.results import contract_results
from tools.results.outcomes import ContractRun, QuadrantResult

ROOT = Path(__file__).parents[3]
WORKERS = ["fork", "fresh"] if sys.platform == "linux" else ["fresh"]
_INI = """
[pytest]
quadrants = .
quadrants_first = test_*_unpatched.py
subject = botocore_redirect
addopts = -n2
"""
_CONFTEST = 'pytest_plugins = ["botocore_redirect.testing.plugin", "matrix.conftest"]\n'
_QUADRANT = """
import os, pathlib, signal, sys, threading
import pytest
pytestmark = pytest.mark.quadrant(patched={patched}, redirects={redirects})
{top}
def note(kind):
    line = f"{{os.getpid()}} {{os.getppid()}} {{pathlib.Path(__file__).name}} {{kind}}\\n"
    with pathlib.Path(__file__).with_name("log.txt").open("a") as log: log.write(line)
def test_lives(kind): note(kind)
def test_it(kind):
    print("said aloud")
    {body}
def test_next(kind): pass
"""


@dataclass(frozen=True)
class Ran:
    """What a run said, and what its report does."""

    status: int
    output: str
    report: ContractRun | None
    #: For each test `test_lives`: its process, the parent of that, its file and its store.
    log: list[list[str]]

    @property
    def forms(self) -> list[QuadrantResult]:
        return self.report["quadrants"] if self.report else []

    def form(self, name: str, store: str = "sockets") -> QuadrantResult:
        (found,) = (
            each
            for each in self.forms
            if (each["file"], each["store"]) == (f"test_{name}.py", store)
        )
        return found


def prepare(folder: Path) -> Path:
    """Make a folder for quadrants."""
    (folder / "conftest.py").write_text(_CONFTEST)
    (folder / "pytest.ini").write_text(_INI)
    return folder


def quadrant(folder: Path, name: str, body: str = "pass", top: str = "") -> None:
    """Write a quadrant of three tests, the second of which does what `body` says."""
    text = _QUADRANT.format(
        patched="unpatched" not in name, redirects="noredirect" not in name, body=body, top=top
    )
    (folder / f"test_{name}.py").write_text(text)


def run(folder: Path, *options: str) -> Ran:
    """Run the quadrants of the folder."""
    report = folder / "report.xml"
    path = [*(str(ROOT / "tests"), str(folder)), *filter(None, sys.path)]
    done = subprocess.run(
        [sys.executable, *contract_results.pytest_arguments(report, *options)],
        cwd=folder,
        # Nothing here talks to a store.
        env={
            **os.environ,
            "BOTOCORE_REDIRECT_STORE": "http://127.0.0.1:9",
            "PYTHONPATH": os.pathsep.join(path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    log = folder / "log.txt"
    lines = log.read_text().splitlines() if log.exists() else []
    said = done.stdout + done.stderr
    return Ran(
        done.returncode, said, contract_results.read_report(report), [*map(str.split, lines)]
    )
