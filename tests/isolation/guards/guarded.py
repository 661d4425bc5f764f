"""Throw-away quadrants, each run by a pytest of its own."""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SUBJECT = """
from botocore.endpoint import Endpoint
def install():
    original = Endpoint._send
    def _send(self, request):
        return original(self, request)
    Endpoint._send = _send
def pretend(): pass
"""
_IMPORTS = """
from botocore_redirect.testing import aws_sandbox
from botocore_redirect.testing.quadrants import Contaminated, Quadrant, patch_first, quadrant
"""
FILE = """
import pytest
{top}
pytestmark = pytest.mark.quadrant(patched={patched}, redirects=False)
def test_it({arguments}):
    {body}
"""


def write(
    folder: Path,
    name: str = "test_it.py",
    *,
    top: str = "",
    body: str = "pass",
    patched: bool = False,
    arguments: str = "",
) -> None:
    """Write a quadrant, and beside it `our_subject.py`, a patch that it may use."""
    text = FILE.format(top=top, body=body, patched=patched, arguments=arguments)
    (folder / name).write_text(text, "utf-8")
    (folder / "our_subject.py").write_text(SUBJECT, "utf-8")
    if not (folder / "pytest.ini").exists():
        (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")


def write_package(folder: Path) -> None:
    """Write `app.patch`, a subject that is a part of a package and gets its patch from another."""
    (folder / "app").mkdir()
    for name, text in {
        "__init__": "import botocore.session\n",
        "store": "",
        "wrappers": SUBJECT,
        "patch": "from app.wrappers import install\n",
    }.items():
        (folder / "app" / f"{name}.py").write_text(text, "utf-8")


def python(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run Python in the folder; give its status and all that it said."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, **_path(folder), **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout


def run(
    folder: Path, *arguments: str, checked: bool = False, plugin: bool = True, **variables: str
) -> tuple[int, str]:
    """Run the quadrants of the folder under the guards, in one process.

    `checked`: the subject is tried first, which takes a process more. `plugin`: the command line
    names the plugin, so that no conftest has to.
    """
    options = [
        *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov"),
        *(("-p", "botocore_redirect.testing.plugin") if plugin else ()),
        *(() if checked else ("-p", "no:subject-check")),
        *("--subject=our_subject:install", *arguments),
    ]
    if not hasattr(os, "fork"):
        return python(folder, "-m", "pytest", *options, **variables)
    return _fork(folder, {"arguments": options}, variables)


def script(folder: Path, text: str, *, bare: bool = False, **variables: str) -> str:
    """Run a script that uses the guards without pytest, and give all that it said.

    `bare`: in a process that has not imported botocore.
    """
    file = folder / "script.py"
    file.write_text(_IMPORTS + text, "utf-8")
    if not hasattr(os, "fork"):
        return python(folder, "script.py", **variables)[1].strip()
    return _fork(folder, {"script": str(file)}, variables, bare=bare)[1].strip()


def _fork(
    folder: Path, job: dict[str, object], variables: dict[str, str], *, bare: bool = False
) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "output"
        job |= {
            "folder": str(folder),
            "variables": {**_path(folder), **variables},
            "output": str(output),
        }
        server = _server(bare)
        assert server.stdin
        assert server.stdout
        server.stdin.write(f"{json.dumps(job)}\n")
        server.stdin.flush()
        return int(server.stdout.readline()), output.read_text("utf-8", errors="replace")


@functools.cache
def _server(bare: bool) -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "isolation.guards.guarded_server", *(["bare"] if bare else [])],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **_path(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)  # its input ends, and so does it
    return server


def _path(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, sys.path)])}


def contamination(output: str) -> str:
    """Give the sentence of the guards, or all there is."""
    lines = [
        line for line in output.splitlines() if line.startswith("E ") and "Contaminated:" in line
    ]
    return lines[0] if lines else output
