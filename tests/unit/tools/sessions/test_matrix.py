"""What follows `--` for a cell: options of pytest, and packages that a subject needs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, NoReturn, cast

import nox
import pytest
from tools.environments import install, resolver, variables
from tools.sessions.matrix import CellOptions

LOCK = Path("requirements/cells/some.txt")


class SessionError(Exception):
    """What a session of nox ends in."""


class Session:
    """As much of a nox session as says what is wrong."""

    def error(self, message: str) -> NoReturn:
        raise SessionError(message)


def test_without_arguments_the_cell_is_as_it_is_and_its_record_is_kept() -> None:
    assert not CellOptions.parse([]).is_custom
    assert CellOptions.parse(["--fresh"]) == CellOptions(fresh=True, packages=[], pytest_options=[])
    assert not CellOptions.parse(["--fresh"]).is_custom


def test_packages_are_for_the_environment_and_all_else_is_for_pytest() -> None:
    options = CellOptions.parse(
        ["--subject", "x.y", "--with", "x[all]", "-k", "get_object", "--with=z", "-x", "a.py"]
    )
    assert options.packages == ["x[all]", "z"]
    assert options.pytest_options == ["--subject", "x.y", "-k", "get_object", "-x", "a.py"]


@pytest.mark.parametrize("words", [["--with", "x"], ["-x"], ["--subject=none"]])
def test_a_run_with_options_or_packages_leaves_no_record(words: list[str]) -> None:
    assert CellOptions.parse(words).is_custom


def test_a_run_with_the_new_retries_of_botocore_leaves_no_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(variables.NEW_RETRIES, "true")
    assert CellOptions.parse([]).is_custom


def test_a_package_that_was_left_out_is_asked_for() -> None:
    with pytest.raises(ValueError, match="expected one argument: write --with PACKAGE"):
        CellOptions.parse(["--subject", "x", "--with"])


def test_options_are_not_abbreviated() -> None:
    assert CellOptions.parse(["--wit", "x"]).packages == []


@pytest.fixture
def uv(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Note what uv is asked for; it knows no `missing`."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command[1:])
        missing = "missing" in command
        said = "  error: No solution found:\n    Because missing\n was not found\n"
        return subprocess.CompletedProcess(command, int(missing), "", said if missing else "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(resolver, "find_uv", lambda: "uv")
    return asked


def test_packages_are_added_beside_what_the_lock_pins(uv: list[list[str]], tmp_path: Path) -> None:
    install.add_packages(cast("nox.Session", Session()), tmp_path, LOCK, ["one", "two[extra]"])
    (command,) = uv
    assert command[:2] == ["pip", "install"]
    assert {f"--python={tmp_path}", f"--constraints={LOCK}"} <= {*command}
    assert command[-2:] == ["one", "two[extra]"]


def test_an_environment_with_more_than_its_lock_is_brought_back_the_next_time(
    uv: list[list[str]], tmp_path: Path
) -> None:
    stamp = tmp_path / install._STAMP
    stamp.write_text("as the lock says")
    install.add_packages(cast("nox.Session", Session()), tmp_path, LOCK, ["one"])
    assert uv
    assert not stamp.exists()


@pytest.mark.usefixtures("uv")
def test_a_package_that_cannot_be_had_ends_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SessionError) as refused:
        install.add_packages(cast("nox.Session", Session()), tmp_path, LOCK, ["one", "missing"])
    assert str(refused.value) == (
        f"one and missing cannot be installed beside what {LOCK} pins:"
        " No solution found: Because missing was not found"
    )
