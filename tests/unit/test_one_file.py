"""A process per test file: each way to run them that CONTRIBUTING.md lists."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass
from typing import Callable

import pytest

pytest_plugins = ["pytester"]

_CONFTEST = """
from pathlib import Path

from botocore_redirect.testing.one_file import OneFilePerWorker


def pytest_configure(config):
    config.pluginmanager.register(OneFilePerWorker(Path(__file__).parent / "quadrants"))
"""

# Each file writes down who imports it and who runs which of its tests; the environment tells it
# where to fail or to crash.
_QUADRANT = """
import os
from pathlib import Path

import pytest

LOG = Path(__file__).parents[1] / "log.txt"


def note(what):
    with LOG.open("a") as log:
        log.write(f"{os.getpid()} {Path(__file__).stem[5:]} {what}\\n")
    here = f"{Path(__file__).stem[5:]}:{what}"
    if os.environ.get("CRASH") == here:
        os._exit(3)
    return not here.endswith(os.environ.get("FAIL") or "never")


note("import")


@pytest.mark.parametrize("number", range(4))
def test_it(number):
    print(f"said by {number}")
    assert note(number), {"left": number}


@pytest.fixture(scope="session", autouse=True)
def whole_session():
    yield
    note("end")
"""

_FILES = ("a", "b", "c")
_ALL = dict.fromkeys(_FILES, 4)


@dataclass(frozen=True)
class Seen:
    """What a run said, and what its processes did."""

    code: int
    said: str
    outcomes: dict[str, int]
    #: Which files each process imported.
    imported: dict[str, list[str]]
    #: How many tests of each file ran.
    ran: dict[str, int]


Run = Callable[..., Seen]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest on three throw-away quadrants; `FAIL` and `CRASH` name a file and a moment."""
    pytester.makeini("[pytest]\n")
    pytester.makeconftest(_CONFTEST)
    folder = pytester.mkdir("quadrants")
    for name in _FILES:
        (folder / f"test_{name}.py").write_text(_QUADRANT, encoding="utf-8")

    def run(*arguments: str, **moments: str) -> Seen:
        log = pytester.path / "log.txt"
        log.write_text("", encoding="utf-8")
        for name in ("FAIL", "CRASH"):
            monkeypatch.setenv(name, moments.get(name.lower(), ""))
        done = pytester.runpytest_subprocess("-ra", *arguments, timeout=120)
        imported, ran = defaultdict(list), dict.fromkeys(_FILES, 0)
        for process, file, what in map(str.split, log.read_text(encoding="utf-8").splitlines()):
            if what == "import":
                imported[process].append(file)
            elif what != "end":
                ran[file] += 1
        said = f"{done.stdout.str()}\n{done.stderr.str()}"
        outcomes = _outcomes(done)
        return Seen(
            int(done.ret), said, outcomes, dict(imported), {k: n for k, n in ran.items() if n}
        )

    return run


@pytest.mark.parametrize("workers", ["1", "2", "auto", "7"])
def test_each_file_has_a_process_of_its_own_whatever_n_says(run: Run, workers: str) -> None:
    seen = run("quadrants", "-n", workers)
    assert (seen.code, seen.outcomes, seen.ran) == (0, {"passed": 12}, _ALL)
    assert sorted(seen.imported.values()) == [["a"], ["b"], ["c"]]
    assert "[100%]" in seen.said


def test_no_way_to_deal_tests_out_puts_two_files_into_a_process(run: Run) -> None:
    seen = run("quadrants", "-n2", "--dist=worksteal")
    assert (seen.code, seen.ran) == (0, _ALL)
    assert sorted(seen.imported.values()) == [["a"], ["b"], ["c"]]


def test_one_file_alone_is_run_by_one_worker(run: Run) -> None:
    seen = run("quadrants/test_b.py", "-n2")
    assert (seen.code, seen.ran, list(seen.imported.values())) == (0, {"b": 4}, [["b"]])


