"""The guards where little is there to look at, and where much is odd."""

from __future__ import annotations

import gc
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from botocore_redirect.testing.guards import leftovers, module_source, pristine, subject
from botocore_redirect.testing.quadrants import quadrant
from isolation.guards import guarded

_OURS = "--subject=botocore_redirect"


class _Broken(Loader):
    """A loader that finds nothing any more, as where files were removed."""

    def get_code(self, name: str) -> CodeType:
        raise ImportError(name)


def test_modules_without_a_source_raise_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    bare, broken = ModuleType("botocore.bare"), ModuleType("botocore.broken")
    broken.__spec__ = ModuleSpec("botocore.broken", _Broken())
    before = {*pristine.look().changes}
    for module in (bare, broken):
        monkeypatch.setitem(sys.modules, module.__name__, module)
        assert module_source.source(module.__name__) is None
    assert {*pristine.look().changes} == before


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        pristine.look()
        assert not gc.isenabled()
    finally:
        gc.enable()
    pristine.look()
    assert gc.isenabled()


@pytest.mark.parametrize("package", ["json", "time", "botocore", "pytest", "nowhere"])
def test_the_ways_to_know_the_standard_library_agree(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    standard = package in ("json", "time")
    for version in ((3, 10), (3, 9)):
        monkeypatch.setattr(sys, "version_info", version)
        monkeypatch.setattr(sys, "stdlib_module_names", {"json", "time"}, raising=False)
        assert module_source._is_standard.__wrapped__(package) is standard


def test_a_home_without_files_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "BOTO_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    for home in (tmp_path, tmp_path / ("far" * 2000)):  # the second is more than a path can be
        monkeypatch.setenv("HOME", str(home))
        assert not [
            said for said in leftovers.findings().values() if str(home) in said or "~" in said
        ]
    config = tmp_path / ".aws" / "config"
    config.parent.mkdir()
    config.write_text("[default]\n", "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert [said for said in leftovers.findings().values() if "~/.aws/config is in reach" in said]


def test_a_patched_quadrant_without_a_subject_says_how_to_name_one() -> None:
    with (
        pytest.raises(ValueError, match="nothing says by which patch"),
        quadrant(patched=True, redirects=True),
    ):
        pass


def test_a_subject_that_takes_too_long_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(subject, "_SECONDS", 0)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "slow_subject.py").write_text("", "utf-8")
    with pytest.raises(subject.SubjectError, match=r"slow_subject.* was not installed within 0 s"):
        subject.check("slow_subject")


def test_what_a_subject_lacks_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "poor_subject.py").write_text("import a_module_that_is_not_there\n", "utf-8")
    with (
        pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"),
        subject.named("poor_subject").installed(),
    ):
        pass


@pytest.mark.parametrize("patched", [False, True], ids=["unpatched", "patched"])
def test_the_package_that_a_subject_is_a_part_of_may_be_imported(
    tmp_path: Path, *, patched: bool
) -> None:
    (tmp_path / "app").mkdir()
    for name, text in {"__init__": "", "store": "", "patch": guarded.SUBJECT}.items():
        (tmp_path / "app" / f"{name}.py").write_text(text, "utf-8")
    later = "import app.patch; app.patch.install()" if patched else "pass"
    guarded.write(tmp_path, top="import app.store", body=later, patched=patched)
    status, output = guarded.run(tmp_path, "--subject=app.patch:install")
    assert (status, "1 passed" in output) == (0, True), output
    guarded.write(tmp_path, top="import app.patch", patched=patched)
    status, output = guarded.run(tmp_path, "--subject=app.patch:install")
    assert status == 1, output
    assert "app.patch had been imported (imported by " in guarded.contamination(output)


def test_what_a_subject_changes_from_elsewhere_in_its_package_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("import botocore.session\n", "utf-8")
    (tmp_path / "app" / "wrappers.py").write_text(guarded.SUBJECT, "utf-8")
    (tmp_path / "app" / "patch.py").write_text("from app.wrappers import install\n", "utf-8")
    guarded.write(tmp_path, patched=True, body="import app.patch; app.patch.install()")
    status, output = guarded.run(tmp_path, "--subject=app.patch:install")
    assert (status, "1 passed" in output) == (0, True), output
    script = (
        "from botocore_redirect.testing import aws_sandbox\n"
        "from botocore_redirect.testing.quadrants import patch_first, quadrant\n"
        "facts = dict(subject='app.patch:install')\n"
        "with patch_first(**facts), aws_sandbox(), quadrant(\n"
        "    patched=True, redirects=False, **facts): print('first')\n"
    )
    assert guarded.python(tmp_path, "-c", script)[1].strip() == "first"


def test_our_patch_is_a_subject_like_any_other(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True)
    status, output = guarded.run(tmp_path, _OURS)
    assert (status, "1 passed" in output) == (0, True), output


def test_our_patch_may_not_be_gone_after_the_last_test(tmp_path: Path) -> None:
    body = "import botocore_redirect; botocore_redirect.uninstall()"
    guarded.write(tmp_path, patched=True, body=body)
    status, output = guarded.run(tmp_path, _OURS)
    assert status == 1, output
    assert "the patch was not installed" in guarded.contamination(output)


def test_a_subject_may_not_be_forgotten(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True, body="import sys; del sys.modules['our_subject']")
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    assert "the subject our_subject:install had not been imported" in guarded.contamination(output)


_UNSEEN = """
import sys
from types import ModuleType
from botocore_redirect.testing import aws_sandbox
from botocore_redirect.testing.quadrants import Contaminated, patch_first, quadrant
with patch_first("none"):
    pass
try:
    with patch_first("our_subject:install"), aws_sandbox():
        sys.modules["botocore.put_there"] = ModuleType("botocore.put_there")
        with quadrant(patched=True, redirects=True, subject="our_subject:install"):
            pass
except Contaminated as error:
    print(error)
"""


def test_what_nobody_saw_come_may_have_been_there_before_a_patch_that_was_first(
    tmp_path: Path,
) -> None:
    guarded.write(tmp_path)
    (tmp_path / "script.py").write_text(_UNSEEN, "utf-8")
    said = guarded.python(tmp_path, "script.py")[1]
    assert "botocore.put_there" in said
    assert "was imported before our_subject:install" in said
