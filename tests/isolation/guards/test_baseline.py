"""The baseline: a fresh interpreter in which nobody can have patched anything."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import botocore.endpoint
import pytest

from botocore_redirect.testing.guards import baseline, fingerprint
from botocore_redirect.testing.guards.shared_baseline import SharedBaseline

Patch = pytest.MonkeyPatch
_make = baseline.baseline.__wrapped__


def test_the_baseline_has_the_fingerprints_of_this_process() -> None:
    name = "botocore.endpoint"
    here = {path: fingerprint.fingerprint(value) for path, value in fingerprint.places(name)}
    assert baseline.baseline().places[name].items() <= here.items()


def test_a_patch_that_a_pth_file_brings_is_seen(tmp_path: Path) -> None:
    """It is there before any code of a test, in each interpreter but that of the baseline."""
    venv.create(tmp_path, symlinks=os.name == "posix")
    (packages,) = [*tmp_path.rglob("site-packages")]
    (packages / "early.pth").write_text("import early\n", "utf-8")
    (packages / "early.py").write_text("import botocore\nbotocore.early = print\n", "utf-8")
    python = tmp_path / ("bin/python" if os.name == "posix" else "Scripts/python.exe")
    assert _changes(python) == ["botocore.early", "True"]


def test_a_package_of_an_editable_install_is_in_the_baseline(monkeypatch: Patch) -> None:
    """As an editable install has it, whose finder a .pth file brings."""
    folder = str(Path(botocore.__file__).parents[1])
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each != folder])
    assert baseline._outside_sys_path() == [folder]


def test_the_baseline_is_compiled_with_the_optimisation_of_this_process() -> None:
    """With -O, no code is equal to that of an interpreter without."""
    assert _changes(sys.executable, "-O") == ["False"]


def _changes(*command: str | Path) -> list[str]:
    program = (
        "import botocore.session\n"
        "from botocore_redirect.testing.guards.changes import take_snapshot\n"
        "print(*take_snapshot().changes, __debug__)"
    )
    done = subprocess.run(
        [*command, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split() or [done.stderr]


def test_an_interpreter_that_fails_to_print_the_baseline_is_named(monkeypatch: Patch) -> None:
    monkeypatch.setattr(fingerprint, "__file__", "nowhere.py")
    with pytest.raises(RuntimeError, match=r"a fresh .* cannot tell: .*nowhere\.py"):
        _make()


class _Node:
    def __init__(self) -> None:
        self.workerinput: dict[str, Any] = {}


class _Config:
    def __init__(self, node: _Node) -> None:
        self.workerinput = node.workerinput


def test_workers_read_what_the_controller_made_once(monkeypatch: Patch) -> None:
    made: list[str] = []

    def make() -> str:
        made.append('{"places": {}, "handlers": []}')
        return made[-1]

    monkeypatch.setattr(baseline, "_file", [])
    monkeypatch.setattr(baseline, "_print_fingerprints", make)
    nodes = [_Node(), _Node(), _Node()]
    shared = SharedBaseline(lambda node: node is not nodes[0])
    for node in nodes:
        shared.pytest_configure_node(node)
    assert (nodes[0].workerinput, len(made)) == ({}, 1)
    for node in nodes:
        SharedBaseline(bool).pytest_configure(_Config(node))  # type: ignore[arg-type]  # all that it reads
    assert _make().places == {}
    assert len(made) == 1
    shared.pytest_unconfigure()
    assert not Path(nodes[1].workerinput["botocore_redirect_baseline"]).exists()
