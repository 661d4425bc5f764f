"""The table of CONTRIBUTING.md, `you run | what happens`: which test shows each row."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[3]

#: The first words of each row, and the tests of it in `test_*.py` beside this file.
ROWS = {
    "`pytest`, `pytest tests/matrix`": [
        "test_no_arguments_at_all_run_the_folders_of_the_configuration",
        "test_each_file_has_a_process_of_its_own_and_never_more_than_n_are_there",
        "test_files_for_which_others_wait_end_before_the_others_begin",
    ],
    "`--workers=fresh`, `--workers=fork`": ["test_the_header_names_how_workers_are_started"],
    "`--patch-first`": ["test_patch_first_is_refused_with_conflicting_options"],
    "`-n 1`, `-n 2`, or more workers than files; any `--dist`": [
        "test_each_file_has_a_process_of_its_own_and_never_more_than_n_are_there",
        "test_every_dist_mode_of_xdist_runs_each_file_in_its_own_process",
    ],
    "quadrants and other files; a folder with doctests or tests that a plugin collects": [
        "test_files_elsewhere_are_run_by_other_workers",
        "test_each_of_the_other_workers_runs_them_where_that_was_asked_for",
        "test_doctests_in_text_files_are_run",
        "test_doctests_of_modules_are_run",
        "test_ordinary_workers_run_files_that_are_no_test_modules",
        "test_ordinary_workers_begin_and_files_follow_when_one_has_ended",
        "test_a_crash_elsewhere_costs_one_test_and_one_in_a_quadrant_what_is_left_of_it",
        "test_a_test_elsewhere_that_does_not_exist_is_an_error_beside_the_quadrants",
    ],
    "other files only": [
        "test_a_run_of_other_files_alone_is_left_to_xdist",
        "test_runs_without_a_file_of_the_folder_are_left_alone",
    ],
    "two folders of quadrants": ["test_there_may_be_several_folders"],
    "one file; tests by their ids": [
        "test_one_file_alone_is_run_by_one_worker",
        "test_tests_named_one_by_one_are_run_in_the_workers_of_their_files",
    ],
    "a test that does not exist": ["test_a_test_that_does_not_exist_is_an_error_beside_the_others"],
    "a file that does not exist": ["test_a_file_that_does_not_exist_ends_the_run"],
    "`-k`, `-m`, `--deselect`": [
        "test_k_chooses_tests_in_each_worker",
        "test_k_that_chooses_nothing_ends_as_in_plain_pytest",
        "test_m_and_deselect_choose_tests_in_each_worker",
    ],
    "`--lf`": [
        "test_ff_begins_with_what_failed_and_lf_runs_that_alone_and_then_all",
        "test_lf_runs_what_failed_wherever_it_was",
        "test_lf_after_failures_in_files_that_were_not_asked_for_runs_all",
    ],
    "`--ff`, `--sw`": [
        "test_ff_begins_with_what_failed_and_lf_runs_that_alone_and_then_all",
        "test_sw_goes_on_in_the_file_that_failed_and_runs_the_others_whole",
    ],
    "`-x`, `--maxfail`": [
        "test_x_stops_the_file_that_failed_and_those_that_wait",
        "test_maxfail_counts_the_failures_of_all_files",
        "test_x_elsewhere_stops_the_quadrants_that_wait",
    ],
    "`--ignore`": ["test_ignored_files_get_no_worker"],
    "`--pyargs`; `collect_ignore`": [
        "test_a_package_is_named_as_pytest_names_it",
        "test_what_a_conftest_below_ignores_is_not_run",
    ],
    "a test hangs, with `--timeout`": [
        "test_a_test_that_hangs_fails_by_name_and_costs_its_file_if_it_cannot_be_interrupted",
    ],
    "a test ends its process": [
        "test_a_crash_is_reported_by_name_with_what_is_lost_and_the_other_files_run",
    ],
    "a file ends its process while it is imported": [
        "test_a_crash_is_reported_by_name_with_what_is_lost_and_the_other_files_run"
    ],
    "the same in another file": ["test_ordinary_workers_that_never_collect_are_reported_once"],
    "`--max-worker-restart` is reached": [
        "test_files_that_do_not_run_because_of_maxworkerrestart_are_errors",
        "test_maxworkerrestart_is_respected",
    ],
    "`-n 0`, `--pdb` with `-n auto`, `-p no:xdist -o addopts=`: one file": [
        "test_without_workers_one_file_runs_here",
        "test_without_xdist_what_the_configuration_says_of_it_is_left_out_too",
        "test_the_quadrants_of_this_repository_do_without_xdist",
    ],
    "the same: several files": ["test_without_workers_several_files_are_refused"],
    "PyCharm's run button": [
        "test_pycharm_runs_a_file_or_a_test",
        "test_pycharm_runs_a_folder_with_a_worker_for_each_file",
        "test_pycharm_without_workers_is_refused_a_folder",
    ],
    "VS Code's run and debug buttons": [
        "test_vs_code_runs_and_debugs_one_test_in_its_own_process",
        "test_vs_code_runs_several_tests_of_a_file_in_one_worker",
        "test_vs_code_runs_a_folder_with_a_worker_for_each_file",
        "test_vs_code_without_workers_is_refused_several_files",
    ],
    "`--tx` by hand": ["test_tx_by_hand_is_refused"],
    "`--collect-only`": ["test_collecting_only_lists_all_and_runs_nothing"],
    "`--junitxml`, `--cov`, `--durations`": [
        "test_a_run_has_one_report_of_all_files",
        "test_coverage_is_one_report_of_all_files",
        "test_a_crash_costs_the_coverage_of_its_own_file_alone",
    ],
}


def test_each_row_has_its_tests() -> None:
    page = (_ROOT / "CONTRIBUTING.md").read_text("utf-8")
    _, found, table = page.partition("| you run | what happens |\n|---|---|\n")
    assert found
    rows = table.partition("\n\n")[0].splitlines()
    assert [row.strip("| ").partition(" | ")[0] for row in rows] == list(ROWS)


def test_the_tests_of_each_row_exist() -> None:
    files = Path(__file__).parent.glob("test_*.py")
    tests = re.findall(r"(?m)^def (test_\w+)", "\n".join(file.read_text("utf-8") for file in files))
    named = {test for of_row in ROWS.values() for test in of_row}
    assert named <= {*tests}


def test_the_quadrants_of_this_repository_do_without_xdist() -> None:
    words = ["-pno:xdist", "-pno:cacheprovider", "-oaddopts=", "--collect-only", "-q"]
    file = "tests/matrix/test_noredirect_unpatched.py"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, file],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{file}::" in done.stdout
