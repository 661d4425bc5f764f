"""The subject under the guards: what it adds as it is used is its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.guards import guarded

_CLIENT = "import boto3; boto3.client('s3', region_name='us-east-1')"
_NOTE = "def note(**_): pass\n"
SUBJECTS = {
    "on each session": """
import botocore.session
def install():
    original = botocore.session.Session.__init__
    def __init__(self, *args, **options):
        original(self, *args, **options)
        self.register("before-send", note)
    botocore.session.Session.__init__ = __init__
""",
    "on all sessions": """
import botocore.handlers
def install():
    botocore.handlers.BUILTIN_HANDLERS.append(("before-send", note))
""",
    "on the default session": """
import boto3
def install():
    boto3.setup_default_session(region_name="us-east-1")
    boto3.DEFAULT_SESSION.events.register("before-send", note)
""",
}


def _run(folder: Path, subject: str, body: str, *, note: str = _NOTE) -> tuple[int, str]:
    guarded.write(folder, patched=True, body=body)
    (folder / "our_subject.py").write_text(note + subject, "utf-8")
    return guarded.run(folder)


@pytest.mark.parametrize("where", SUBJECTS)
def test_a_subject_may_be_a_handler(tmp_path: Path, where: str) -> None:
    status, output = _run(tmp_path, SUBJECTS[where], _CLIENT)
    assert (status, "1 passed" in output) == (0, True), output


@pytest.mark.parametrize("where", SUBJECTS)
def test_a_handler_of_another_module_is_reported(tmp_path: Path, where: str) -> None:
    other = "boto3.DEFAULT_SESSION.events.register('before-send', lambda **_: None)"
    status, output = _run(tmp_path, SUBJECTS[where], f"{_CLIENT}; {other}")
    assert status == 1, output
    said = guarded.contamination(output)
    assert "after test_it.py (patched, no redirects), the handler test_it.<locals>.<lambda>" in said
    assert "handler note" not in said


def test_a_handler_that_a_library_made_for_the_subject_is_accepted_on_later_sessions(
    tmp_path: Path,
) -> None:
    (tmp_path / "library.py").write_text(_NOTE, "utf-8")
    subject = SUBJECTS["on all sessions"]
    status, output = _run(tmp_path, subject, _CLIENT, note="from library import note\n")
    assert (status, "1 passed" in output) == (0, True), output


def test_a_subject_whose_handler_was_removed_is_reported(tmp_path: Path) -> None:
    body = "import botocore.handlers; botocore.handlers.BUILTIN_HANDLERS.pop()"
    status, output = _run(tmp_path, SUBJECTS["on all sessions"], body)
    assert status == 1, output
    assert "nothing in botocore is changed any more by our_subject:install" in output


def test_a_subject_may_add_handlers_later(tmp_path: Path) -> None:
    later = "h.BUILTIN_HANDLERS.append(('before-call', our_subject.note))"
    body = f"import our_subject, botocore.handlers as h; {later}"
    status, output = _run(tmp_path, SUBJECTS["on each session"], body)
    assert (status, "1 passed" in output) == (0, True), output


@pytest.mark.parametrize("patched", [False, True], ids=["unpatched", "patched"])
def test_the_package_that_a_subject_is_a_part_of_may_be_imported(
    tmp_path: Path, *, patched: bool
) -> None:
    guarded.write_package(tmp_path)
    subject = "--subject=app.patch:install"
    # What it changes from elsewhere in its package, and later, is its own.
    later = "import app.patch; app.patch.install()" if patched else "pass"
    guarded.write(tmp_path, top="import app.store", body=later, patched=patched)
    status, output = guarded.run(tmp_path, subject)
    assert (status, "1 passed" in output) == (0, True), output
    guarded.write(tmp_path, top="import app.patch", patched=patched)
    status, output = guarded.run(tmp_path, subject)
    assert status == 1, output
    assert "app.patch had been imported (imported by " in guarded.contamination(output)


def test_our_patch_is_a_subject_like_any_other(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True)
    status, output = guarded.run(tmp_path, "--subject=botocore_redirect")
    assert (status, "1 passed" in output) == (0, True), output
    gone = "import botocore_redirect; botocore_redirect.uninstall()"
    guarded.write(tmp_path, patched=True, body=gone)
    status, output = guarded.run(tmp_path, "--subject=botocore_redirect")
    assert status == 1, output
    assert "botocore_redirect was not installed" in guarded.contamination(output)


def test_a_subject_that_was_removed_from_sys_modules_is_reported(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True, body="import sys; del sys.modules['our_subject']")
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    assert "the subject our_subject:install had not been imported" in guarded.contamination(output)
