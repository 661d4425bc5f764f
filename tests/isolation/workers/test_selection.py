"""A process per test file: which files get a worker, and what runs in it."""

from __future__ import annotations

import pytest

from isolation.workers.runs import ALL, Run, write_quadrants

pytest_plugins = ["pytester", "isolation.workers.runs"]


@pytest.mark.parametrize(("workers", "most"), [("1", 1), ("auto", 2), ("7", 3)])
def test_each_file_has_a_process_of_its_own_and_never_more_than_n_are_there(
    run: Run, workers: str, most: int
) -> None:
    result = run("quadrants", "-n", workers)
    assert (result.code, result.outcomes, result.ran) == (0, {"passed": 12}, ALL)
    assert sorted(result.imported.values()) == [["a"], ["b"], ["c"]]
    assert "[100%]" in result.output
    at_once = [
        sum((turn[0] == "+") - (turn[0] == "-") for turn in result.turns[:end])
        for end in range(len(result.turns))
    ]
    assert (len(result.turns), max(at_once) <= most) == (6, True)


def test_files_for_which_others_wait_end_before_the_others_begin(run: Run) -> None:
    result = run("quadrants", "-n2", ini="first = test_b.py test_c.py")
    assert (result.code, result.ran) == (0, ALL)
    assert result.turns[4:] == ["+a", "-a"]


def test_no_arguments_at_all_run_the_folders_of_the_configuration(run: Run) -> None:
    result = run(ini="testpaths = quadrants\naddopts = -n=auto")
    assert (result.code, result.ran) == (0, ALL)
    assert sorted(result.imported.values()) == [["a"], ["b"], ["c"]]


@pytest.mark.parametrize("dist", ["each", "no"])
def test_every_dist_mode_of_xdist_runs_each_file_in_its_own_process(run: Run, dist: str) -> None:
    result = run("quadrants", "-n2", f"--dist={dist}")
    assert (result.code, result.ran) == (0, ALL)
    assert sorted(result.imported.values()) == [["a"], ["b"], ["c"]]


def test_one_file_alone_is_run_by_one_worker(run: Run) -> None:
    result = run("quadrants/test_b.py", "-n2")
    assert (result.code, result.ran, list(result.imported.values())) == (0, {"b": 4}, [["b"]])


def test_tests_named_one_by_one_are_run_in_the_workers_of_their_files(run: Run) -> None:
    result = run(
        "quadrants/test_b.py::test_it[2]",
        "quadrants/test_c.py::test_it[0]",
        "quadrants/test_b.py::test_it[3]",
        "-n4",
    )
    assert (result.code, result.ran) == (0, {"b": 2, "c": 1})
    assert sorted(result.imported.values()) == [["b"], ["c"]]


def test_a_test_that_does_not_exist_is_an_error_beside_the_others(run: Run) -> None:
    result = run("quadrants/test_a.py::test_none", "quadrants/test_b.py", "-n2")
    assert (result.code, result.outcomes) == (1, {"passed": 4, "errors": 1})
    assert "The worker of quadrants/test_a.py ended with 4 outside of any test" in result.output


def test_a_file_that_does_not_exist_ends_the_run(run: Run) -> None:
    result = run("quadrants/test_z.py", "quadrants/test_b.py", "-n2")
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "file or directory not found: quadrants/test_z.py" in result.output


def test_k_chooses_tests_in_each_worker(run: Run) -> None:
    result = run("quadrants", "-n2", "-k", "test_b or 3")
    assert (result.code, result.ran) == (0, {"a": 1, "b": 4, "c": 1})
    assert sorted(result.imported.values()) == [["a"], ["b"], ["c"]]


def test_m_and_deselect_choose_tests_in_each_worker(run: Run) -> None:
    result = run("quadrants", "-n2", "-mlast", "--deselect=quadrants/test_a.py::test_it[3]")
    assert (result.code, result.ran) == (0, {"b": 1, "c": 1})
    assert sorted(result.imported.values()) == [["a"], ["b"], ["c"]]


