"""The session runs what is not known yet, tells how far it is, and names what failed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tools.environments import install, store
from tools.environments.cells import Cell
from tools.results import compatibility, sweep_results
from tools.sweep import session as sweep
from tools.sweep.arguments import make_parser
from tools.sweep.environment import EnvironmentFailedError
from tools.sweep.plan import Task
from tools.sweep.runner import NotRunError, Runner

RELEASES = {"1.14.0": "1.14.0", "1.14.1": "1.14.1", "1.15.0": "1.15.0", "1.15.1": "1.15.1"}
CENSUS = {"releases": RELEASES, "classes": {name: {"digest": f"d{name}"} for name in RELEASES}}
SOURCES: Any = {"contract": "c1", "patch": "p1"}


class StopError(Exception):
    """The session ended with an error."""


class FakeSession:
    def __init__(self, *words: str) -> None:
        self.posargs = [*words]
        self.logged: list[str] = []

    def log(self, line: str) -> None:
        self.logged.append(line)

    def error(self, line: str) -> None:
        raise StopError(line)


def result(task: Task, *failed: str, **changes: Any) -> Any:
    return {
        "botocore": task.release,
        "urllib3": "1.26.7",
        "moto": None,
        "tests": 245,
        "failed": [*failed],
        "stock_fails": [],
        "date": "2026-01-02",
        **SOURCES,
        **changes,
    }


class Repository:
    """What is known in a checkout, and what the runs of a sweep end in."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.ran: list[str] = []
        self.digests: dict[str, str] = {}
        self.outcome: Callable[[Task], Any] = result
        (folder / "requirements").mkdir()
        self.write("requirements/census.json", CENSUS)
        self.write("requirements/proof.json", {"cells": [self.cell("1.14.0")]})

    def cell(self, release: str) -> dict[str, Any]:
        return {"python": "3.11", "botocore": release, "moto": "5.1", "boto3": "", "urllib3": ""}

    def write(self, name: str, content: Any) -> None:
        Path(name).write_text(json.dumps(content))

    def publish(self, *runs: Any) -> None:
        self.write("requirements/sweep.json", {"sources": SOURCES, "runs": [*runs]})

    def run(self, runner: Runner, task: Task) -> Any:
        self.ran.append(task.release)
        self.digests = dict(runner.digests)
        return self.outcome(task)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.chdir(tmp_path)
    made = Repository(tmp_path, monkeypatch)
    table = [Cell("3.11", "1.14.0"), Cell("3.11", "1.15.1")]
    monkeypatch.setattr(sweep, "SYNCHRONOUS", table)
    monkeypatch.setattr(sweep_results, "digest_sources", lambda *_: SOURCES)
    monkeypatch.setattr(install, "build_wheel", lambda _: Path("wheel.txt"))
    monkeypatch.setattr(store, "start", lambda _: "http://store")

    def run_task(runner: Runner, task: Task) -> Any:
        return made.run(runner, task)

    monkeypatch.setattr(Runner, "run", run_task)
    return made


def run(*words: str) -> list[str]:
    session: Any = FakeSession("--jobs", "1", *words)
    sweep.run(session)
    logged: list[str] = session.logged
    return logged


def test_the_classes_that_no_cell_has_are_run_and_each_run_has_a_line(
    repository: Repository,
) -> None:
    *lines, last = run()
    assert repository.ran == ["1.14.1", "1.15.0", "1.15.1"]
    assert repository.digests["1.15.0"] == "d1.15.0"
    assert lines[0].startswith("1 of 3, 0 failed, 0 s so far, about 0 s left: botocore 1.14.1 on")
    assert lines[2].startswith("3 of 3, 0 failed, 0 s so far: botocore 1.15.1 on Python 3.11: 245 ")
    assert last.startswith("All passed. `nox -s sweep -- --publish` writes requirements/sweep.json")


def test_what_is_published_or_was_run_here_is_not_run_again(repository: Repository) -> None:
    repository.publish(result(Task("1.14.1", "", "", 1)))
    sweep_results.write_build(result(Task("1.15.0", "", "", 1)))
    run()
    assert repository.ran == ["1.15.1"]
    sweep_results.write_build(result(Task("1.15.1", "", "", 1)))
    assert run() == ["Every class of this part was run."]


def test_what_failed_here_is_run_again_though_an_earlier_run_passed(repository: Repository) -> None:
    repository.publish(*(result(Task(name, "", "", 1)) for name in ("1.14.1", "1.15.0", "1.15.1")))
    sweep_results.write_build(result(Task("1.15.0", "", "", 1), "test_a"))
    run()
    assert repository.ran == ["1.15.0"]


