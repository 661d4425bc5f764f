"""Anybody's patch through the contract: what is refused, what is in force, what the guards see."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from botocore_redirect.testing.guards import subject
from isolation.matrix.runs import ROOT, WORKERS, Ran, prepare, quadrant, run
from matrix.contract import groups
from matrix.contract.behaviours import BEHAVIOURS

PATCHES = "from botocore.endpoint import Endpoint\nEndpoint.close = lambda *_, **__: None\n"
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
OURS = "botocore_redirect.hooks.endpoint"
HOLDS_NO_PATCH = """
held = [name for name in sys.modules if name.startswith(("botocore_redirect.", "patching"))]
assert not [name for name in held if not name.startswith("botocore_redirect.testing")], held
"""


def folder_of(folder: Path) -> Path:
    (prepare(folder) / "patching").mkdir()
    (folder / "patching" / "__init__.py").write_text("")
    (folder / "patching" / "at_import.py").write_text(PATCHES)
    (folder / "patching" / "by_call.py").write_text(INSTALLS)
    (folder / "patching" / "broken.py").write_text("raise OSError('no such luck')\n")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folder_of(tmp_path)


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
def test_a_missing_subject_is_refused_in_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.syspath_prepend(str(folder))
    with pytest.raises(subject.SubjectError, match=said):
        subject.check(name)


def test_without_the_subject_no_test_runs(folder: Path) -> None:
    quadrant(folder, "redirects_patched")
    ran = run(folder, "--subject=nowhere.patch")
    assert (ran.status, ran.log) == (4, [])
    assert "ERROR: There is no module 'nowhere' for the subject 'nowhere.patch'" in ran.output


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run in which another patch is the subject, and some files do what they must not."""
    folder = folder_of(tmp_path_factory.mktemp("guarded"))
    for name in ("redirects_patched", "redirects_unpatched"):
        quadrant(folder, f"{name}_imports_it", top="import patching.at_import")
        quadrant(folder, f"{name}_imports_ours", top=f"import {OURS}")
    quadrant(folder, "redirects_patched_brings_ours", f"import {OURS}")
    return run(folder, "--subject=patching.at_import", "--store=sockets")


@pytest.mark.parametrize("quadrant", ["redirects_patched", "redirects_unpatched"])
@pytest.mark.parametrize(
    ("what", "module"),
    [("imports_it", "patching.at_import"), ("imports_ours", "botocore_redirect")],
)
def test_the_guards_see_a_patch_that_was_imported_at_collection(
    guarded: Ran, quadrant: str, what: str, module: str
) -> None:
    form = guarded.form(f"{quadrant}_{what}")
    assert {*form["tests"].values()} == {"failed"}
    assert "Contaminated: before " in form["failures"][0]["message"]
    assert re.search(rf"{module}\S* .*had been imported", form["failures"][0]["message"])


def test_the_guards_see_our_patch_that_came_along_with_another(guarded: Ran) -> None:
    (failure,) = guarded.form("redirects_patched_brings_ours")["failures"]
    assert "Contaminated: after " in failure["message"]
    assert OURS in failure["message"]


@pytest.mark.parametrize(
    ("workers", "name"), [*zip(WORKERS, ["patching.at_import", "patching.by_call:install"])]
)
def test_the_subject_is_in_force_in_patched_quadrants_alone_and_instead_of_ours(
    folder: Path, workers: str, name: str
) -> None:
    ours = f"'{OURS}' in sys.modules"
    quadrant(
        *(folder, "redirects_patched", f"assert 'patching' in sys.modules and not {ours}"),
        HOLDS_NO_PATCH,
    )
    quadrant(
        *(folder, "redirects_unpatched", f"assert not 'patching' in sys.modules and not {ours}"),
        HOLDS_NO_PATCH,
    )
    ran = run(folder, f"--subject={name}", f"--workers={workers}", "--store=sockets")
    assert ran.status == 0, ran.output
    assert [len(form["tests"]) for form in ran.forms] == [3, 3]


def test_nothing_is_installed_where_the_subject_is_none(folder: Path) -> None:
    quadrant(folder, "redirects_patched", f"assert not '{OURS}' in sys.modules")
    quadrant(folder, "redirects_patched_imports_ours", top=f"import {OURS}")
    ran = run(folder, "--subject=none", "--store=sockets")
    assert ran.form("redirects_patched")["outcome"] == "passed"
    (failure, *_) = ran.form("redirects_patched_imports_ours")["failures"]
    assert re.search(r"botocore_redirect\S* .*had been imported", failure["message"])


def test_the_guards_see_a_subject_that_changes_nothing(folder: Path) -> None:
    quadrant(folder, "redirects_patched")
    ran = run(folder, "-n0", "--subject=patching.by_call:pretend", "--store=sockets")
    assert ran.status == 1
    assert "changed nothing in botocore" in ran.form("redirects_patched")["failures"][0]["message"]


def test_patch_first_installs_the_subject_before_botocore(folder: Path) -> None:
    order = "patching, *others = map([*sys.modules].index, ['patching', 'botocore', 'pytest'])"
    quadrant(folder, "redirects_patched", f"{order}; assert patching < min(others)")
    quadrant(folder, "redirects_unpatched")
    ran = run(folder, "--subject=patching.at_import", "--patch-first", "--store=sockets")
    assert ran.form("redirects_patched")["outcome"] == "passed", ran.output
    assert "Contaminated" in ran.form("redirects_unpatched")["failures"][0]["message"]


def test_the_core_names_behaviours_that_there_are() -> None:
    known = {behaviour.name for behaviour in BEHAVIOURS}
    assert set(groups.AISTORE_TESTS.values()) <= known
    assert set(groups.AISTORE_TESTS.values()) > groups.NEVER_REDIRECTED


def test_the_core_of_each_quadrant_is_what_the_suite_of_aistore_asserts() -> None:
    collected = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", "--group=core"),
            *("--store=sockets", "tests/matrix"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found = Counter(re.findall(r"test_(\w+)\.py::test_", collected.stdout))
    assert found == {
        "noredirect_patched": len(groups.AISTORE_TESTS),
        "noredirect_unpatched": len(groups.AISTORE_TESTS),
        "redirects_patched": 5,
        "redirects_unpatched": 5,
    }
