"""One probe of a bisection: its environment, its run, and what it makes of either."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, cast

import nox
import pytest
from nox.command import CommandFailed
from tools.bisect import probe, search
from tools.bisect.arguments import make_parser
from tools.bisect.search import BisectError
from tools.environments import install, resolver, store
from tools.releases import versions

REPORT = """<testsuites><testsuite time="1.5"><testcase
 classname="tests.matrix.test_a" name="test_it[sockets]" time="1.25" /></testsuite></testsuites>"""
NOTHING = '<testsuites><testsuite time="0.1" /></testsuites>'


class Machine:
    """What a probe finds on this machine, and how the programs that it runs end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.has_python = True
        self.importing = (0, "", "")
        self.contract: tuple[int, str, str] = (0, "", "")
        self.report = REPORT
        self.locked: list[str] = []
        self.logged: list[str] = []
        self.posargs: list[str] = []

    def log(self, message: str) -> None:
        self.logged.append(message)

    def create_tmp(self) -> str:
        return str(self.folder)

    def create(self, *_: object) -> None:
        if not self.has_python:
            raise CommandFailed

    def compile(self, lock: Path, requirements: list[str], *_: str) -> None:
        (pin,) = [each for each in requirements if each.startswith("botocore==")]
        old = lock.read_text() if lock.exists() else ""
        self.locked.append(old)
        lock.write_text(f"{pin} \\\nurllib3==2.{len(self.locked)} \\\njmespath==1.0\n")

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        if "pytest" in command:
            if self.report:
                (self.folder / "contract.xml").write_text(self.report)
            ended = self.contract
        else:
            ended = self.importing
        return subprocess.CompletedProcess(command, *ended)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(install, "create", machine.create)
    monkeypatch.setattr(install, "install", lambda *_: None)
    monkeypatch.setattr(install, "find_program", lambda *_: "python")
    monkeypatch.setattr(resolver, "compile_lock", machine.compile)
    monkeypatch.setattr(store, "start", lambda _: "http://store")
    monkeypatch.setattr(subprocess, "run", machine.run)
    return machine


def prober(machine: Machine, *words: str) -> probe.Prober:
    options = make_parser().parse_args(["--good=1.29.24", "--bad=1.40.0", *words])
    return probe.Prober(cast("nox.Session", machine), options)


def test_the_outcomes_of_passed_and_failed_runs_are_read(machine: Machine) -> None:
    for status in (0, 1):
        machine.contract = (status, "", "")
        assert prober(machine)("1.30.0") == {"sockets test_a.py::test_it[sockets]": "passed"}


def test_a_release_that_cannot_be_imported_ends_the_search_with_its_error(
    machine: Machine,
) -> None:
    machine.importing = (1, "", "Traceback\n  ...\nImportError: no cgi\n")
    with pytest.raises(
        BisectError, match=r"1\.30\.0 does not run on Python 3\.11: ImportError: no cgi"
    ):
        prober(machine)("1.30.0")


def test_a_missing_python_is_an_error(machine: Machine) -> None:
    machine.has_python = False
    with pytest.raises(BisectError, match=r"no Python 3\.13 here.* another with --python"):
        prober(machine, "--python=3.13")("1.30.0")


def test_a_contract_that_did_not_run_says_why(machine: Machine) -> None:
    machine.contract = (4, "", "There is no such store.")
    with pytest.raises(BisectError, match=r"did not run on .*: There is no such store\."):
        prober(machine)("1.30.0")
    machine.contract, machine.report = (0, "", ""), ""
    with pytest.raises(BisectError, match="exit status 0"):
        prober(machine)("1.30.0")


def test_the_result_of_an_earlier_run_is_not_used(machine: Machine) -> None:
    probing = prober(machine)
    probing("1.30.0")
    machine.report = ""
    with pytest.raises(BisectError, match="did not run"):
        probing("1.31.0")


def test_an_expression_that_selects_no_test_is_an_error(machine: Machine) -> None:
    machine.contract, machine.report = (5, "", ""), NOTHING
    with pytest.raises(BisectError, match="'nothing' selects no test"):
        prober(machine, "-k", "nothing")("1.30.0")


def test_later_environments_are_like_the_first_in_all_but_botocore(machine: Machine) -> None:
    probing = prober(machine)
    for release in ("1.30.0", "1.31.0", "1.30.0"):
        probing(release)
    first, second = machine.locked  # the third is the first again, whose environment is there
    assert first == ""
    assert "botocore==1.30.0" in second


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ([], "BOTOCORE_VERSION=1.35.45 nox -s matrix"),
        (["-k", "put"], "BOTOCORE_VERSION=1.35.45 nox -s matrix -- -k 'put'"),
        (
            ["--python=3.13", "--store=all", "-k", "put"],
            "BOTOCORE_VERSION=1.35.45 MATRIX_PYTHON=3.13 nox -s matrix -- --store=all -k 'put'",
        ),
    ],
)
def test_the_command_in_the_answer_has_the_python_and_the_store_that_were_given(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, words: list[str], command: str
) -> None:
    machine.posargs = ["--good=1.35.44", "--bad=1.35.45", *words]
    found = search.Found("1.35.44", "1.35.45", {"test_put": ("passed", "failed")})
    monkeypatch.setattr(versions, "list_recorded", lambda _: ["1.35.44", "1.35.45"])
    monkeypatch.setattr(search, "search", lambda *_: found)
    probe.run(cast("nox.Session", machine))
    assert machine.logged[-1].splitlines()[-1] == f"To see it: {command}"
