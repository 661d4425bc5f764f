"""The runner of the quadrants: a process for each, whatever becomes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from matrix.warm import expect_neutral

TESTS = Path(__file__).parents[2]
ISOLATIONS = ["fork", "fresh"] if hasattr(os, "fork") else ["fresh"]
PASSES = "def test_passes(): pass\n"
CONFTEST = """
def pytest_addoption(parser):
    parser.addoption("--store")
"""
# What the files of the real matrix run under.
GUARDED = 'pytest_plugins = ["matrix.conftest"]\n'
WRITES_ITS_PID = """
import os, pathlib
def test_pid(request):
    name = f"{pathlib.Path(__file__).stem}-{request.config.getoption('--store')}.pid"
    pathlib.Path(__file__).with_name(name).write_text(f"{os.getpid()} {os.getppid()}")
"""
FAILS = """
import pytest
@pytest.mark.parametrize("word", ["right", "wrong"])
def test_word(word):
    print("said aloud")
    assert word == "right", "not the right word"
"""
DEATHS = {
    "exits": ("os._exit(0)", "exit status 0"),
    "exits_with_an_error": ("os._exit(7)", "exit status 7"),
    **({"is_killed": ("os.kill(os.getpid(), 9)", "signal SIGKILL")} if len(ISOLATIONS) > 1 else {}),
}
DIES = """
import os
def test_lives(): pass
def test_dies(): {}
def test_next(): pass
"""


@pytest.fixture(params=ISOLATIONS, scope="module")
def isolation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    return tmp_path


@pytest.fixture(scope="module")
def mixed(isolation: str, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of many files, of which some pass."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "conftest.py").write_text(CONFTEST)
    write(
        folder,
        noredirect_unpatched=PASSES,
        noredirect_patched=PASSES,
        redirects_patched=FAILS,
        redirects_unpatched="import no_such_module\n",
        **{f"patched_{name}": DIES.format(death) for name, (death, _) in DEATHS.items()},
    )
    return run(folder, isolation)


class Ran:
    def __init__(self, done: subprocess.CompletedProcess[str], report: Path) -> None:
        self.status = done.returncode
        self.output = done.stdout + done.stderr
        self.report: dict[str, Any] = json.loads(report.read_text()) if report.exists() else {}

    def quadrant(self, file: str, store: str = "sockets") -> dict[str, Any]:
        (found,) = (
            quadrant
            for quadrant in self.report["quadrants"]
            if (quadrant["file"], quadrant["store"]) == (file, store)
        )
        return dict(found)


def run(folder: Path, isolation: str, *arguments: str, store: str = "sockets") -> Ran:
    report = folder / "report.json"
    command = [sys.executable, "-m", "matrix", f"--isolation={isolation}", f"--store={store}"]
    done = subprocess.run(
        [*command, f"--json={report}", str(folder), *arguments],
        cwd=TESTS,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Ran(done, report)


def environment() -> Mapping[str, str]:
    # Nothing here talks to a store; naming one keeps the runner from starting its own.
    path = os.pathsep.join(filter(None, sys.path))
    return {**os.environ, "BOTOCORE_REDIRECT_STORE": "http://127.0.0.1:9", "PYTHONPATH": path}


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)


def test_each_file_has_a_process_of_its_own_on_each_store(folder: Path, isolation: str) -> None:
    write(folder, noredirect_unpatched=WRITES_ITS_PID, redirects_patched=WRITES_ITS_PID)
    ran = run(folder, isolation, "--jobs=1", store="all")
    assert ran.status == 0, ran.output
    pids = [path.read_text().split()[0] for path in folder.glob("*.pid")]
    assert len(pids) == 4
    assert len(set(pids)) == 4


def test_a_run_is_described_in_json(mixed: Ran, isolation: str) -> None:
    report = mixed.report
    assert report["isolation"] == isolation
    assert report["python"].startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")
    assert report["versions"]["pytest"] == pytest.__version__
    quadrant = mixed.quadrant("test_noredirect_patched.py")
    assert quadrant.pop("seconds") > 0
    assert quadrant.pop("cpu_seconds") > 0
    assert quadrant == {
        "file": "test_noredirect_patched.py",
        "patched": True,
        "redirects": False,
        "store": "sockets",
        "outcome": "passed",
        "tests": {"test_passes": "passed"},
        "failures": [],
    }


def test_a_failure_is_reported_with_its_message_and_details(mixed: Ran) -> None:
    assert mixed.status == 1
    quadrant = mixed.quadrant("test_redirects_patched.py")
    assert quadrant["outcome"] == "failed"
    assert quadrant["tests"] == {"test_word[right]": "passed", "test_word[wrong]": "failed"}
    (failure,) = quadrant["failures"]
    assert failure["test"] == "test_word[wrong]"
    assert failure["message"] == "AssertionError: not the right word"
    assert "said aloud" in failure["details"]
    assert "not the right word" in mixed.output


def test_a_file_that_cannot_be_collected_has_failed(mixed: Ran) -> None:
    quadrant = mixed.quadrant("test_redirects_unpatched.py")
    assert quadrant["outcome"] == "failed"
    (failure,) = quadrant["failures"]
    assert "no_such_module" in failure["message"]


@pytest.mark.parametrize("name", DEATHS)
def test_a_process_that_dies_is_a_crash_and_the_others_go_on(mixed: Ran, name: str) -> None:
    quadrant = mixed.quadrant(f"test_patched_{name}.py")
    assert quadrant["outcome"] == "crashed"
    assert quadrant["tests"] == {"test_lives": "passed", "test_dies": "failed"}
    (failure,) = quadrant["failures"]
    assert failure["test"] == "test_dies"
    assert DEATHS[name][1] in failure["message"]
    assert failure["message"] in mixed.output
    assert mixed.quadrant("test_noredirect_unpatched.py")["outcome"] == "passed"


def test_a_process_that_hangs_is_ended(folder: Path, isolation: str) -> None:
    hangs = "import threading\ndef test_hangs(): threading.Event().wait()\n"
    write(folder, redirects_patched=hangs, redirects_unpatched=PASSES)
    ran = run(folder, isolation, "--timeout=3")
    assert ran.status == 1
    quadrant = ran.quadrant("test_redirects_patched.py")
    assert quadrant["outcome"] == "crashed"
    assert quadrant["failures"][0]["test"] == "test_hangs"
    assert "more than 3 s" in quadrant["failures"][0]["message"]
    assert ran.quadrant("test_redirects_unpatched.py")["outcome"] == "passed"


def test_a_selection_of_nothing_is_not_green(folder: Path, isolation: str) -> None:
    write(folder, redirects_patched=PASSES, redirects_unpatched=PASSES)
    ran = run(folder, isolation, "-k", "nothing_like_it")
    assert ran.status == 5
    assert ran.report["quadrants"] == []


def test_pytests_own_options_and_single_tests_are_passed_on(folder: Path) -> None:
    write(folder, redirects_patched=FAILS, redirects_unpatched=PASSES)
    ran = run(folder, ISOLATIONS[0], "-k", "right or passes")
    assert ran.status == 0, ran.output
    assert ran.quadrant("test_redirects_patched.py")["tests"] == {"test_word[right]": "passed"}


@pytest.mark.parametrize(
    ("argument", "said"),
    [("test_nowhere.py", "test_redirects_patched.py"), ("--no-such-option", "--no-such-option")],
)
def test_what_cannot_be_understood_is_a_usage_error(folder: Path, argument: str, said: str) -> None:
    write(folder, redirects_patched=PASSES)
    ran = run(folder, ISOLATIONS[0], argument)
    assert ran.status == 2
    assert said in ran.output


def test_a_process_holds_nothing_of_the_patch_as_it_begins(folder: Path, isolation: str) -> None:
    """The import is at the top of conftest.py: before it, only pytest and what it was forked of."""
    (folder / "conftest.py").write_text(
        "import pathlib, sys\n"
        "held = [name for name in sys.modules if name.startswith('botocore_redirect')]\n"
        "pathlib.Path(__file__).with_name('held.txt').write_text('\\n'.join(held))\n" + CONFTEST
    )
    write(folder, redirects_patched=PASSES)
    assert run(folder, isolation).status == 0
    kit = "botocore_redirect.testing"
    held = (folder / "held.txt").read_text().split()
    assert [name for name in held if name != "botocore_redirect" and kit not in name] == []


def test_a_server_that_holds_the_patch_refuses_to_fork() -> None:
    expect_neutral(["botocore_redirect", "botocore_redirect.testing.server.gateway", "boto3"])
    with pytest.raises(RuntimeError, match=r"has imported botocore_redirect\.hooks\.endpoint,"):
        expect_neutral(["botocore_redirect.hooks.endpoint", "boto3"])


def test_the_guards_see_a_patch_that_was_imported_at_collection(
    folder: Path, isolation: str
) -> None:
    (folder / "conftest.py").write_text(GUARDED)
    for patched in (True, False):
        importing = (
            "import botocore_redirect.hooks.endpoint\n"
            "import pytest\n"
            f"pytestmark = pytest.mark.quadrant(patched={patched}, redirects=True)\n" + PASSES
        )
        write(folder, **{f"redirects_{'' if patched else 'un'}patched": importing})
    ran = run(folder, isolation)
    assert ran.status == 1
    for quadrant in ran.report["quadrants"]:
        (failure,) = quadrant["failures"]
        assert "botocore_redirect.hooks.endpoint" in failure["message"]
        assert "had been imported" in failure["message"]
    assert len(ran.report["quadrants"]) == 2
