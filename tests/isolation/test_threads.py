"""Threads call S3 while others install, remove and follow, with and without the GIL."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

DRIVER = Path(__file__).with_name("threads_driver.py")
SECONDS = "4"
# A module in C that does not declare itself safe enables the GIL, with a RuntimeWarning.
FREE_THREADED = ["-X", "gil=0"] if sysconfig.get_config_var("Py_GIL_DISABLED") else []


def test_threads_neither_break_calls_nor_leave_anything_behind() -> None:
    done = subprocess.run(
        [sys.executable, *FREE_THREADED, "-W", "error::RuntimeWarning", str(DRIVER), SECONDS],
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
