"""The arguments of pytest that run the contract in an environment, and the reader of its report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from tools.results.outcomes import FAILED, PASSED, ContractRun, Failure, QuadrantResult

CRASHED = "crashed"
#: pytest's exit statuses of a run with a complete report: passed, failed, interrupted, no tests.
COMPLETED_STATUSES = (0, 1, 2, 5)
NOTHING_SELECTED = 5
_STORES = ("sockets", "in-process")
_EVERY_STORE = "every store"
_VERSION = "version of "
_SEVERITY = {PASSED: 0, "skipped": 1, FAILED: 2}


def pytest_arguments(report: Path, *options: str) -> list[str]:
    """Return the arguments of a Python that runs the contract, in its quadrants, with a report."""
    return [
        *("-m", "pytest", f"--junitxml={report}", "-ojunit_family=xunit2"),
        *("-ojunit_logging=all", "-ojunit_log_passing_tests=false"),
        # With importlib, pytest asks every finder for what the one of an old six lacks.
        "--import-mode=prepend",
        f"-ocache_dir={report.parent / 'pytest_cache'}",  # cells run at the same time
        *options,
    ]


def read_report(report: Path, cpu_seconds: float = 0.0) -> ContractRun | None:
    """Read the report of a run; return None if there is none."""
    try:
        (suite,) = ET.parse(report).iter("testsuite")  # noqa: S314 - pytest wrote it
    except FileNotFoundError:
        return None
    properties = {each.get("name", ""): each.get("value", "") for each in suite.iter("property")}
    results: dict[tuple[str, str], QuadrantResult] = {}
    for test_case in suite.iter("testcase"):
        _add_case(results, test_case)
    return {
        "python": properties.get("python", ""),
        "implementation": properties.get("implementation", ""),
        "platform": properties.get("platform", ""),
        "versions": {
            name[len(_VERSION) :]: version
            for name, version in properties.items()
            if name.startswith(_VERSION)
        },
        "quadrants": [results[key] for key in sorted(results)],
        "seconds": round(float(suite.get("time", "0")), 3),
        "cpu_seconds": round(cpu_seconds, 3),
    }


def _add_case(results: dict[tuple[str, str], QuadrantResult], test_case: ET.Element) -> None:
    """Add a test to the result of its file and store."""
    names = f"{test_case.get('classname')}.{test_case.get('name')}".partition("[")[0].split(".")
    module = next(part for part in names if part.startswith("test_"))
    is_test = bool(test_case.get("classname"))
    test_name = test_case.get("name", "") if is_test else f"{module}.py"
    store = next((name for name in _STORES if re.search(rf"\[(.*-)?{name}[]-]", test_name)), "")
    key = (store or _EVERY_STORE, f"{module}.py")
    result = results.setdefault(key, _new_result(*key))
    failures = [*_failures(test_case, test_name)]
    outcome = FAILED if failures else "skipped" if test_case.find("skipped") is not None else PASSED
    if is_test:
        result["tests"][test_name] = max(
            result["tests"].get(test_name, outcome), outcome, key=_SEVERITY.__getitem__
        )
    result["failures"] += failures
    result["seconds"] = round(result["seconds"] + float(test_case.get("time", "0")), 3)
    if failures and result["outcome"] != CRASHED:
        crashed = any(
            re.search(r"\A(worker|The worker) .* crashed", f["message"]) for f in failures
        )
        result["outcome"] = CRASHED if crashed else FAILED


def _new_result(store: str, file: str) -> QuadrantResult:
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


def _failures(test_case: ET.Element, test_name: str) -> Iterator[Failure]:
    output = [test_case.findtext(name, "") for name in ("system-out", "system-err")]
    for found in (*test_case.iter("failure"), *test_case.iter("error")):
        details = (found.text or "").strip()
        message = found.get("message", "")
        if message == "collection failure":  # the last line says what it was
            message = details
            lines = message.splitlines()[-1:]
        else:
            lines = message.splitlines()[:1]
        yield {
            "test": test_name,
            "message": lines[0].removeprefix("E ").strip() if lines else "no reason was given",
            "details": "\n".join([details, *output]).strip(),
        }