def test_k_that_chooses_nothing_ends_as_in_plain_pytest(run: Run) -> None:
    assert run("quadrants", "-n2", "-k", "nothing").code == pytest.ExitCode.NO_TESTS_COLLECTED


def test_ff_begins_with_what_failed_and_lf_runs_that_alone_and_then_all(run: Run) -> None:
    failed = run("quadrants", "-n2", fail="b:2")
    assert (failed.code, failed.outcomes) == (1, {"passed": 11, "failed": 1})
    again = run("quadrants", "-n2", "--ff", fail="b:2")
    assert (again.code, again.ran) == (1, ALL)
    assert [test for test in again.order if test[0] == "b"] == ["b:2", "b:0", "b:1", "b:3"]
    again = run("quadrants", "-n2", "--lf")
    assert (again.code, again.ran, list(again.imported.values())) == (0, {"b": 1}, [["b"]])
    assert run("quadrants", "-n2", "--lf").ran == ALL


def test_sw_goes_on_in_the_file_that_failed_and_runs_the_others_whole(run: Run) -> None:
    assert run("quadrants", "-n1", "--sw", fail="b:2").code == 2
    again = run("quadrants", "-n1", "--sw")
    assert (again.code, again.ran) == (0, {"a": 4, "b": 2, "c": 4})


def test_ignored_files_get_no_worker(run: Run) -> None:
    result = run("quadrants", "-n2", "--ignore=quadrants/test_a.py")
    assert (result.code, sorted(result.imported.values())) == (0, [["b"], ["c"]])


@pytest.mark.parametrize("way", [("-n0",), ("-nauto", "--pdb"), ("-pno:xdist",), ()])
def test_without_workers_one_file_runs_here(run: Run, way: tuple[str, ...]) -> None:
    result = run("quadrants/test_c.py", *way)
    assert (result.code, result.ran, list(result.imported.values())) == (0, {"c": 4}, [["c"]])


@pytest.mark.parametrize("way", [("-n0",), ("-nauto", "--pdb"), ("-pno:xdist",), ()])
def test_without_workers_several_files_are_refused(run: Run, way: tuple[str, ...]) -> None:
    result = run("quadrants", *way)
    assert (result.code, result.ran) == (pytest.ExitCode.USAGE_ERROR, {})
    assert "Run them with `pytest -n auto quadrants`, or one file at a time." in result.output


def test_without_xdist_what_the_configuration_says_of_it_is_left_out_too(run: Run) -> None:
    ini = "addopts = -n=auto"
    assert "unrecognized arguments: -n=auto" in run("quadrants", "-pno:xdist", ini=ini).output
    result = run("quadrants/test_c.py", "-pno:xdist", "-oaddopts=", ini=ini)
    assert (result.code, result.ran) == (0, {"c": 4})


def test_tx_by_hand_is_refused(run: Run) -> None:
    result = run("quadrants", "--tx=2*popen", "--dist=each")
    assert (result.code, result.ran) == (pytest.ExitCode.USAGE_ERROR, {})
    assert "use -n instead" in result.output


def test_collecting_only_lists_all_and_runs_nothing(run: Run) -> None:
    result = run("quadrants", "-n2", "--collect-only", "-q")
    assert (result.code, result.ran) == (0, {})
    assert result.output.count("::test_it[") == 12


def test_runs_without_a_file_of_the_folder_are_left_alone(
    run: Run, pytester: pytest.Pytester
) -> None:
    write_quadrants(pytester.mkdir("others"))
    result = run("others", "-n0")
    assert (result.code, result.outcomes) == (0, {"passed": 12})
    crashed = run("others", "-n1", crash="b:0")
    assert crashed.outcomes == {"failed": 1, "passed": 11}
    assert "Lost with it" not in crashed.output


def test_a_folder_outside_of_the_root_is_named_by_its_full_path(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytester.mkdir("root").joinpath("pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    result = run("quadrants", "-n0", "--rootdir=root", "-croot/pytest.ini", "--confcutdir=.")
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert f"Run them with `pytest -n auto {pytester.path / 'quadrants'}`" in result.output
