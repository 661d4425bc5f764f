"""What the report of a run says of quadrants that pass, fail, crash or hang, read as a cell is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from isolation.matrix.runs import Ran, prepare, quadrant, run

#: How a process ends in the midst of a test.
DEATHS = {
    "exits": "os._exit(0)",
    "exits_with_an_error": "os._exit(7)",
    "is_killed": "os.kill(os.getpid(), 9)",
}
# As a patch that is known: it swallows whatever is an Exception.
FOR_EVER = """while True:
        try: threading.Event().wait()
        except Exception: pass"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of many files, of which some pass."""
    folder = prepare(tmp_path_factory.mktemp("mixed"))
    quadrant(folder, "noredirect_patched")
    quadrant(folder, "noredirect_unpatched")
    quadrant(folder, "redirects_patched", "assert kind == 'in-process', 'not\\nthat'")
    quadrant(folder, "redirects_unpatched", top="import no_such_module")
    quadrant(folder, "patched_for_ever", FOR_EVER)
    quadrant(folder, "unpatched_dies_early", top="os._exit(3)")
    for name, death in DEATHS.items():
        quadrant(folder, f"patched_{name}", death)
    return run(folder, "--timeout=5")


def test_each_file_has_a_process_of_its_own_for_both_stores(mixed: Ran) -> None:
    assert mixed.status == 1, mixed.output
    processes = {(process, file) for process, _, file, _ in mixed.log}
    assert len(processes) == len({process for process, _ in processes}) == 7
    stores = [store for _, _, file, store in mixed.log if file == "test_noredirect_patched.py"]
    # In which order matters: see tests/matrix/harness/preload.py.
    assert stores == ["sockets", "in-process"]


def test_unpatched_files_end_before_a_patched_one_begins(mixed: Ran) -> None:
    files = [file for _, _, file, _ in mixed.log]
    last = max(at for at, file in enumerate(files) if "unpatched" in file)
    assert last < min(at for at, file in enumerate(files) if "unpatched" not in file)


def test_a_run_is_described_with_its_versions(mixed: Ran) -> None:
    report = mixed.report
    assert report
    assert report["python"].startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")
    assert report["versions"]["pytest"] == pytest.__version__
    assert report["versions"]["botocore_redirect"]
    assert report["seconds"] > 0


def test_a_quadrant_that_passes_is_described_for_each_store(mixed: Ran) -> None:
    for store in ("sockets", "in-process"):
        form = mixed.form("noredirect_patched", store)
        assert form.pop("seconds") > 0  # type: ignore[misc]  # a key of a TypedDict
        tests = {f"{test}[{store}]": "passed" for test in ("test_lives", "test_it", "test_next")}
        assert form == {
            "file": "test_noredirect_patched.py",
            "patched": True,
            "redirects": False,
            "store": store,
            "outcome": "passed",
            "tests": tests,
            "failures": [],
        }


def test_a_failure_is_reported_with_its_message_and_details(mixed: Ran) -> None:
    form = mixed.form("redirects_patched")
    (failure,) = form["failures"]
    assert (form["outcome"], form["tests"]["test_it[sockets]"]) == ("failed", "failed")
    assert (failure["test"], failure["message"]) == ("test_it[sockets]", "AssertionError: not")
    assert "said aloud" in failure["details"]
    assert mixed.form("redirects_patched", "in-process")["outcome"] == "passed"


def test_a_file_that_cannot_be_collected_has_failed(mixed: Ran) -> None:
    form = mixed.form("redirects_unpatched", "every store")
    assert (form["outcome"], form["tests"]) == ("failed", {})
    assert form["failures"][0]["message"].startswith("ModuleNotFoundError: No module named")


@pytest.mark.parametrize("name", DEATHS)
def test_a_process_that_dies_is_a_crash_and_the_others_go_on(mixed: Ran, name: str) -> None:
    form = mixed.form(f"patched_{name}")
    assert form["outcome"] == "crashed"
    assert form["tests"] == {"test_lives[sockets]": "passed", "test_it[sockets]": "failed"}
    assert "test_next[sockets]" in form["failures"][0]["details"]  # it is lost


def test_a_process_that_dies_outside_of_any_test_is_a_crash(mixed: Ran) -> None:
    assert mixed.form("unpatched_dies_early", "every store")["outcome"] == "crashed"


def test_a_test_that_never_ends_fails_by_name_and_the_next_one_runs(
    mixed: Ran,
) -> None:
    form = mixed.form("patched_for_ever")
    (failure,) = form["failures"]
    assert (form["outcome"], form["tests"]["test_next[sockets]"]) == ("failed", "passed")
    assert failure["test"] == "test_it[sockets]"
    assert failure["message"] == "Failed: Timeout (>5.0s) from pytest-timeout."


def test_a_selection_of_nothing_is_an_empty_report(tmp_path: Path) -> None:
    quadrant(prepare(tmp_path), "redirects_patched")
    ran = run(tmp_path, "-k", "nothing_like_it", "--lf")
    assert (ran.status, ran.forms) == (5, [])


def test_without_a_run_there_is_no_report(tmp_path: Path) -> None:
    quadrant(prepare(tmp_path), "redirects_patched")
    ran = run(tmp_path, "--no-such-option")
    assert (ran.status, ran.report) == (4, None)
