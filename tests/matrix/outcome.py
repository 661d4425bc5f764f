"""What came out of a run, put together from what its process wrote down and how it ended."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matrix.quadrants import Run

_RANK = {"passed": 0, "skipped": 1, "failed": 2}
_NORMAL = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}


@dataclass(frozen=True)
class Outcome:
    """One quadrant on one store."""

    run: Run
    outcome: str
    tests: dict[str, str]
    failures: list[dict[str, str]]
    seconds: float
    cpu_seconds: float
    output: str

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the file was selected."""
        return self.passed and not self.tests

    def as_data(self) -> dict[str, Any]:
        """Return what goes into the JSON."""
        return {
            "file": self.run.file.name,
            "patched": self.run.patched,
            "redirects": self.run.redirects,
            "store": self.run.store,
            "outcome": self.outcome,
            "tests": self.tests,
            "failures": self.failures,
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
        }

    def __str__(self) -> str:
        counts = [
            f"{list(self.tests.values()).count(outcome)} {outcome}"
            for outcome in ("passed", "failed", "skipped")
            if outcome in self.tests.values()
        ]
        said = ", ".join(counts) or "no tests"
        crashed = "CRASHED, " if self.outcome == "crashed" else ""
        return f"{self.run}: {crashed}{said} in {self.seconds:.1f} s"


def read(run: Run, record: Path, output: str, status: int | str, seconds: float) -> Outcome:
    """Tell what came out; `status` is the exit status, or why the process was ended."""
    tests: dict[str, str] = {}
    failures: list[dict[str, str]] = []
    began = ""
    cpu_seconds: float | None = None
    for facts in _lines(record):
        began = facts.get("began", began)
        cpu_seconds = facts.get("cpu_seconds", cpu_seconds)
        if "test" in facts:
            test, outcome = facts["test"], facts["outcome"]
            tests[test] = max(tests.get(test, outcome), outcome, key=_RANK.__getitem__)
            began = "" if test == began and outcome == "failed" else began
            if outcome == "failed":
                failures.append({key: facts[key] for key in ("test", "message", "details")})

    outcome = "failed" if failures or status == pytest.ExitCode.TESTS_FAILED else "passed"
    if cpu_seconds is None or (status not in _NORMAL and not failures):
        outcome = "crashed"
        failures.append(_crash(began, status, output, ended=cpu_seconds is not None))
        if began:
            tests[began] = "failed"
    return Outcome(run, outcome, tests, failures, seconds, cpu_seconds or 0.0, output)


def _crash(began: str, status: int | str, output: str, *, ended: bool) -> dict[str, str]:
    how = status if isinstance(status, str) else f"ended with {_named(status)}"
    where = f" in {began}" if began and not ended else ""
    return {
        "test": "" if ended else began,
        "message": f"the process of this quadrant {how}{where}",
        "details": output,
    }


def _named(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


def _lines(record: Path) -> list[dict[str, Any]]:
    if not record.exists():
        return []
    # The last line of a process that was killed may be half of one.
    whole = record.read_text("utf-8").split("\n")[:-1]
    return [json.loads(line) for line in whole]
