"""The suites in random order: all files, each round another order, and the same again by seed."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import nox
import pytest
from tools.sessions import shuffle

ROOT = Path(__file__).parents[4]


class Session:
    """As much of a nox session as runs rounds: each is green, but for the one that is to fail."""

    def __init__(self, *words: str, red: int = -1) -> None:
        self.posargs = [*words]
        self.red = red
        self.ran: list[tuple[str, ...]] = []
        self.said: list[str] = []

    def run(self, *command: str, silent: bool) -> None:
        assert silent
        self.ran.append(command)
        if len(self.ran) == self.red:
            raise nox.command.CommandFailed

    def log(self, said: str) -> None:
        self.said.append(said)

    def error(self, said: str) -> None:
        raise RuntimeError(said)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for suite in shuffle.SUITES:
        (tmp_path / suite).mkdir(parents=True)
    for folder in ("patch", "requirements", "tools", "docs", ".github"):
        (tmp_path / folder).mkdir()
    for file in ("pyproject.toml", "noxfile.py", "README.md", "CONTRIBUTING.md"):
        (tmp_path / file).touch()
    (tmp_path / "tests/wire/test_a.py").touch()
    return tmp_path


def _run(*words: str, red: int = -1) -> Session:
    session = Session("--seed=5", *words, red=red)
    shuffle.run(cast("nox.Session", session))
    return session


def _files(arguments: list[str]) -> list[str]:
    return [argument for argument in arguments if argument.endswith(".py")]


def test_a_round_holds_every_test_file_once_but_those_of_another_environment() -> None:
    chosen = [name for each in shuffle.make_round_arguments(ROOT, 1) for name in _files(each)]
    files = {path.as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    own_names = ("asynchronous", "cli", "crt", "guards", "programs", "workers")
    own = [ROOT / "tests" / name for name in own_names]
    others = {path.as_posix() for folder in own for path in folder.rglob("test_*.py")}
    assert sorted(chosen) == sorted(files - others)


def test_a_round_runs_each_suite_by_itself() -> None:
    for arguments in shuffle.make_round_arguments(ROOT, 1):
        suites = {Path(name).relative_to(ROOT).parts[:2] for name in _files(arguments)}
        assert len(suites) == 1


def test_the_seed_decides_the_order() -> None:
    first, again, other = (list(shuffle.make_round_arguments(ROOT, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.usefixtures("checkout")
def test_rounds_that_were_interrupted_go_on() -> None:
    with pytest.raises(
        RuntimeError, match=r"Round 3 of 4 \(seed 7\): red\. Repeat it: .*--seed 7 "
    ):
        _run("--rounds=4", red=3)
    session = _run("--rounds=4")
    assert len(session.ran) == 2
    assert ["was green" in said for said in session.said] == [True, True, False, False]


@pytest.mark.usefixtures("checkout")
def test_rounds_of_other_suites_are_run() -> None:
    _run("--rounds=1")
    assert len(_run("--rounds=1", "tests/wire").ran) == 1
    assert not _run("--rounds=1").ran


@pytest.mark.parametrize(
    "changed",
    [
        *("tests/wire/test_a.py", "patch/a.py", "tools/a.py", "requirements/a.txt", "docs/a.md"),
        *(".github/a.yml", "pyproject.toml", "noxfile.py", "README.md", "CONTRIBUTING.md"),
    ],
)
def test_rounds_are_run_again_if_something_that_the_tests_use_has_changed(
    checkout: Path, changed: str
) -> None:
    _run("--rounds=1")
    assert not _run("--rounds=1").ran
    (checkout / changed).write_text("changed")
    assert len(_run("--rounds=1").ran) == 1


@pytest.mark.parametrize("number", ["0", "-1"])
def test_a_number_of_rounds_below_one_is_refused(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        _run(f"--rounds={number}")
    assert f"'{number}' is not a number of 1 or more" in capsys.readouterr().err
