"""The baseline: a fresh interpreter in which nobody can have patched anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import botocore
import pytest

from botocore_redirect.testing.guards import baseline, fingerprint

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
