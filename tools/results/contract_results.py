"""The command that runs the contract in an environment, and what its report says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from tools.results.outcomes import FAILED, PASSED, Failure, Form, Run

CRASHED = "crashed"
#: How pytest ends when what it ran is in the report: green, red, stopped early, nothing selected.
ENDED = (0, 1, 2, 5)
NOTHING_SELECTED = 5
_STORES = ("sockets", "in-process")
_EVERY_STORE = "every store"
_VERSION = "version of "
_CRASH = re.compile(r"worker '.*' crashed while|The worker of .* crashed outside")
_RANK = {PASSED: 0, "skipped": 1, FAILED: 2}


def command(report: Path, *options: str) -> list[str]:
    """Give the arguments of a Python that runs the contract, in its quadrants, with a report."""
    return [
        *("-m", "pytest", f"--junitxml={report}", "-ojunit_family=xunit2"),
        *("-ojunit_logging=all", "-ojunit_log_passing_tests=false"),
        # With importlib, pytest asks every finder for what the one of an old six lacks.
        "--import-mode=prepend",
        f"-ocache_dir={report.parent / 'pytest_cache'}",  # cells run at the same time
        *options,
    ]


def read(report: Path, cpu_seconds: float = 0.0) -> Run | None:
    """Read the report of a run; None: there is none."""
    try:
        (suite,) = ET.parse(report).iter("testsuite")  # noqa: S314 - pytest wrote it
    except FileNotFoundError:
        return None
    properties = {each.get("name", ""): each.get("value", "") for each in suite.iter("property")}
    forms: dict[tuple[str, str], Form] = {}
    for case in suite.iter("testcase"):
        _add(forms, case)
    return {
        "python": properties.get("python", ""),
        "implementation": properties.get("implementation", ""),
        "platform": properties.get("platform", ""),
        "versions": {
            name[len(_VERSION) :]: version
            for name, version in properties.items()
            if name.startswith(_VERSION)
        },
        "quadrants": [forms[key] for key in sorted(forms)],
        "seconds": round(float(suite.get("time", "0")), 3),
        "cpu_seconds": round(cpu_seconds, 3),
    }


def _add(forms: dict[tuple[str, str], Form], case: ET.Element) -> None:
    """Add a test to the form of its file and store."""
    address = f"{case.get('classname')}.{case.get('name')}".partition("[")[0].split(".")
    module = next(part for part in address if part.startswith("test_"))
    is_test = bool(case.get("classname"))
    test = case.get("name", "") if is_test else f"{module}.py"
    store = next((name for name in _STORES if re.search(rf"\[(.*-)?{name}[]-]", test)), "")
    key = (store or _EVERY_STORE, f"{module}.py")
    form = forms.setdefault(key, _new(*key))
    failures = [*_failures(case, test)]
    outcome = FAILED if failures else "skipped" if case.find("skipped") is not None else PASSED
    if is_test:
        form["tests"][test] = max(form["tests"].get(test, outcome), outcome, key=_RANK.__getitem__)
    form["failures"] += failures
    form["seconds"] = round(form["seconds"] + float(case.get("time", "0")), 3)
    if failures and form["outcome"] != CRASHED:
        crashed = any(
            re.search(r"\A(worker|The worker) .* crashed", f["message"]) for f in failures
        )
        form["outcome"] = CRASHED if crashed else FAILED


def _new(store: str, file: str) -> Form:
    return {
        "file": file,
        "patched": "unpatched" not in file,
        "redirects": "noredirect" not in file,
        "store": store,
        "outcome": PASSED,
        "tests": {},
        "failures": [],
        "seconds": 0.0,
    }


def _failures(case: ET.Element, test: str) -> Iterator[Failure]:
    output = [case.findtext(name, "") for name in ("system-out", "system-err")]
    for found in (*case.iter("failure"), *case.iter("error")):
        details = (found.text or "").strip()
        message = found.get("message", "")
        if message == "collection failure":  # the last line says what it was
            message = details
            lines = message.splitlines()[-1:]
        else:
            lines = message.splitlines()[:1]
        yield {
            "test": test,
            "message": lines[0].removeprefix("E ").strip() if lines else "no reason was given",
            "details": "\n".join([details, *output]).strip(),
        }
