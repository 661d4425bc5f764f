"""The server that forks workers: what a child is like, when it ends, and when there is none."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from botocore_redirect.testing.guards.subject import NONE, parse_subject
from botocore_redirect.testing.quadrants import launchers
from botocore_redirect.testing.quadrants.fork_server import NotNeutral, expect_no_patch
from botocore_redirect.testing.quadrants.launchers import ForkLauncher

pytestmark = pytest.mark.skipif(not launchers.CAN_FORK, reason="workers are forked on Linux alone")
_DESCRIBES_ITSELF = """
import json, os, sys
facts = {
    "process": [os.getpid(), os.getppid(), os.getsid(0)],
    "heard": sys.stdin.read(),
    "folder": os.getcwd(),
    "variable": os.environ.get("VARIABLE"),
    "arguments": sys.argv,
    "main": sorted(name for name in vars(sys.modules["__main__"]) if name[0] != "_"),
    "boto3": "boto3" in sys.modules,
    "caches": sys.dont_write_bytecode,
}
print(json.dumps(facts))
print("aside", file=sys.stderr)
"""
_WAITS = "import os, threading; print(os.getpid(), flush=True); threading.Event().wait()"


@pytest.fixture(scope="module")
def worker() -> Iterator[list[str]]:
    """The command line that stands in for an interpreter."""
    launcher = ForkLauncher([], NONE, required=True)
    yield shlex.split(launcher.start(2))
    launcher.stop()


def run(
    worker: list[str], code: str, *more: str, **settings: Any
) -> subprocess.CompletedProcess[str]:
    command = [*worker, "-u", "-B", "-c", code, *more]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, **settings
    )


def test_a_child_is_like_an_interpreter_but_for_what_it_has_imported(
    worker: list[str], tmp_path: Path
) -> None:
    settings = {"cwd": tmp_path, "env": {**os.environ, "VARIABLE": "x"}, "input": "word"}
    first, second = (run(worker, _DESCRIBES_ITSELF, "more", **settings) for _ in range(2))
    assert (first.returncode, first.stderr) == (0, "aside\n")
    facts, others = json.loads(first.stdout), json.loads(second.stdout)
    (process, parent, leads), (other, same, _) = facts.pop("process"), others.pop("process")
    assert (process, parent) == (leads, same)
    assert process != other
    assert (
        facts
        == others
        == {
            "heard": "word",
            "folder": str(tmp_path),
            "variable": "x",
            "boto3": True,
            "arguments": ["-c", "more"],
            "caches": True,
            "main": ["json", "os", "sys"],
        }
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", 0),
        ("raise SystemExit(7)", 7),
        ("import os; os._exit(3)", 3),
        ("import os; os.kill(os.getpid(), 9)", 137),
        ("0 / 0", 1),
    ],
)
def test_the_client_exits_with_the_status_of_its_child(
    worker: list[str], code: str, status: int
) -> None:
    assert run(worker, code).returncode == status


def waiting(worker: list[str]) -> subprocess.Popen[str]:
    client = subprocess.Popen([*worker, "-c", _WAITS], stdout=subprocess.PIPE, text=True)
    assert client.stdout
    assert client.stdout.readline()
    return client


def test_a_child_ends_with_its_client_and_the_others_do_not(worker: list[str]) -> None:
    with waiting(worker) as first, waiting(worker) as second:
        first.kill()
        first.communicate(timeout=30)  # to the end of what the child may write
        assert run(worker, "").returncode == 0
        assert second.poll() is None
        second.kill()


def test_children_end_with_the_server() -> None:
    launcher = ForkLauncher([], NONE)
    with waiting(shlex.split(launcher.start(2))) as client:
        launcher.stop()
        client.communicate(timeout=30)
        assert client.returncode == 1


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
         "there are 2 threads (MainThread, Thread-1"),
        ("import botocore_redirect.hooks.endpoint", "had been imported"),
        ("from botocore.endpoint import Endpoint; Endpoint.close = print", "Endpoint.close"),
        ("import boto3; client = boto3.client('s3', region_name='x'); client.close = len",
         "a client of s3.close is"),
        ("raise OSError('no such luck')", "no such luck"),
    ],
)  # fmt: skip
def test_a_server_that_is_not_neutral_forks_nothing_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, problem: str
) -> None:
    (tmp_path / "preloaded.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    launcher = ForkLauncher(["preloaded"], NONE)
    assert launcher.start(2) == ""
    assert problem in launcher.description


def test_a_server_that_is_required_and_not_neutral_is_an_error() -> None:
    with pytest.raises(NotNeutral, match="Workers cannot be forked: No module named 'nowhere'"):
        ForkLauncher(["nowhere"], NONE, required=True).start(2)


def test_workers_are_new_interpreters_if_the_server_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "preloaded.py").write_text("import os; os._exit(3)")
    monkeypatch.syspath_prepend(str(tmp_path))
    launcher = ForkLauncher(["preloaded"], NONE)
    assert launcher.start(2) == ""
    assert launcher.description == "new interpreters (the server that forks them ended)"


def test_a_server_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launchers, "_SECONDS", 0)  # it cannot be so quick
    launcher = ForkLauncher([], NONE)
    python = shlex.split(launcher.start(2))
    launcher.stop()
    assert run(python, "").returncode == 1
    assert not Path(python[-1]).parent.exists()


def test_for_a_single_worker_no_server_is_started() -> None:
    launcher = ForkLauncher([], NONE)
    assert (launcher.start(1), launcher.description) == ("", "new interpreters")


def test_the_patch_and_the_subject_may_not_be_inherited() -> None:
    subject = parse_subject("patching.at_import")
    kit = ["botocore_redirect", "botocore_redirect.testing.stores", "patching", "boto3"]
    expect_no_patch(subject, kit)
    for module in ("botocore_redirect.hooks.endpoint", "patching.at_import"):
        with pytest.raises(NotNeutral, match=f"{module} was imported"):
            expect_no_patch(subject, [*kit, module])
