"""A process per test file, beside files elsewhere in the same run: none is lost."""

from __future__ import annotations

import pytest

from isolation.workers.runs import ALL, Run, RunResult, write_quadrants

pytest_plugins = ["pytester", "isolation.workers.runs"]

BOTH = {**ALL, "d": 4, "e": 4}
_DOCTEST = ">>> 1\n{}\n"
_YAML = """
import pytest


class File(pytest.File):
    def collect(self):
        yield Item.from_parent(self, name="it")


class Item(pytest.Item):
    def runtest(self):
        assert not self.path.read_text()


def pytest_collect_file(file_path, parent):
    return File.from_parent(parent, path=file_path) if file_path.suffix == ".yaml" else None
"""


@pytest.fixture(autouse=True)
def _others(pytester: pytest.Pytester) -> None:
    write_quadrants(pytester.mkdir("others"), "de")


def files_by_process(result: RunResult) -> list[list[str]]:
    """Return the files that each process imported, for processes that imported a quadrant."""
    return sorted(files for files in result.imported.values() if {*files} & {*ALL})


@pytest.mark.parametrize("dist", ["load", "loadfile", "loadgroup", "worksteal"])
def test_files_elsewhere_are_run_by_other_workers(run: Run, dist: str) -> None:
    result = run(".", "-n2", f"--dist={dist}")
    assert (result.code, result.outcomes, result.ran) == (0, {"passed": 20}, BOTH)
    assert files_by_process(result) == [["a"], ["b"], ["c"]]
    assert "[100%]" in result.output


def test_each_of_the_other_workers_runs_them_where_that_was_asked_for(run: Run) -> None:
    result = run("quadrants", "others", "-n2", "--dist=each")
    assert (result.code, result.ran) == (0, {**ALL, "d": 8, "e": 8})
    assert files_by_process(result) == [["a"], ["b"], ["c"]]


def test_ordinary_workers_begin_and_files_follow_when_one_has_ended(run: Run) -> None:
    assert "".join(run("quadrants", "others", "-n1").order[:8])[::3] == "ddddeeee"


@pytest.mark.parametrize("words", [(".",), ("quadrants", "notes/test_it.txt")])
def test_doctests_in_text_files_are_run(
    run: Run, pytester: pytest.Pytester, words: tuple[str, ...]
) -> None:
    pytester.mkdir("notes").joinpath("test_it.txt").write_text(_DOCTEST.format(2), "utf-8")
    result = run(*words, "-n2")
    assert (result.code, result.outcomes["failed"]) == (1, 1)
    assert "FAILED notes/test_it.txt::test_it.txt" in result.output


def test_doctests_of_modules_are_run(run: Run, pytester: pytest.Pytester) -> None:
    source = f'"""\n{_DOCTEST.format(2)}"""\n'
    pytester.mkdir("src").joinpath("a.py").write_text(source, "utf-8")
    result = run("src", "quadrants/test_a.py", "-n2", "--doctest-modules")
    assert (result.code, result.outcomes, result.ran) == (1, {"passed": 4, "failed": 1}, {"a": 4})


@pytest.mark.parametrize("folder", ["quadrants", "others"])
def test_ordinary_workers_run_files_that_are_no_test_modules(
    run: Run, pytester: pytest.Pytester, folder: str
) -> None:
    pytester.makeconftest(pytester.path.joinpath("conftest.py").read_text("utf-8") + _YAML)
    pytester.path.joinpath(folder, "it.yaml").write_text("red", "utf-8")
    pytester.path.joinpath(folder, "test_it.txt").write_text(_DOCTEST.format(1), "utf-8")
    result = run("quadrants", folder, "-n2")
    assert (result.code, result.outcomes["failed"], result.ran.keys() >= ALL.keys()) == (1, 1, True)
    assert result.outcomes["passed"] == sum(result.ran.values()) + 1
    assert files_by_process(result) == [["a"], ["b"], ["c"]]


def test_a_crash_elsewhere_costs_one_test_and_one_in_a_quadrant_what_is_left_of_it(
    run: Run,
) -> None:
    result = run("quadrants", "others", "-n2", "--dist=load", crash="d:1 b:1")
    assert (result.code, result.outcomes) == (1, {"passed": 16, "failed": 2})
    assert result.ran == {**BOTH, "b": 2}
    assert result.output.count("Lost with it") == 1
    assert "Lost with it, as its file is not run again (2)" in result.output
    assert files_by_process(result) == [["a"], ["b"], ["c"]]


