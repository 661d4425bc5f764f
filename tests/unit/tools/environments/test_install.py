"""An environment is brought to its lock once, and again when that changes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import nox
import pytest
from tools.environments import install


class Session:
    """As much of a nox session as installs things."""

    def __init__(self, answer: str | None = "") -> None:
        self.answer = answer
        self.installed: list[str] = []

    def run_install(self, *command: str, **_: Any) -> str | None:
        self.installed.append(command[-1])
        return self.answer


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("env").mkdir()
    Path("lock.txt").write_text("botocore==1.40.0\n")
    return Path("lock.txt")


def sync(session: Session, lock: Path) -> None:
    install.sync(cast("nox.Session", session), Path("env"), lock)


def test_an_environment_that_matches_its_lock_is_not_changed(lock: Path) -> None:
    session = Session()
    sync(session, lock)
    sync(session, lock)
    assert session.installed == ["lock.txt"]


def test_a_lock_that_changed_is_installed(lock: Path) -> None:
    session = Session()
    sync(session, lock)
    lock.write_text("botocore==1.40.1\n")
    sync(session, lock)
    assert session.installed == ["lock.txt"] * 2


def test_a_skipped_install_does_not_count_as_installed(lock: Path) -> None:
    sync(Session(answer=None), lock)  # as `nox -R` does
    session = Session()
    sync(session, lock)
    assert session.installed == ["lock.txt"]


def test_a_failed_install_is_repeated(lock: Path) -> None:
    class Failing(Session):
        def run_install(self, *_: str, **__: Any) -> str | None:
            raise RuntimeError

    first = Session()
    sync(first, lock)
    lock.write_text("botocore==9.9.9\n")
    with pytest.raises(RuntimeError):
        sync(Failing(), lock)
    lock.write_text("botocore==1.40.0\n")
    sync(first, lock)
    assert first.installed == ["lock.txt"] * 2


def test_packages_are_added_to_what_the_lock_pins_and_the_other_arguments_are_returned(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[Any, ...]] = []
    monkeypatch.setattr(install, "install", lambda _, *what: done.append(what))
    monkeypatch.setattr(install, "add_packages", lambda _, *what: done.append(what))
    words = ["--sample", "10", "--with", "./mine", "--with=other", "--json", "x"]
    session: Any = SimpleNamespace(posargs=words, env_dir=Path("env"))
    assert install.install_with(session, lock) == ["--sample", "10", "--json", "x"]
    assert done == [(Path("env"), lock), (Path("env"), lock, ["./mine", "other"])]


def test_a_package_that_was_left_out_is_asked_for(lock: Path) -> None:
    def error(message: str) -> NoReturn:
        raise RuntimeError(message)

    session: Any = SimpleNamespace(posargs=["-x", "--with"], error=error)
    with pytest.raises(RuntimeError, match=r"expected one argument: write --with PACKAGE for"):
        install.install_with(session, lock)


def test_without_packages_nothing_is_added(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "install", lambda *_: None)
    monkeypatch.setattr(install, "add_packages", lambda *_: pytest.fail("nothing was asked for"))
    session: Any = SimpleNamespace(posargs=["-x"], env_dir=Path("env"))
    assert install.install_with(session, lock) == ["-x"]