def test_a_checkout_without_results_of_cells_is_an_error_of_one_sentence(
    repository: Repository,
) -> None:
    Path("requirements/proof.json").unlink()
    with pytest.raises(
        StopError, match=r"There is no requirements.proof\.json: run `nox -s matrix`"
    ):
        run()
    assert repository.ran == []


def test_what_failed_and_what_was_run_here_with_other_sources_is_run_again(
    repository: Repository,
) -> None:
    repository.publish(result(Task("1.14.1", "", "", 1), "test_a"))
    sweep_results.write_build(result(Task("1.15.0", "", "", 1), "test_a"))
    sweep_results.write_build(result(Task("1.15.1", "", "", 1), patch="p0"))
    run()
    assert repository.ran == ["1.14.1", "1.15.0", "1.15.1"]


def test_published_results_of_an_earlier_contract_are_run_again_on_demand(
    repository: Repository,
) -> None:
    repository.publish(
        result(Task("1.14.1", "", "", 1), contract="c0"), result(Task("1.15.0", "", "", 1))
    )
    run()
    run("--stale")
    assert repository.ran == ["1.15.1", "1.14.1", "1.15.1"]


def test_a_cell_that_failed_is_no_reason_to_leave_its_class_out(repository: Repository) -> None:
    cells = [repository.cell("1.14.0")]
    repository.write("requirements/proof.json", {"cells": cells, "failed": cells})
    run()
    assert repository.ran[0] == "1.14.0"


def test_the_class_of_a_cell_that_runs_a_part_of_the_contract_is_run(
    repository: Repository,
) -> None:
    repository.monkeypatch.setattr(sweep, "runs_whole_contract", lambda _: False)
    run()
    assert repository.ran[0] == "1.14.0"


def test_a_part_or_a_release_can_be_chosen(repository: Repository) -> None:
    run("--shard", "2/2")
    assert repository.ran == ["1.14.1", "1.15.1"]
    run("1.14.0")
    assert repository.ran[-1] == "1.14.0"
    with pytest.raises(StopError, match=r"No class of the sweep has botocore 1\.2\.3"):
        run("1.2.3")


def test_a_list_runs_nothing(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    run("--list", "1.15.0")
    assert capsys.readouterr().out == "botocore 1.15.0 on Python 3.11\n"
    assert repository.ran == []
    repository.publish(*(result(Task(each, "", "", 1)) for each in RELEASES))
    run("--list")
    assert capsys.readouterr().out == "Every class was run.\n"


def test_what_fails_does_not_stop_the_others_and_is_named_in_the_end(
    repository: Repository,
) -> None:
    def end(task: Task) -> Any:
        if task.release == "1.14.1":
            raise NotRunError("pytest ended with status 3")
        if task.release == "1.15.0":
            raise EnvironmentFailedError("no index")
        return result(task, *(f"test_{n}" for n in range(7)))

    repository.outcome = end
    session: Any = FakeSession("--jobs", "1")
    with pytest.raises(StopError) as stopped:
        sweep.run(session)
    assert session.logged[0].endswith("on Python 3.11: not run: pytest ended with status 3")
    assert session.logged[1].endswith("not run: no index")
    assert session.logged[2].endswith(
        "7 FAILED with urllib3 1.26.7, moto none: test_0, test_1, test_2, test_3, test_4, 2 more"
    )
    assert "3 of 3 releases failed: 1.14.1, 1.15.0, 1.15.1" in str(stopped.value)


def test_what_stock_botocore_fails_at_is_named_and_passes(repository: Repository) -> None:
    repository.outcome = lambda task: result(task, stock_fails=["select_object_content"])
    assert run("1.15.0")[0].endswith("; stock botocore fails at select_object_content")


def test_a_fault_of_the_tool_ends_the_sweep_at_once(repository: Repository) -> None:
    def end(_: Task) -> Any:
        raise LookupError("a fault")

    repository.outcome = end
    with pytest.raises(LookupError):
        run()


def test_to_publish_runs_nothing_and_names_what_changed(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep_results.write_build(result(Task("1.15.0", "", "", 1)))
    published: list[Any] = []

    def publish(_: Path, found: list[Any]) -> list[Path]:
        published.extend(found)
        return [Path("requirements/sweep.json")]

    monkeypatch.setattr(compatibility, "publish_sweep", publish)
    assert run("--publish") == ["Changed: requirements/sweep.json."]
    assert [each["botocore"] for each in published] == ["1.15.0"]
    assert repository.ran == []
    monkeypatch.setattr(compatibility, "publish_sweep", lambda *_: [])
    assert run("--publish") == ["Changed: nothing."]


@pytest.mark.usefixtures("repository")
def test_tasks_have_the_moto_of_the_cells() -> None:
    options = make_parser().parse_args(["1.15.0"])
    (task,) = sweep.find_tasks(options, CENSUS, SOURCES)
    assert task.motos == ("5.1",)
