"""The baseline: a fresh interpreter in which nobody can have patched anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore
import pytest

from botocore_redirect.testing.guards import baseline, fingerprint
from botocore_redirect.testing.guards.shared_baseline import SharedBaseline

Patch = pytest.MonkeyPatch
_make = baseline.baseline.__wrapped__


def test_it_has_the_fingerprints_of_this_process() -> None:
    name = "botocore.endpoint"
    here = {path: fingerprint.fingerprint(value) for path, value in fingerprint.places(name)}
    assert baseline.baseline().places[name].items() <= here.items()


def test_neither_a_pth_file_nor_a_customization_runs_there(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    (tmp_path / "usercustomize.py").write_text("import botocore\nbotocore.patched = print\n")
    (tmp_path / "sitecustomize.py").write_text("import botocore\nbotocore.patched = print\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "patched" not in _make().places["botocore"]


def test_a_package_that_only_a_finder_finds_is_imported_there(monkeypatch: Patch) -> None:
    """As an editable install has it, whose finder a .pth file brings."""
    folder = str(Path(botocore.__file__).parents[1])
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each != folder])
    assert baseline._outside_sys_path() == [folder]


def test_it_is_compiled_as_this_process_is() -> None:
    """With -O, no code is equal to that of an interpreter without."""
    program = (
        "import botocore.session\n"
        "from botocore_redirect.testing.guards.changes import take_snapshot\n"
        "print(len(take_snapshot().changes), __debug__)"
    )
    done = subprocess.run(
        [sys.executable, "-O", "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "0 False\n", done.stderr


def test_an_interpreter_that_cannot_tell_is_named_in_one_sentence(monkeypatch: Patch) -> None:
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