def test_tests_named_one_by_one_are_run_in_the_workers_of_their_files(run: Run) -> None:
    seen = run(
        "quadrants/test_b.py::test_it[2]",
        "quadrants/test_c.py::test_it[0]",
        "quadrants/test_b.py::test_it[3]",
        "-n4",
    )
    assert (seen.code, seen.ran) == (0, {"b": 2, "c": 1})
    assert sorted(seen.imported.values()) == [["b"], ["c"]]


def test_a_test_that_does_not_exist_is_an_error_beside_the_others(run: Run) -> None:
    seen = run("quadrants/test_a.py::test_none", "quadrants/test_b.py", "-n2")
    assert (seen.code, seen.outcomes) == (1, {"passed": 4, "errors": 1})
    assert "The worker of quadrants/test_a.py ended with 4 outside of any test" in seen.said


def test_a_file_that_does_not_exist_ends_the_run(run: Run) -> None:
    seen = run("quadrants/test_z.py", "quadrants/test_b.py", "-n2")
    assert seen.code == pytest.ExitCode.USAGE_ERROR
    assert "file or directory not found: quadrants/test_z.py" in seen.said


def test_k_chooses_tests_in_each_worker(run: Run) -> None:
    seen = run("quadrants", "-n2", "-k", "test_b or 3")
    assert (seen.code, seen.ran) == (0, {"a": 1, "b": 4, "c": 1})
    assert sorted(seen.imported.values()) == [["a"], ["b"], ["c"]]


def test_k_that_chooses_nothing_ends_as_in_plain_pytest(run: Run) -> None:
    assert run("quadrants", "-n2", "-k", "nothing").code == pytest.ExitCode.NO_TESTS_COLLECTED


def test_lf_runs_what_failed_in_workers_of_the_files_that_failed(run: Run) -> None:
    failed = run("quadrants", "-n2", fail="b:1")
    assert (failed.code, failed.outcomes) == (1, {"passed": 11, "failed": 1})
    again = run("quadrants", "-n2", "--lf")
    assert (again.code, again.ran, list(again.imported.values())) == (0, {"b": 1}, [["b"]])


def test_lf_after_a_green_run_runs_all(run: Run) -> None:
    assert run("quadrants", "-n2").code == 0
    assert run("quadrants", "-n2", "--lf").ran == _ALL


def test_x_stops_the_file_that_failed_and_those_that_wait(run: Run) -> None:
    seen = run("quadrants", "-n1", "-x", fail=":0")
    assert (seen.code, seen.outcomes["failed"], len(seen.ran)) == (2, 1, 1)
    # An older xdist runs the test that it was told of in advance.
    assert sum(seen.ran.values()) <= 2


def test_ignored_files_get_no_worker(run: Run) -> None:
    seen = run("quadrants", "-n2", "--ignore=quadrants/test_a.py")
    assert (seen.code, sorted(seen.imported.values())) == (0, [["b"], ["c"]])


def test_a_crash_names_the_test_and_those_lost_with_it_and_the_other_files_run(run: Run) -> None:
    seen = run("quadrants", "-n1", crash="b:1")
    assert (seen.code, seen.outcomes) == (1, {"passed": 9, "failed": 1})
    assert seen.ran == {"a": 4, "b": 2, "c": 4}
    assert "crashed while running 'quadrants/test_b.py::test_it[1]'" in seen.said
    lost = "quadrants/test_b.py::test_it[2], quadrants/test_b.py::test_it[3]"
    assert f"Lost with it, as its file is not run again (2): {lost}" in seen.said
    assert sorted(seen.imported.values()) == [["a"], ["b"], ["c"]]


def test_a_crash_in_the_end_of_a_file_is_a_failure_of_its_last_test(run: Run) -> None:
    seen = run("quadrants", "-n2", crash="b:end")
    assert (seen.code, seen.outcomes["failed"], seen.ran) == (1, 1, _ALL)
    assert "crashed while running 'quadrants/test_b.py::test_it[3]'" in seen.said
    assert "It was the last test of its file." in seen.said


