"""A process per test file: what a failure, a crash and a test that hangs do to the others."""

from __future__ import annotations

import re

import pytest

from isolation.workers.runs import Run

pytest_plugins = ["pytester", "isolation.workers.runs"]


def test_x_stops_the_file_that_failed_and_those_that_wait(run: Run) -> None:
    result = run("quadrants", "-n1", "-x", fail=":0")
    assert (result.code, result.outcomes["failed"], len(result.ran)) == (2, 1, 1)
    # An older xdist runs the test that it was told of in advance.
    assert sum(result.ran.values()) <= 2


def test_maxfail_counts_the_failures_of_all_files(run: Run) -> None:
    result = run("quadrants", "-n1", "--maxfail=2", fail=":0")
    assert (result.code, result.outcomes["failed"], len(result.ran)) == (2, 2, 2)
    assert "stopping after 2 failures" in result.output


# Long enough for every test that does not hang, on a machine that is busy.
_TIMEOUT = "--timeout=5"


def test_a_test_that_hangs_fails_by_name_and_costs_its_file_if_it_cannot_be_interrupted(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytest.importorskip("pytest_timeout", reason="cells have no pytest-timeout")
    with (pytester.path / "quadrants" / "test_c.py").open("a", encoding="utf-8") as file:
        file.write("pytestmark = pytest.mark.timeout(method='thread')\n")
    # A worker's terminal is nowhere, and that is where pytest-timeout shows the stack.
    shown = "-ofaulthandler_timeout=2"
    result = run("quadrants", "-n2", _TIMEOUT, "--timeout-method=signal", shown, hang="b:1 c:1")
    assert (result.code, result.outcomes) == (1, {"passed": 8, "failed": 2})
    assert result.ran == {"a": 4, "b": 4, "c": 2}
    assert "FAILED quadrants/test_b.py::test_it[1] - Failed: Timeout" in result.output
    assert "crashed while running 'quadrants/test_c.py::test_it[1]'" in result.output
    assert re.search(r'test_c\.py", line \d+ in note', result.output)
    lost = "quadrants/test_c.py::test_it[2], quadrants/test_c.py::test_it[3]"
    assert f"Lost with it, as its file is not run again (2): {lost}" in result.output


@pytest.mark.parametrize("fresh", [False, True])
def test_a_crash_is_reported_by_name_with_what_is_lost_and_the_other_files_run(
    run: Run, fresh: bool
) -> None:
    result = run("quadrants", "-n1", fresh=fresh, crash="a:import b:1 c:end")
    assert (result.code, result.outcomes) == (1, {"passed": 5, "failed": 2, "errors": 1})
    assert result.ran == {"b": 2, "c": 4}
    assert sorted(result.imported.values()) == [["a"], ["b"], ["c"]]
    assert "The worker of quadrants/test_a.py crashed outside of any test" in result.output
    assert "crashed while running 'quadrants/test_b.py::test_it[1]'" in result.output
    lost = "quadrants/test_b.py::test_it[2], quadrants/test_b.py::test_it[3]"
    assert f"Lost with it, as its file is not run again (2): {lost}" in result.output
    assert "crashed while running 'quadrants/test_c.py::test_it[3]'" in result.output
    assert "It was the last test of its file." in result.output


def test_maxworkerrestart_is_respected(run: Run) -> None:
    result = run("quadrants", "-n1", "--max-worker-restart=0", crash="a:0")
    # What had been begun before, or been sent, is run: the files come in any order.
    assert (result.code, result.outcomes["failed"], result.ran["a"]) == (1, 1, 1)
    assert "crashed and worker restarting disabled" in result.output
