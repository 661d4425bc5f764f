"""A process per test file: the run buttons of VS Code and PyCharm.

What they do is imitated from their public sources, as far as pytest sees it: who starts pytest,
with which words, from which folder, with which plugin. There is no debugger, no pipe to the window
(vscode_pytest) and no TeamCity messages (PyCharm): what they would be told is written to a file.

- VS Code runs `pytest -p vscode_pytest ARGUMENTS --rootdir=WORKSPACE IDS` in the workspace, with an
  absolute id for every test that was chosen, also for a file or a folder. It lowers `-n auto` to
  their number, and one worker to none. To debug, it adds `--capture=no`.
- PyCharm calls `pytest.main` with an absolute path or id, `--no-header --no-summary -q` and a
  plugin that is an object, in the folder of the file.
"""

from __future__ import annotations

import pytest

from isolation.workers.runs import ALL, FILES, Run

pytest_plugins = ["pytester", "isolation.workers.runs"]

_TOLD = """
from pathlib import Path

TOLD = Path(__file__).parent / "told.txt"


def tell(report):
    if report.when == "call":
        with TOLD.open("a") as told:
            told.write(f"{report.nodeid} {report.outcome}\\n")
"""

_VS_CODE = """
import pytest
from told import tell


class Fewer:
    @pytest.hookimpl(hookwrapper=True)
    def pytest_xdist_auto_num_workers(self, config):
        outcome = yield
        number = min(outcome.get_result(), len(config.option.file_or_dir))
        outcome.force_result(0 if number == 1 else number)


def pytest_plugin_registered(plugin, manager):
    if manager.hasplugin("xdist") and not manager.hasplugin("fewer") and type(plugin) is not Fewer:
        manager.register(Fewer(), name="fewer")


def pytest_runtest_logreport(report):
    tell(report)
"""

_PYCHARM = """
import os
import sys

import pytest
from told import tell


class Plugin:
    @staticmethod
    def pytest_runtest_logreport(report):
        tell(report)


folder, *words = sys.argv[1:]
os.chdir(folder)
sys.exit(pytest.main([*words, "--no-header", "--no-summary", "-q"], [Plugin]))
"""

VS_CODE, PYCHARM = "-mpytest", "pycharm.py"


@pytest.fixture(autouse=True)
def _ides(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(told=_TOLD, vscode_pytest=_VS_CODE, pycharm=_PYCHARM)


def told(pytester: pytest.Pytester) -> list[str]:
    """Return what a window would show: tests, and how they ended."""
    lines = (pytester.path / "told.txt").read_text("utf-8").splitlines()
    # Workers have VS Code's plugin as well, and say the same once more.
    return sorted(
        {line.replace("quadrants/test_", "").replace(".py::test_it", "") for line in lines}
    )


def vs_code(pytester: pytest.Pytester, tests: str, *more: str) -> list[str]:
    folder = pytester.path / "quadrants"
    ids = [f"{folder}/test_{test[0]}.py::test_it[{test[1]}]" for test in tests.split()]
    return ["-pvscode_pytest", *more, f"--rootdir={pytester.path}", *ids]


@pytest.mark.parametrize("more", [(), ("--capture=no", "-nauto")])
def test_vs_code_runs_and_debugs_one_test_in_its_own_process(
    run: Run, pytester: pytest.Pytester, more: tuple[str, ...]
) -> None:
    result = run(*vs_code(pytester, "b2", *more), script=VS_CODE)
    assert (result.code, result.order, list(result.imported.values())) == (0, ["b:2"], [["b"]])
    assert "worker" not in result.output
    assert told(pytester) == ["b[2] passed"]


def test_vs_code_runs_several_tests_of_a_file_in_one_worker(
    run: Run, pytester: pytest.Pytester
) -> None:
    result = run(*vs_code(pytester, "b0 b1 b2 b3", "-nauto"), script=VS_CODE, fail="b:1")
    assert (result.code, result.ran, list(result.imported.values())) == (1, {"b": 4}, [["b"]])
    assert told(pytester) == ["b[0] passed", "b[1] failed", "b[2] passed", "b[3] passed"]


def test_vs_code_runs_a_folder_with_a_worker_for_each_file(
    run: Run, pytester: pytest.Pytester
) -> None:
    tests = [f"{file}{number}" for file in FILES for number in range(4)]
    result = run(*vs_code(pytester, " ".join(tests), "-nauto"), script=VS_CODE)
    assert (result.code, result.ran) == (0, ALL)
    assert sorted(result.imported.values()) == [["a"], ["b"], ["c"]]
    assert told(pytester) == [f"{test[0]}[{test[1]}] passed" for test in tests]


def test_vs_code_without_workers_is_refused_several_files(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "1")  # which VS Code lowers to none
    result = run(*vs_code(pytester, "a0 b0", "-nauto"), script=VS_CODE)
    assert (result.code, result.ran) == (pytest.ExitCode.USAGE_ERROR, {})
    assert "Run them with `pytest -n auto quadrants`, or one file at a time." in result.output


@pytest.mark.parametrize(
    ("what", "ran", "workers"), [("test_b.py", 4, ["-nauto"]), ("test_b.py::test_it[2]", 1, [])]
)
def test_pycharm_runs_a_file_or_a_test(
    run: Run, pytester: pytest.Pytester, what: str, ran: int, workers: list[str]
) -> None:
    folder = f"{pytester.path}/quadrants"
    result = run(folder, f"{folder}/{what}", *workers, script=PYCHARM)
    assert (result.code, result.ran, list(result.imported.values())) == (0, {"b": ran}, [["b"]])
    assert len(told(pytester)) == ran


def test_pycharm_runs_a_folder_with_a_worker_for_each_file(
    run: Run, pytester: pytest.Pytester
) -> None:
    folder = f"{pytester.path}/quadrants"
    result = run(folder, folder, "-nauto", script=PYCHARM, crash="b:3")
    assert (result.code, result.ran) == (1, ALL)
    assert sorted(result.imported.values()) == [["a"], ["b"], ["c"]]
    assert "b[2] passed" in told(pytester)


def test_pycharm_without_workers_is_refused_a_folder(run: Run, pytester: pytest.Pytester) -> None:
    folder = f"{pytester.path}/quadrants"
    result = run(folder, folder, script=PYCHARM)
    assert (result.code, result.ran) == (pytest.ExitCode.USAGE_ERROR, {})
    assert "Run them with `pytest -n auto quadrants`" in result.output