def test_a_crash_while_a_file_is_imported_is_an_error_of_the_file(run: Run) -> None:
    seen = run("quadrants", "-n2", crash="b:import")
    assert (seen.code, seen.outcomes) == (1, {"passed": 8, "errors": 1})
    assert "The worker of quadrants/test_b.py crashed outside of any test" in seen.said
    assert seen.ran == {"a": 4, "c": 4}
    assert sorted(seen.imported.values()) == [["a"], ["b"], ["c"]]


def test_a_bound_on_crashes_that_was_asked_for_holds(run: Run) -> None:
    seen = run("quadrants", "-n1", "--max-worker-restart=0", crash="a:0")
    assert (seen.outcomes, seen.ran) == ({"failed": 1}, {"a": 1})


@pytest.mark.parametrize("way", [("-n0",), ("-nauto", "--pdb"), ("-pno:xdist",), ()])
def test_without_workers_one_file_runs_here(run: Run, way: tuple[str, ...]) -> None:
    seen = run("quadrants/test_c.py", *way)
    assert (seen.code, seen.ran, list(seen.imported.values())) == (0, {"c": 4}, [["c"]])


@pytest.mark.parametrize("way", [("-n0",), ("-nauto", "--pdb"), ("-pno:xdist",), ()])
def test_without_workers_several_files_are_refused(run: Run, way: tuple[str, ...]) -> None:
    seen = run("quadrants", *way)
    assert (seen.code, seen.ran) == (pytest.ExitCode.USAGE_ERROR, {})
    assert "Run them with `pytest -n auto quadrants`, or one file at a time." in seen.said


def test_tx_by_hand_is_refused(run: Run) -> None:
    seen = run("quadrants", "--tx=2*popen", "--dist=each")
    assert (seen.code, seen.ran) == (pytest.ExitCode.USAGE_ERROR, {})
    assert "use -n instead" in seen.said


def test_collecting_only_lists_all_and_runs_nothing(run: Run) -> None:
    seen = run("quadrants", "-n2", "--collect-only", "-q")
    assert (seen.code, seen.ran) == (0, {})
    assert seen.said.count("::test_it[") == 12


def test_a_failure_shows_its_values_and_what_was_printed(run: Run) -> None:
    said = run("quadrants", "-n2", fail="c:2").said
    assert "AssertionError: {'left': 2}" in said
    assert "said by 2" in said


def test_junit_is_one_file_with_all_tests(run: Run, pytester: pytest.Pytester) -> None:
    run("quadrants", "-n2", "--junitxml=all.xml", fail="c:2")
    cases = list(ET.parse(pytester.path / "all.xml").iter("testcase"))
    names = {(case.get("classname"), case.get("name")) for case in cases}
    expected = {(f"quadrants.test_{file}", f"test_it[{n}]") for file in _FILES for n in range(4)}
    assert (len(cases), names) == (12, expected)
    red = [case.get("name") for case in cases if case.find("failure") is not None]
    assert red == ["test_it[2]"]


def test_runs_without_a_file_of_the_folder_are_left_alone(
    run: Run, pytester: pytest.Pytester
) -> None:
    other = pytester.mkdir("others")
    for name in _FILES:
        (other / f"test_{name}.py").write_text(_QUADRANT, encoding="utf-8")
    seen = run("others", "-n0")
    assert (seen.code, seen.outcomes) == (0, {"passed": 12})
    crashed = run("others", "-n1", crash="b:0")
    assert crashed.outcomes == {"failed": 1, "passed": 11}
    assert "Lost with it" not in crashed.said


def test_what_is_outside_of_the_root_is_named_in_full(run: Run, pytester: pytest.Pytester) -> None:
    pytester.mkdir("root").joinpath("pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    seen = run("quadrants", "-n0", "--rootdir=root", "-croot/pytest.ini", "--confcutdir=.")
    assert seen.code == pytest.ExitCode.USAGE_ERROR
    assert f"Run them with `pytest -n auto {pytester.path / 'quadrants'}`" in seen.said


def _outcomes(done: pytest.RunResult) -> dict[str, int]:
    try:
        found = done.parseoutcomes()
    except ValueError:  # nothing was run
        return {}
    return {
        name: number for name, number in found.items() if name not in {"warnings", "deselected"}
    }
