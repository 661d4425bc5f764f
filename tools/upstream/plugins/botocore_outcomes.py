"""Writes the outcome of every test by its id to the file that UPSTREAM_OUTCOMES names."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

# An object that became part of an id, at another address in each process.
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
# A test has several reports (setup, call, teardown, subtests): the gravest counts.
_GRAVITY = ("passed", "xfailed", "skipped", "xpassed", "failed", "error")


class Outcomes:
    """What became of each test: its outcome, and the message where there is one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, tuple[str, str]] = {}
        self._seen: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = _ADDRESS.sub("0x", report.nodeid)
        # An id that several tests share is counted; their order in a file is always the same.
        self._seen[name] += report.when == "setup"
        number = self._seen[name]
        self._add(name if number <= 1 else f"{name} ({number})", _outcome(report), report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._add(f"{report.nodeid} (collection)", "error", report)

    def _add(self, name: str, outcome: str, report: Any) -> None:
        before = self._found.get(name)
        if before is None or _GRAVITY.index(outcome) > _GRAVITY.index(before[0]):
            self._found[name] = (outcome, "" if outcome == "passed" else _message(report))

    def pytest_sessionfinish(self) -> None:
        # At the end, so that a run that was cut short leaves nothing.
        self._path.write_text(json.dumps(self._found, indent=0), "utf-8")


def _outcome(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return "xpassed" if report.passed else "xfailed"
    if report.failed and report.when in {"setup", "teardown"}:
        return "error"
    return report.outcome


def _message(report: Any) -> str:
    """Return the sentence of a failure or a skip."""
    where = report.longrepr
    if isinstance(where, tuple):  # a skip: file, line, reason
        return str(where[2])
    crash = getattr(where, "reprcrash", None)
    return str(crash.message if crash else where or "")


def pytest_configure(config: pytest.Config) -> None:
    # In the process that gets the reports of all workers.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Outcomes(Path(os.environ["UPSTREAM_OUTCOMES"])))
