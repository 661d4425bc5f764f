"""The environment of a run: libraries of the time of the release, and nothing left behind."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tools.environments import resolver
from tools.environments.resolver import NoFitError, ResolverError
from tools.releases import versions
from tools.sweep import environment
from tools.sweep.environment import EnvironmentFailedError
from tools.sweep.plan import Task

LOCK = """\
boto3==1.20.0 \\
    --hash=sha256:aa
botocore==1.23.0 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
urllib3==1.26.7 \\
    --hash=sha256:dd
"""
TASK = Task("1.23.0", "1.23.0", "3.9", 1, motos=("5.1.22", "4.2.14"))


class FakeUv:
    """What resolves and installs here: keeps what it was asked for."""

    def __init__(self) -> None:
        self.uploaded: dt.date | None = dt.date(2021, 11, 10)
        self.unfit: set[str] = set()
        self.error: Exception | None = None
        self.status = 0
        self.compiled: list[tuple[str, list[str], tuple[str, ...]]] = []
        self.commands: list[list[str]] = []
        self.installed: dict[str, str] = {}

    def compile(self, lock: Path, requirements: list[str], *options: str) -> None:
        self.compiled.append((lock.name, requirements, options))
        if self.error:
            raise self.error
        if self.unfit & {*requirements}:
            raise NoFitError("They do not fit.")
        lock.write_text(LOCK)

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command[1:])
        for word in command:
            path = Path(word.removeprefix("--requirement="))
            if path.suffix == ".txt" and path.is_file():
                self.installed[path.name] = path.read_text()
        return subprocess.CompletedProcess(command, self.status, "", "error:  no\n  disk")


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    fake = FakeUv()
    monkeypatch.setattr(environment, "FOLDER", tmp_path / "runs")
    monkeypatch.setattr(resolver, "find_uv", lambda: "uv")
    monkeypatch.setattr(resolver, "compile_lock", fake.compile)
    monkeypatch.setattr(versions, "find_upload_date", lambda *_: fake.uploaded)
    monkeypatch.setattr(subprocess, "run", fake.run)
    return fake


def make(tmp_path: Path) -> Path:
    with environment.temporary(TASK, tmp_path / "wheel.txt") as folder:
        assert folder.is_dir()
    return folder


def test_the_client_gets_the_libraries_of_the_day_after_the_release(
    tmp_path: Path, uv: FakeUv
) -> None:
    folder = make(tmp_path)
    (client, (lock, both, options)) = uv.compiled
    assert client[1:] == (
        ["botocore==1.23.0", "boto3"],
        ("--python-version=3.9", "--exclude-newer=2021-11-11"),
    )
    assert lock == "botocore-1.23.0-py3.9.txt"
    assert options == ("--python-version=3.9", f"--constraints={folder / 'client.txt'}")
    assert both[0] == "botocore==1.23.0"
    assert both[-1] == "moto[s3]==5.1.22"


def test_an_index_that_tells_no_dates_gives_the_newest_libraries(
    tmp_path: Path, uv: FakeUv
) -> None:
    uv.uploaded = None
    make(tmp_path)
    ((_, _, options),) = uv.compiled
    assert options == ("--python-version=3.9",)


def test_an_older_moto_is_tried_and_then_none(tmp_path: Path, uv: FakeUv) -> None:
    uv.unfit = {"moto[s3]==5.1.22"}
    make(tmp_path)
    assert uv.compiled[-1][1][-1] == "moto[s3]==4.2.14"
    uv.unfit.add("moto[s3]==4.2.14")
    make(tmp_path)
    assert not [each for each in uv.compiled[-1][1] if each.startswith("moto")]


def test_versions_that_do_not_fit_even_without_moto_are_an_error(
    tmp_path: Path, uv: FakeUv
) -> None:
    uv.uploaded, uv.unfit = None, {"botocore==1.23.0"}
    with pytest.raises(EnvironmentFailedError, match="do not fit"):
        make(tmp_path)


def test_botocore_alone_is_installed_past_the_cache(tmp_path: Path, uv: FakeUv) -> None:
    folder = make(tmp_path)
    _, others, alone = uv.commands
    assert others[:3] == ["pip", "sync", "--require-hashes"]
    assert str(tmp_path / "wheel.txt") in others
    assert "--no-cache" not in others
    assert {"--no-deps", "--no-cache", f"--python={folder}"} <= {*alone}
    assert uv.installed["botocore.txt"].split()[0] == "botocore==1.23.0"
    assert uv.installed["botocore.txt"].count("--hash") == 2
    assert "botocore" not in uv.installed["others.txt"]
    assert uv.installed["others.txt"].count("--hash") == 2


@pytest.mark.parametrize("error", [ResolverError("No answer."), versions.ReleaseError("No date.")])
def test_an_index_that_gives_no_answer_is_an_error(
    tmp_path: Path, uv: FakeUv, error: Exception
) -> None:
    uv.error = error
    with pytest.raises(EnvironmentFailedError, match=str(error)):
        make(tmp_path)


def test_an_installation_that_fails_is_an_error_and_leaves_nothing(
    tmp_path: Path, uv: FakeUv
) -> None:
    uv.status = 2
    with pytest.raises(EnvironmentFailedError, match="uv venv failed: error: no disk"):
        make(tmp_path)
    assert [*(tmp_path / "runs").iterdir()] == []


@pytest.mark.usefixtures("uv")
def test_nothing_is_left_of_an_environment_nor_of_one_that_was_interrupted(tmp_path: Path) -> None:
    left = tmp_path / "runs" / "1.23.0-py3.9" / "lib" / "old"
    left.mkdir(parents=True)
    with environment.temporary(TASK, tmp_path / "wheel.txt") as folder:
        assert not left.exists()
    assert not folder.exists()


def test_the_interpreter_is_where_the_platform_has_it(tmp_path: Path) -> None:
    assert environment.python_of(tmp_path) == tmp_path / "bin" / "python"
    windows = tmp_path / "Scripts" / "python.exe"
    windows.parent.mkdir()
    windows.touch()
    assert environment.python_of(tmp_path) == windows
