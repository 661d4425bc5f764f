"""What stock botocore is asked to do for the patched quadrants, and where."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from matrix.conftest import _names
from matrix.harness.settings import IN_PROCESS, SOCKETS

TESTS = Path(__file__).parents[2]
CONTROL = "matrix.harness.control"


def test_a_control_is_out_of_reach_of_the_network() -> None:
    done = subprocess.run(
        [sys.executable, "-m", CONTROL, IN_PROCESS, "", "noredirect", "transcription"],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode  # in process there is S3 alone
    assert "wanted to reach gateway.test:80, which is not this machine" in done.stderr


def test_a_kind_of_store_has_controls_for_what_is_tested_on_it() -> None:
    path = Path("test_it.py")

    def item(kind: str, name: str, file: Path = path) -> Any:
        params = {"kind": kind, "behaviour": SimpleNamespace(name=name)}
        return SimpleNamespace(path=file, callspec=SimpleNamespace(params=params))

    items = [item(SOCKETS, "put"), item(SOCKETS, "job"), item(IN_PROCESS, "put")]
    items += [item(IN_PROCESS, "get", Path("test_other.py")), SimpleNamespace(path=path)]
    request: Any = SimpleNamespace(path=path, session=SimpleNamespace(items=items))
    assert [*_names(request, IN_PROCESS, "behaviour")] == ["put"]
    assert [*_names(request, SOCKETS, "behaviour")] == ["put", "job"]
    assert not _names(request, SOCKETS, "workload")
