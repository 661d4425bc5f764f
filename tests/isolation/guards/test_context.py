"""The guards without pytest, and what they know of imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.guards import guarded


def _python(folder: Path, script: str, **variables: str) -> str:
    (folder / "our_subject.py").write_text(guarded.SUBJECT, "utf-8")
    return guarded.script(folder, script, bare=True, **variables)


def test_a_quadrant_is_a_context_manager(tmp_path: Path) -> None:
    script = """
with aws_sandbox(), quadrant(patched=True, redirects=True, subject="our_subject:install") as it:
    from botocore.endpoint import Endpoint
    print(it, it == Quadrant(patched=True, redirects=True), Endpoint._send.__module__)
"""
    assert _python(tmp_path, script) == "patched, redirects True our_subject"


def test_another_quadrant_is_refused_and_the_same_one_may_be_entered_again(tmp_path: Path) -> None:
    script = """
facts = dict(redirects=True, subject="our_subject:install", name="first.py")
for _ in range(2):
    with aws_sandbox(), quadrant(patched=True, **facts):
        pass
try:
    with aws_sandbox(), quadrant(patched=False, **facts):
        pass
except Contaminated as error:
    print(error)
"""
    said = _python(tmp_path, script)
    assert said.startswith(
        "first.py (unpatched, redirects) came into a process that has already run"
        " first.py (patched, redirects): a patch cannot be un-imported"
    )


@pytest.mark.parametrize(
    ("when", "before", "body"),
    [
        ("before", "import our_subject", "pass"),
        ("before", "endpoint.Endpoint.close = None", "pass"),
        ("after", "pass", "endpoint.Endpoint.close = None"),
    ],
)
def test_a_process_that_was_refused_is_refused_for_ever(
    tmp_path: Path, when: str, before: str, body: str
) -> None:
    script = f"""
from botocore import endpoint
{before}
for _ in range(2):
    try:
        with aws_sandbox(), quadrant(patched=True, redirects=True, subject="our_subject:install"):
            {body}
        print("entered")
    except Contaminated as error:
        print(error)
"""
    first, second = _python(tmp_path, script).splitlines()
    assert first == second
    assert first.startswith(f"{when} this process (patched, redirects), ")


def test_an_error_of_the_test_does_not_contaminate_the_process(tmp_path: Path) -> None:
    script = """
for _ in range(2):
    try:
        with aws_sandbox(), quadrant(patched=True, redirects=True, subject="our_subject:install"):
            print("entered")
            raise OSError
    except OSError:
        pass
"""
    assert _python(tmp_path, script).split() == ["entered", "entered"]


def test_without_the_sandbox_what_it_keeps_away_is_named(tmp_path: Path) -> None:
    script = """
try:
    with quadrant(patched=False, redirects=True): pass
except Contaminated as error:
    print(error)
"""
    said = _python(tmp_path, script, AWS_PROFILE="mine")
    assert "the environment variable AWS_PROFILE is set (enter aws_sandbox() first" in said


def test_who_imported_the_subject_in_it_is_named(tmp_path: Path) -> None:
    script = """
import sys
before = [*sys.meta_path]
try:
    with aws_sandbox(), quadrant(patched=False, redirects=True, subject="our_subject:install"):
        import our_subject
except Contaminated as error:
    print(error)
assert sys.meta_path == before
"""
    said = _python(tmp_path, script)
    assert f"our_subject had been imported (imported by {tmp_path / 'script.py'}:9)" in said


def test_a_quadrant_keeps_an_import_recorder_that_was_active_before(tmp_path: Path) -> None:
    script = """
import sys
from botocore_redirect.testing.guards import importers
importers.watch()
before = [*sys.meta_path]
with aws_sandbox(), quadrant(patched=False, redirects=True):
    pass
print(sys.meta_path == before)
"""
    assert _python(tmp_path, script) == "True"


def test_expect_stock_can_be_called_at_any_time(tmp_path: Path) -> None:
    script = """
from botocore_redirect.testing.quadrants import expect_stock
import botocore.endpoint
expect_stock("at first")
import our_subject
our_subject.install()
import botocore_redirect.policy
try:
    expect_stock("in the end")
except Contaminated as error:
    print(error)
"""
    said = _python(tmp_path, script)
    assert said.startswith("in the end, botocore_redirect.environment, botocore_redirect.policy")
    assert " had been imported" in said
    assert "botocore.endpoint.Endpoint._send is " in said


def test_patch_first_is_refused_once_botocore_is_imported(tmp_path: Path) -> None:
    script = """
import botocore.session
try:
    with patch_first("our_subject:install"): pass
except Contaminated as error:
    print(error)
"""
    assert "botocore, botocore." in _python(tmp_path, script)


def test_the_guards_import_neither_botocore_nor_the_patch(tmp_path: Path) -> None:
    script = """
import sys
from botocore_redirect.testing import plugin
from botocore_redirect.testing.guards import proof
kit = ("botocore_redirect.testing", "botocore_redirect.testing.")
boto = [name for name in sys.modules if name.startswith(("botocore", "boto3"))]
print(*(name for name in boto if not name.startswith(kit) and name != "botocore_redirect"))
"""
    assert guarded.python(tmp_path, "-c", script) == (0, "\n")


def test_the_importers_of_a_module_are_described_as_a_chain(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("import two\n", "utf-8")
    (tmp_path / "two.py").write_text(
        "import importlib\nimportlib.import_module('three')\n", "utf-8"
    )
    (tmp_path / "three.py").write_text("", "utf-8")
    script = """
from botocore_redirect.testing.guards import importers
importers.watch()
import one
importers.stop()
print(importers.describe(["three"]), repr(importers.describe(["of_nobody"])))
"""
    said = _python(tmp_path, script)
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    chain = f"imported by {two}:2, imported by {one}:1, imported by {tmp_path / 'script.py'}:7"
    assert said == f"({chain}) ''"


_NEUTRAL = """
import boto3
from botocore_redirect.testing.guards.proof import expect_neutral
from botocore_redirect.testing.guards.subject import parse_subject
expect_neutral(parse_subject("our_subject:install"))
{}
try:
    expect_neutral(parse_subject("our_subject:install"))
except Contaminated as error:
    print(error)
"""
_CLIENT = (
    "boto3.client('s3', region_name='us-east-1', aws_access_key_id='a', aws_secret_access_key='b')"
)
INHERITED = {
    "a patch": ("import our_subject", "our_subject had been imported"),
    "ours": ("import botocore_redirect.policy", "botocore_redirect.policy"),
    "a change": ("boto3.session.Session.client = print", "boto3.session.Session.client is "),
    "a log": ("boto3.set_stream_logger('botocore')", "logger botocore has a handler"),
    "a client": (
        f"client = {_CLIENT}; client._make_api_call = print",
        "a client of s3._make_api_call is ",
    ),
}


@pytest.mark.parametrize("what", INHERITED)
def test_a_process_that_quadrants_are_forked_from_is_neutral(tmp_path: Path, what: str) -> None:
    line, said = INHERITED[what]
    output = _python(tmp_path, _NEUTRAL.format(line))
    assert output.startswith("in the process that quadrants are forked from, "), output
    assert said in output
