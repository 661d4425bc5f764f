"""One run of a sweep ends in a result that is kept, or in a reason."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tools.results import contract_results
from tools.sweep import environment, runner
from tools.sweep.plan import Task
from tools.sweep.runner import NotRunError, Runner

from botocore_redirect.commands import source_digests

TASK = Task("1.23.0", "1.22.9", "3.9", 2)
QUADRANTS = [
    {"file": f"test_{n}.py", "patched": n > 1, "redirects": bool(n % 2), "store": "sockets"}
    for n in range(4)
]


def contract(outcome: str = "passed", botocore: str = "1.23.0") -> Any:
    tests = {"test_it[get_object-sockets]": "passed", "test_it[put_object-sockets]": "passed"}
    quadrants = [{**each, "outcome": "passed", "tests": {**tests}} for each in QUADRANTS]
    quadrants[-1]["tests"] = {**tests, "test_it[put_object-sockets]": outcome}
    return {
        "python": "3.9.18",
        "versions": {"botocore": botocore, "boto3": "1.20.0", "urllib3": "1.26.7"},
        "quadrants": [{**each, "failures": []} for each in quadrants],
    }


class Machine:
    """How the contract ends here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digest = "known"
        self.contract: Any = contract()
        self.timeout = False
        self.command: list[str] = []
        self.environment: dict[str, str] = {}

    @contextmanager
    def temporary(self, *_: object) -> Iterator[Path]:
        (self.folder / "lib" / "python3.9" / "site-packages" / "botocore").mkdir(parents=True)
        yield self.folder

    def run(
        self, command: list[str], env: dict[str, str], **_: Any
    ) -> subprocess.CompletedProcess[str]:
        self.command, self.environment = command, env
        if self.timeout:
            raise subprocess.TimeoutExpired(command, 900)
        return subprocess.CompletedProcess(command, 3, "what pytest said")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path / "environment")
    monkeypatch.setattr(environment, "temporary", machine.temporary)
    monkeypatch.setattr(subprocess, "run", machine.run)
    monkeypatch.setattr(contract_results, "read_report", lambda _: machine.contract)
    monkeypatch.setattr(
        source_digests, "digest_folder", lambda _: SimpleNamespace(digest=machine.digest)
    )
    return machine


@pytest.fixture
def running(tmp_path: Path, machine: Machine) -> Runner:  # noqa: ARG001 - it must be there
    sources: Any = {"contract": "c1", "patch": "p1"}
    digests = {"1.22.9": "known"}
    return Runner(tmp_path / "wheel.txt", "http://store", sources, digests, tmp_path / "build")


def test_a_run_that_passed_keeps_its_result_and_no_output(
    tmp_path: Path, machine: Machine, running: Runner
) -> None:
    result = running.run(TASK)
    assert (result["botocore"], result["tests"], result["failed"]) == ("1.23.0", 8, [])
    assert (result["contract"], result["patch"]) == ("c1", "p1")
    (kept,) = (tmp_path / "build").iterdir()
    assert json.loads(kept.read_text()) == result
    assert machine.command[0] == str(machine.folder / "bin" / "python")
    assert machine.environment["BOTOCORE_REDIRECT_STORE"] == "http://store"


def test_a_run_that_failed_keeps_its_output_until_it_passes(
    tmp_path: Path, machine: Machine, running: Runner
) -> None:
    machine.contract = contract("failed")
    assert running.run(TASK)["failed"] == ["test_3.py::test_it[put_object-sockets]"]
    log = tmp_path / "build" / "1.23.0.log"
    assert log.read_text() == "what pytest said"
    machine.contract = contract()
    machine.folder = tmp_path / "another"
    running.run(TASK)
    assert not log.exists()


def test_a_contract_without_a_report_is_no_result(
    tmp_path: Path, machine: Machine, running: Runner
) -> None:
    machine.contract = None
    with pytest.raises(NotRunError, match=r"ended with status 3: see .*1\.23\.0\.log"):
        running.run(TASK)
    assert [file.name for file in (tmp_path / "build").iterdir()] == ["1.23.0.log"]


def test_code_that_the_census_does_not_know_is_not_run(machine: Machine, running: Runner) -> None:
    machine.digest = "other"
    with pytest.raises(NotRunError, match=r"not that of botocore 1\.23\.0 in the census"):
        running.run(TASK)
    assert machine.command == []


def test_a_contract_that_does_not_end_is_no_result(machine: Machine, running: Runner) -> None:
    machine.timeout = True
    with pytest.raises(NotRunError, match=f"did not end within {runner._SECONDS} seconds"):
        running.run(TASK)


def test_another_release_than_the_one_to_run_is_no_result(
    machine: Machine, running: Runner
) -> None:
    machine.contract = contract(botocore="1.44.0")
    with pytest.raises(NotRunError, match=r"ran with botocore 1\.44\.0"):
        running.run(TASK)
