"""Throw-away quadrants, each run by a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
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


def python(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run Python in the folder; give its status and all that it said."""
    path = os.pathsep.join([str(folder), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout


def run(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run the quadrants of the folder under the guards, in one process."""
    return python(
        folder,
        *("-m", "pytest", "-q", "-p", "botocore_redirect.testing.plugin", "-p", "no:cacheprovider"),
        *("-p", "no:xdist", "-p", "no:cov", "--subject=our_subject:install", *arguments),
        **variables,
    )


def contamination(output: str) -> str:
    """Give the sentence of the guards, or all there is."""
    lines = [
        line for line in output.splitlines() if line.startswith("E ") and "Contaminated:" in line
    ]
    return lines[0] if lines else output
