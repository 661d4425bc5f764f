"""A process per test file: what a run says and writes down."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET

import pytest

from isolation.workers.runs import ALL, FILES, Run

pytest_plugins = ["pytester", "isolation.workers.runs"]


@pytest.fixture
def not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the run to pytest-cov: what measures these tests would measure it as well."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)


def test_a_run_has_one_report_of_all_files(run: Run, pytester: pytest.Pytester) -> None:
    output = run(
        "quadrants", "-n2", "--junitxml=all.xml", "--durations=0", "-vv", fail="c:2"
    ).output
    assert "AssertionError: {'left': 2}" in output
    assert "printed by 2" in output
    for file in FILES:
        assert f"s call     quadrants/test_{file}.py::test_it[3]" in output
    cases = list(ET.parse(pytester.path / "all.xml").iter("testcase"))
    names = {(case.get("classname"), case.get("name")) for case in cases}
    expected = {(f"quadrants.test_{file}", f"test_it[{n}]") for file in FILES for n in range(4)}
    assert (len(cases), names) == (12, expected)
    red = [case.get("name") for case in cases if case.find("failure") is not None]
    assert red == ["test_it[2]"]


# The second file to run; data are written when a file ends.
_CRASHES = """
def test_that_ends_one_process():
    crashed = LOG.with_name("crashed.txt")
    if [*LOG.parent.glob(".coverage.*")] and not crashed.exists():
        crashed.touch()
        os._exit(3)
"""


@pytest.mark.usefixtures("not_measured")
def test_a_crash_costs_the_coverage_of_its_own_file_alone(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytest.importorskip("pytest_cov", reason="cells have no pytest-cov")
    for file in (pytester.path / "quadrants").iterdir():
        file.write_text(file.read_text("utf-8") + _CRASHES, "utf-8")
    result = run("quadrants", "-n1", "--cov=quadrants", "--cov-report=json:all.json", fresh=True)
    assert (result.code, result.outcomes) == (1, {"passed": 14, "failed": 1})
    assert len(files_that_ran(pytester)) == 2


@pytest.mark.usefixtures("not_measured")
@pytest.mark.parametrize("where", ["-n2", "-n0"])
def test_coverage_is_one_report_of_all_files(
    run: Run, pytester: pytest.Pytester, where: str
) -> None:
    pytest.importorskip("pytest_cov", reason="cells have no pytest-cov")
    files = FILES if where == "-n2" else FILES[:1]
    words = ["quadrants"] if where == "-n2" else ["quadrants/test_a.py"]
    assert run(*words, where, "--cov=quadrants", "--cov-report=json:all.json", fresh=True).code == 0
    assert files_that_ran(pytester) == {f"quadrants/test_{file}.py" for file in files}


def test_coverage_can_be_switched_off(run: Run, pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_cov", reason="cells have no pytest-cov")
    result = run("quadrants", "-n2", "--cov=quadrants", "--no-cov")
    assert (result.code, result.ran) == (0, ALL)
    assert not (pytester.path / ".coverage").exists()


def files_that_ran(pytester: pytest.Pytester) -> set[str]:
    """Return the files whose test has run, as the report of coverage has it."""
    measured = json.loads((pytester.path / "all.json").read_text("utf-8"))["files"]
    source = (pytester.path / "quadrants" / "test_a.py").read_text("utf-8").splitlines()
    line = next(n for n, text in enumerate(source, 1) if "assert note(number)" in text)
    return {name for name, facts in measured.items() if line in facts["executed_lines"]}
