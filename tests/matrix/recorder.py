"""A pytest plugin: writes what happens to a file as it happens, so that a crash loses nothing.

    pytest -p matrix.recorder --record=PATH ...

One JSON object a line: a test began, a test came out so, the run ended.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", type=Path, help="write what happens to this file, as JSON lines")


def pytest_configure(config: pytest.Config) -> None:
    path: Path | None = config.getoption("--record")
    if path:
        config.pluginmanager.register(_Recorder(path))


class _Recorder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._write(began=_name(nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A test that passed has three reports, of which one says so.
        if report.when == "call" or not report.passed:
            self._came_out(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._came_out(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self._write(cpu_seconds=round(sum(os.times()[:4]), 3))

    def _came_out(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        facts: dict[str, Any] = {"test": _name(report.nodeid), "outcome": report.outcome}
        if report.failed:
            facts["message"] = _in_one_line(report)
            sections = [f"--- {title} ---\n{text}" for title, text in report.sections]
            facts["details"] = "\n".join([report.longreprtext, *sections])
        self._write(**facts)

    def _write(self, **facts: Any) -> None:
        # Opened for each line: what was written is there, however the process ends.
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(facts) + "\n")


def _name(nodeid: str) -> str:
    """Return the test without its file; a file that could not be collected keeps its name."""
    return nodeid.partition("::")[2] or nodeid.rpartition("/")[2]


def _in_one_line(report: pytest.TestReport | pytest.CollectReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = (crash.message if crash else report.longreprtext).strip().splitlines()
    # Of a traceback without a summary of its own, the last line says what it was.
    return lines[0 if crash else -1].strip() if lines else "no reason was given"
