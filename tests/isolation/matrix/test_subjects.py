"""Anybody's patch through the contract: what is refused, what the guards see, what is bounded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from botocore_redirect.testing.guards import subject
from matrix import groups
from matrix.behaviours import BEHAVIOURS
from matrix.limit import TookTooLong, limited
from matrix.warm import expect_neutral

TESTS = Path(__file__).parents[2]
ISOLATIONS = ["fork", "fresh"] if hasattr(os, "fork") else ["fresh"]
PATCHES = "from botocore.endpoint import Endpoint\nEndpoint.{} = lambda *_, **__: None\n"
INSTALLS = """
import contextlib
from botocore.endpoint import Endpoint
word = "nothing"
@contextlib.contextmanager
def install():
    before, Endpoint.close = Endpoint.close, lambda self: None
    yield
    Endpoint.close = before
def pretend(): pass
"""
CONFTEST = 'pytest_plugins = ["matrix.conftest"]\n'
QUADRANT = """
import sys, threading, pytest
pytestmark = pytest.mark.quadrant(patched={patched}, redirects={redirects})
{top}
def test_it():
    {body}
def test_next(): pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "patching").mkdir()
    (tmp_path / "patching" / "__init__.py").write_text("")
    (tmp_path / "patching" / "at_import.py").write_text(PATCHES.format("close"))
    (tmp_path / "patching" / "by_call.py").write_text(INSTALLS)
    (tmp_path / "patching" / "broken.py").write_text("raise OSError('no such luck')\n")
    return tmp_path


def quadrant(folder: Path, name: str, body: str = "pass", top: str = "") -> None:
    text = QUADRANT.format(
        patched="_unpatched" not in name, redirects="noredirect" not in name, body=body, top=top
    )
    (folder / f"test_{name}.py").write_text(text)


def run(folder: Path, *arguments: str) -> tuple[int, str, list[dict[str, Any]]]:
    report = folder / "report.json"
    path = [str(folder), *filter(None, sys.path)]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "matrix", "--store=sockets", f"--json={report}"),
            *(str(folder), *arguments),
        ],
        cwd=TESTS,
        env={
            **os.environ,
            "BOTOCORE_REDIRECT_STORE": "http://127.0.0.1:9",
            "PYTHONPATH": os.pathsep.join(path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    found = json.loads(report.read_text())["quadrants"] if report.exists() else []
    return done.returncode, done.stdout + done.stderr, found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere.patch", "There is no module 'nowhere'"),
        ("patching.nowhere", "There is no module 'patching.nowhere'"),
        ("patching.by_call:nothing", "'nothing' of the subject .* does not exist"),
        ("patching.by_call:word", "'word' of the subject .* is not callable"),
        ("patching.broken", "cannot be installed: OSError: no such luck"),
        ("botocore.utils", "every quadrant imports"),
        ("two words", "'two words' is no subject"),
    ],
)
def test_a_subject_that_cannot_be_had_is_one_sentence_and_no_test_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    quadrant(folder, "redirects_patched")
    monkeypatch.syspath_prepend(str(folder))
    with pytest.raises(subject.SubjectError, match=said) as refused:
        subject.check(name)
    status, output, quadrants = run(folder, f"--subject={name}")
    assert (status, quadrants) == (2, [])
    assert output.strip() == str(refused.value)


@pytest.mark.parametrize("isolation", ISOLATIONS)
@pytest.mark.parametrize("name", ["patching.at_import", "patching.by_call:install"])
def test_the_subject_is_in_force_in_patched_quadrants_alone_and_instead_of_ours(
    folder: Path, isolation: str, name: str
) -> None:
    ours = "'botocore_redirect.lifecycle' in sys.modules"
    quadrant(folder, "redirects_patched", f"assert 'patching' in sys.modules and not {ours}")
    quadrant(folder, "redirects_unpatched", f"assert not 'patching' in sys.modules and not {ours}")
    status, output, quadrants = run(folder, f"--subject={name}", f"--isolation={isolation}")
    assert status == 0, output
    assert [len(each["tests"]) for each in quadrants] == [2, 2]


