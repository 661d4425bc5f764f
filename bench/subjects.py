"""Who is measured, and how each is switched on: by one import, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

STOCK, OURS, PEER = "stock", "ours", "peer"
#: The import that patches boto3.
MODULES = {
    STOCK: "boto3",
    OURS: "botocore_redirect.auto",
    PEER: "aistore.botocore_patch.botocore",
}

_ROOT = Path(__file__).resolve().parents[1]
# Nothing of the caller's reaches a measurement, and byte code is kept: without it, every import
# takes five times as long.
_UNWANTED = (
    *("AWS_", "BOTOCORE_EXPERIMENTAL", "BOTOCORE_REDIRECT", "BOTO_CONFIG"),
    "PYTHONDONTWRITEBYTECODE",
)


def environment() -> dict[str, str]:
    """Return the environment of a child: this one without its switches, and able to find us."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)}
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(paths),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def ask(*arguments: str, seconds: float = 300, python: str = sys.executable) -> Any:
    """Run a child of this Python, or of another, and return the JSON that it prints.

    Raises `TimeoutExpired` where it had to be killed, and says why where it failed.
    """
    done = subprocess.run(  # noqa: S603  # this interpreter, our own modules
        [python, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"`python {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


def missing_peer() -> str | None:
    """Return why the peer cannot be measured here, or None if it can."""
    try:
        ask("-c", f"import boto3, {MODULES[PEER]}; print(0)")
    except RuntimeError as problem:
        return str(problem).splitlines()[-1]
    return None
