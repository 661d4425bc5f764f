"""One pass over botocore's tests: how it is run, and what it leaves."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import nox

#: A test that takes longer has failed; the longest of botocore's take half a minute.
SECONDS_PER_TEST = 600
PLUGINS = Path(__file__).parent / "plugins"
_OUTCOMES = "outcomes.json"
_CALLS = "calls"
_LOG = "log.txt"
_RAN = (0, 1)  # all passed, or some did not
_OPTIONS = (
    *("-q", "--tb=short", "--dist=loadfile", "--continue-on-collection-errors"),
    *("-p", "no:cacheprovider", "-p", "botocore_offline", "-p", "botocore_generators"),
    *("-p", "botocore_timeout", "-p", "botocore_outcomes", "-p", "botocore_calls"),
)
# What must not reach the tests. Other variables that change botocore begin with AWS_.
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class Outcome(NamedTuple):
    """What became of a test, and what it said if it did not pass."""

    result: str
    message: str = ""


@dataclass(frozen=True)
class Pass:
    """What one pass found: outcomes by test id, and counts of calls by file."""

    outcomes: Mapping[str, Outcome]
    calls: Mapping[str, Counter[str]] = field(default_factory=dict)
    #: Whether the patch was installed in each process at the end.
    is_patched: bool = False


class PassError(Exception):
    """A pass did not get to its end."""


def run(
    session: nox.Session,
    tests: Path,
    results: Path,
    options: Sequence[str],
    *,
    is_patched: bool = False,
    mutant: str = "",
) -> Pass:
    """Run tests in the session's environment, with the patch or without it, and read the results.

    Raises `PassError` where pytest ends otherwise than after the last test.
    `tests` is the folder that they were unpacked in; `results` gets what they leave.
    """
    results = results.resolve()  # the folder changes below
    shutil.rmtree(results, ignore_errors=True)
    for folder in (_CALLS, "home"):
        (results / folder).mkdir(parents=True)
    patch = ["-p", "botocore_redirect.auto"] if is_patched else []
    patch += ["-p", "botocore_mutants"] if mutant else []
    variables = _variables(results)
    with (results / _LOG).open("w", encoding="utf-8") as log, session.chdir(tests):
        try:
            session.run(
                *("python", "-m", "pytest", *_OPTIONS, *patch, *options),
                env={**variables, "UPSTREAM_MUTANT": mutant},
                success_codes=_RAN,
                stdout=log,
            )
        except nox.command.CommandFailed as error:
            raise PassError(
                f"A pass over botocore's tests did not get to its end: {last_line(results)}"
                f" ({results / _LOG})."
            ) from error
    return read(results)


def read(results: Path) -> Pass:
    """Read what a pass left in a folder."""
    found = json.loads((results / _OUTCOMES).read_text("utf-8"))
    calls: dict[str, Counter[str]] = {}
    installed = []
    for path in sorted((results / _CALLS).glob("*.json")):
        process = json.loads(path.read_text("utf-8"))
        installed.append(process["installed"])
        for file, counts in process["files"].items():
            calls.setdefault(file, Counter()).update(counts)
    outcomes = {name: Outcome(*outcome) for name, outcome in found.items()}
    return Pass(outcomes, calls, bool(installed) and all(installed))


def last_line(results: Path) -> str:
    """Return the last line that pytest printed, which counts the outcomes."""
    lines = (results / _LOG).read_text("utf-8", errors="replace").split("\n")
    return next((line.strip("= ") for line in reversed(lines) if line.strip()), "it said nothing")


def _variables(results: Path) -> dict[str, str | None]:
    unwanted = [name for name in os.environ if name.startswith("AWS_") or name.lower() in _PROXIES]
    return {
        **dict.fromkeys(unwanted),
        "HOME": str(results / "home"),
        "PYTHONHASHSEED": "0",  # ids of tests may come from sets
        "PYTHONPATH": str(PLUGINS),
        "UPSTREAM_CALLS": str(results / _CALLS),
        "UPSTREAM_OUTCOMES": str(results / _OUTCOMES),
        "UPSTREAM_SECONDS": str(SECONDS_PER_TEST),
    }
