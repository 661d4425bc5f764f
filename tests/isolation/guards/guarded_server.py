"""Runs pytest or a script for each line of its input, in a fork: imports take longer than tests.

A line is a job as JSON: `folder`, `arguments` of pytest or `script`, `variables`, `output`. The
answer is the status. With `bare` as its argument, botocore is not imported.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import sys
import traceback
from typing import Any

import pytest

from botocore_redirect.testing.guards import baseline
from botocore_redirect.testing.guards.subject import NONE
from botocore_redirect.testing.quadrants import fork_server
from botocore_redirect.testing.quadrants.fork_server import Settings

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
    if "script" in job:
        runpy.run_path(job["script"], run_name="__main__")
        return 0
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
        status = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    if sys.argv[1:] == ["bare"]:
        baseline.baseline()  # once for all
    else:
        fork_server.preload(Settings(sys.path, ["botocore_redirect.testing.plugin"], NONE))
    for line in sys.stdin:
        print(_fork(json.loads(line)), flush=True)