def test_ordinary_workers_that_never_collect_are_reported_once(run: Run) -> None:
    result = run("quadrants", "others", "-n2", crash="d:import")
    assert (result.code, result.outcomes, result.ran) == (1, {"passed": 12, "errors": 1}, ALL)
    message = "The worker of quadrants others crashed outside of any test: `pytest -n 0 quadrants"
    assert f"{message} others --ignore=quadrants` shows more." in result.output


def test_a_test_elsewhere_that_does_not_exist_is_an_error_beside_the_quadrants(run: Run) -> None:
    result = run("quadrants", "others/test_d.py::test_none", "-n2")
    assert (result.code, result.outcomes, result.ran) == (1, {"passed": 12, "errors": 1}, ALL)
    assert "ended with 4 outside of any test" in result.output


@pytest.mark.parametrize("way", ["-x", "--sw"])
def test_x_elsewhere_stops_the_quadrants_that_wait(run: Run, way: str) -> None:
    result = run("quadrants", "others", "-n1", way, fail="d:0")
    assert (result.code, result.outcomes["failed"], result.ran.keys() & ALL.keys()) == (2, 1, set())
    assert files_by_process(result) == []


def test_files_that_do_not_run_because_of_maxworkerrestart_are_errors(run: Run) -> None:
    result = run("quadrants", "-n1", "--max-worker-restart=0", crash="a:0")
    assert "was not run: no worker began with it." in result.output
    assert result.outcomes["failed"] == 1
    assert len(result.ran) + result.outcomes["errors"] == len(ALL)


def test_lf_runs_what_failed_wherever_it_was(run: Run) -> None:
    assert run("quadrants", "others", "-n2", fail=":1").code == 1
    again = run("quadrants", "others", "-n2", "--lf")
    assert (again.code, again.ran) == (0, dict.fromkeys("abcde", 1))


def test_lf_after_failures_in_files_that_were_not_asked_for_runs_all(run: Run) -> None:
    assert run("others", "-n2", fail="d:1").code == 1
    assert run("quadrants", "-n2", "--lf").ran == ALL
    assert run("quadrants", "others", "-n2", "--lf").ran == {"d": 1}


def test_a_run_of_other_files_alone_is_left_to_xdist(run: Run, pytester: pytest.Pytester) -> None:
    pytester.mkpydir("package").joinpath("test_f.py").write_text("def test_f(): pass\n", "utf-8")
    result = run("--pyargs", "package", "package.test_f", "others/test_d.py", "-n2", "-v")
    assert (result.code, result.ran) == (0, {"d": 4})
    assert "OneFileScheduler" not in result.output


def test_a_package_is_named_as_pytest_names_it(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "quadrants" / "__init__.py").touch()
    result = run("--pyargs", "quadrants.test_b", "others/test_d.py", "-n2")
    assert (result.code, result.ran, files_by_process(result)) == (0, {"b": 4, "d": 4}, [["b"]])
    missing = run("--pyargs", "quadrants.test_b", "nowhere", "not.there", "-n2")
    assert missing.code == pytest.ExitCode.USAGE_ERROR
    assert "file or directory not found: nowhere" in missing.output


def test_what_a_conftest_below_ignores_is_not_run(run: Run, pytester: pytest.Pytester) -> None:
    below = pytester.mkdir("quadrants/below")
    below.joinpath("conftest.py").write_text("collect_ignore = ['test_g.py']\n", "utf-8")
    write_quadrants(below, "gh")
    result = run("quadrants", "-n2")
    assert (result.code, result.outcomes) == (0, {"passed": 16})


@pytest.mark.parametrize("words", [["others"], ["others", "quadrants"]])
def test_there_may_be_several_folders(run: Run, words: list[str]) -> None:
    result = run(*words, "-n2", ini="folders = quadrants others")
    files = [name for word in words for name in {"others": "de", "quadrants": "abc"}[word]]
    assert (result.code, result.ran) == (0, dict.fromkeys(files, 4))
    assert sorted(result.imported.values()) == sorted([name] for name in files)
