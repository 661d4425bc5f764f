"""`install(children=True)`: the processes that a patched process starts are patched alike."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

import botocore_redirect
from botocore_redirect import RedirectPolicy
from botocore_redirect.children import PYTHONPATH
from isolation.activation.children_driver import POLICY

Run = Callable[..., "subprocess.CompletedProcess[str]"]
DRIVER = Path(__file__).with_name("children_driver.py")
TESTS = str(Path(__file__).parents[2])


@pytest.fixture
def take(run: Run) -> Callable[..., list[str]]:
    """Return what children say while the patch is installed, whether the environment is restored,
    and what children say then.
    """

    def start(method: str, when: str, *options: str) -> list[str]:
        path = {PYTHONPATH: TESTS} if not options else {}
        done = run(sys.executable, *options, DRIVER, method, when, **path)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return start


@pytest.mark.parametrize("method", ["spawn", "forkserver", "subprocess"])
def test_children_follow_by_the_same_policy(method: str, take: Callable[..., list[str]]) -> None:
    assert take(method, "with children") == [f"{POLICY}", "True", "None"]
    assert take(method, "alone") == ["None", "True", "None"]


def test_forks_follow_without_it(take: Callable[..., list[str]]) -> None:
    assert take("fork", "alone") == [f"{POLICY}", "True", "None"]


def test_a_fork_server_that_runs_already_starts_children_that_do_not_follow(
    take: Callable[..., list[str]],
) -> None:
    assert take("forkserver", "after the fork server")[0] == "None"


@pytest.fixture
def _environ(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in [*os.environ]:
        if name.startswith("BOTOCORE_REDIRECT"):
            monkeypatch.delenv(name)
    yield
    botocore_redirect.uninstall()


def policies() -> tuple[str | None, bool]:
    children = RedirectPolicy.from_env() if "activation" in os.environ.get(PYTHONPATH, "") else None
    return (f"{children}" if children else None, botocore_redirect.is_installed())


@pytest.mark.usefixtures("_environ")
def test_children_get_each_policy_that_replaces_another() -> None:
    two, three = RedirectPolicy(max_hops=2), RedirectPolicy(max_hops=3)
    before = dict(os.environ)
    with botocore_redirect.install(two):
        assert policies() == (None, True)
        with botocore_redirect.install(children=True):
            assert policies() == (f"{two}", True)
            with botocore_redirect.install(three):
                assert policies() == (f"{three}", True)
            assert policies() == (f"{two}", True)
        assert (policies(), dict(os.environ)) == ((None, True), before)
        botocore_redirect.install(three, children=True)
    assert (policies(), dict(os.environ)) == ((None, False), before)


@pytest.mark.usefixtures("_environ")
@pytest.mark.parametrize("installed", [False, True])
def test_a_policy_that_children_cannot_get_changes_nothing(installed: bool) -> None:
    mine = RedirectPolicy(trust=lambda _gateway, _target: True)
    if installed:
        botocore_redirect.install(RedirectPolicy(max_hops=2))
    before = dict(os.environ)
    with pytest.raises(ValueError, match="is a function, which no environment variable can hold"):
        botocore_redirect.install(mine, children=True)
    assert botocore_redirect.is_installed() is installed
    if installed:
        assert botocore_redirect.install().policy.max_hops == 2
    assert dict(os.environ) == before


@pytest.mark.usefixtures("_environ")
def test_the_kill_switch_leaves_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTOCORE_REDIRECT", "off")
    before = dict(os.environ)
    with botocore_redirect.install(children=True):
        assert dict(os.environ) == before
