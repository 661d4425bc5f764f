"""Runs a pytest for each line of its input, in a fork: its imports take longer than its tests.

A line is a job as JSON: `folder`, `arguments`, `variables`, `output`. The answer is the status.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import traceback
from typing import Any

import boto3  # noqa: F401 - for the processes that are forked
import pytest
import s3transfer  # noqa: F401 - as boto3

from botocore_redirect.testing.guards import pristine

_SECONDS = 120


def _run(job: dict[str, Any]) -> int:
    signal.alarm(_SECONDS)
    os.chdir(job["folder"])
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(job["variables"])
    sys.path.insert(0, job["folder"])
    importlib.invalidate_caches()
    return int(pytest.main(job["arguments"]))


def _fork(job: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    status = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        status = _run(job)
    except BaseException:  # noqa: BLE001 - what would end an interpreter with a traceback
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    pristine.look()  # it reads the sources, once for all
    for line in sys.stdin:
        print(_fork(json.loads(line)), flush=True)
