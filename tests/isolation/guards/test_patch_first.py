"""A patch that was there before botocore: what it did is its own, and what others did is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.guards import guarded

_SCRIPT = """
import os
facts = dict(patched=True, redirects=True, subject="our_subject:install")
with patch_first("our_subject:install"), aws_sandbox():
    import boto3
    from botocore.endpoint import Endpoint
    {meanwhile}
    try:
        with quadrant(**facts):
            {body}
        print("proven")
    except Contaminated as error:
        print(error)
"""
_CLIENT = "client = boto3.client('s3', region_name='us-east-1')"
OTHERS = {
    "a change": ("Endpoint.close = lambda self: None", "botocore.endpoint.Endpoint.close is "),
    "a function of botocore in place of another": (
        "Endpoint.close = Endpoint.create_request",
        "botocore.endpoint.Endpoint.close is ",
    ),
    "other defaults": (
        "Endpoint.create_request.__defaults__ = (1,)",
        "Endpoint.create_request is a function with other defaults",
    ),
    "what it changed, changed back": (
        "Endpoint._send = Endpoint._send.__closure__[0].cell_contents; Endpoint.close = None",
        "botocore.endpoint.Endpoint._send is stock again",
    ),
    "a mock of moto": (
        "import moto; (getattr(moto, 'mock_aws', 0) or moto.mock_s3)().start()",
        "the handler of moto, whose mock is on",
    ),
    "a variable": ("os.environ['AWS_PROFILE'] = 'mine'", "AWS_PROFILE is set"),
    "a log": ("boto3.set_stream_logger('botocore')", "logger botocore has a handler"),
    "a changed client": (
        f"{_CLIENT}; client._make_api_call = lambda *_: None",
        "a client of s3._make_api_call is ",
    ),
}


def _python(
    folder: Path, *, meanwhile: str = "pass", subject: str = guarded.SUBJECT, body: str = "pass"
) -> str:
    (folder / "our_subject.py").write_text(subject, "utf-8")
    (folder / "library.py").write_text("def note(*_, **__): pass\n", "utf-8")
    return guarded.script(folder, _SCRIPT.format(meanwhile=meanwhile, body=body), bare=True)


@pytest.mark.parametrize("what", OTHERS)
def test_changes_by_others_after_patch_first_are_reported(tmp_path: Path, what: str) -> None:
    meanwhile, said = OTHERS[what]
    output = _python(tmp_path, meanwhile=meanwhile)
    assert output.startswith("before this process (patched, redirects), "), output
    assert said in output


# How a patch works, and what it does later.
SUBJECTS = {
    "by itself": (guarded.SUBJECT, "pass"),
    "by a tool of Python": (
        """
import functools, library
from botocore.endpoint import Endpoint
def install():
    Endpoint._send = functools.partialmethod(library.note, Endpoint._send)
""",
        "pass",
    ),
    "by a library that it brings along": (
        """
import library
from botocore.endpoint import Endpoint
def install():
    Endpoint._send = library.note
""",
        "Endpoint.close = Endpoint._send",
    ),
    "by a handler": (
        """
import botocore.handlers, library
def install():
    botocore.handlers.BUILTIN_HANDLERS.append(("before-send", library.note))
""",
        _CLIENT,
    ),
    "by a handler on each session": (
        """
import botocore.session
def note(**_): pass
def install():
    original = botocore.session.Session.__init__
    def __init__(self, *args, **options):
        original(self, *args, **options)
        self.register("before-send", note)
    botocore.session.Session.__init__ = __init__
""",
        _CLIENT,
    ),
}


@pytest.mark.parametrize("how", SUBJECTS)
def test_changes_by_the_patch_after_patch_first_are_accepted(tmp_path: Path, how: str) -> None:
    subject, later = SUBJECTS[how]
    assert _python(tmp_path, subject=subject, meanwhile=later) == "proven"
    assert _python(tmp_path, subject=subject, body=later) == "proven"


def test_changes_by_the_package_of_the_patch_are_accepted(tmp_path: Path) -> None:
    guarded.write_package(tmp_path)
    assert guarded.script(tmp_path, _PACKAGE, bare=True) == "first"


_PACKAGE = """
facts = dict(subject="app.patch:install")
with patch_first(**facts), aws_sandbox(), quadrant(patched=True, redirects=False, **facts):
    print("first")
"""
_UNSEEN = """
import sys
from types import ModuleType
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


def test_patch_first_refuses_a_module_of_botocore_whose_import_was_not_recorded(
    tmp_path: Path,
) -> None:
    guarded.write(tmp_path)
    said = guarded.script(tmp_path, _UNSEEN, bare=True)
    assert "botocore.put_there" in said
    assert "was imported before our_subject:install" in said