def test_nothing_is_installed_where_the_subject_is_none(folder: Path) -> None:
    quadrant(
        folder, "redirects_patched", "assert not 'botocore_redirect.hooks.endpoint' in sys.modules"
    )
    status, output, _ = run(folder, "--subject=none")
    assert status == 0, output


@pytest.mark.parametrize("file", ["redirects_unpatched", "redirects_patched"])
def test_the_guards_see_a_module_of_the_subject_before_its_time(folder: Path, file: str) -> None:
    quadrant(folder, file, top="import patching.at_import")
    status, output, quadrants = run(folder, "--subject=patching.at_import")
    assert status == 1, output
    assert "patching.at_import had been imported" in quadrants[0]["failures"][0]["message"]


@pytest.mark.parametrize("name", ["none", "patching.at_import"])
def test_the_guards_see_our_patch_where_another_is_the_subject(folder: Path, name: str) -> None:
    quadrant(folder, "redirects_patched", top="import botocore_redirect.hooks.endpoint")
    status, _, quadrants = run(folder, f"--subject={name}")
    assert status == 1
    assert "botocore_redirect.hooks.endpoint" in quadrants[0]["failures"][0]["message"]
    assert "had been imported" in quadrants[0]["failures"][0]["message"]


def test_the_guards_see_our_patch_that_came_along_with_another(folder: Path) -> None:
    quadrant(folder, "redirects_patched", "import botocore_redirect.hooks.endpoint")
    status, _, quadrants = run(folder, "--subject=patching.at_import")
    assert status == 1
    assert ": after " in quadrants[0]["failures"][0]["message"]
    assert "botocore_redirect.hooks.endpoint" in quadrants[0]["failures"][0]["message"]


def test_the_guards_see_a_subject_that_changes_nothing(folder: Path) -> None:
    quadrant(folder, "redirects_patched")
    status, _, quadrants = run(folder, "--subject=patching.by_call:pretend")
    assert status == 1
    assert "changed nothing in botocore" in quadrants[0]["failures"][0]["message"]


def test_a_server_that_holds_the_subject_refuses_to_fork() -> None:
    expect_neutral(["patching", "patching.at_imports"], subject.named("patching.at_import"))
    with pytest.raises(RuntimeError, match=r"has imported patching\.at_import, so"):
        expect_neutral(["patching", "patching.at_import"], subject.named("patching.at_import"))


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the runner's own limit is all there is")
def test_a_patch_that_follows_for_ever_is_a_named_failure_and_the_next_test_runs(
    folder: Path,
) -> None:
    # As the one that is known: it swallows whatever is an Exception.
    quadrant(
        folder,
        "redirects_patched",
        "while True:\n        try: threading.Event().wait()\n        except Exception: pass",
    )
    status, output, (found,) = run(folder, "--subject=patching.at_import", "--time-limit=1")
    assert status == 1, output
    assert found["tests"] == {"test_it[sockets]": "failed", "test_next[sockets]": "passed"}
    (failure,) = found["failures"]
    assert "test_it[sockets] was ended, as it took more than 1 s" in failure["message"]


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="there is no such signal")
def test_the_limit_leaves_the_alarm_as_it_was() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TookTooLong, match="a wait was ended"), limited(0.01, "a wait"):
        threading.Event().wait()
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_core_names_behaviours_that_there_are() -> None:
    known = {behaviour.name for behaviour in BEHAVIOURS}
    assert set(groups.PEERS.values()) <= known
    assert set(groups.PEERS.values()) > groups.NEVER_REDIRECTED


@pytest.mark.parametrize(
    ("redirects", "count"), [(False, len(groups.PEERS)), (True, 5)], ids=["noredirect", "redirects"]
)
@pytest.mark.parametrize("patched", ["patched", "unpatched"])
def test_the_core_of_each_quadrant_is_what_the_peer_asserts_there(
    patched: str, *, redirects: bool, count: int
) -> None:
    file = f"test_{'redirects' if redirects else 'noredirect'}_{patched}.py"
    collected = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", "--group=core"),
            *("--store=sockets", f"matrix/{file}"),
        ],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert collected.stdout.count("::test_") == count, collected.stdout
