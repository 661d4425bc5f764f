"""What one cell of the matrix costs, in the usual way and in ours."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.table import Claim, Table, Value, at_most
from botocore_redirect.testing import StoreProcess

_ROOT = Path(__file__).resolve().parents[1]
_CELL = "botocore-1.29.24-boto3-1.26.24-py3.11"
_LOCK = _ROOT / "requirements" / "cells" / f"{_CELL}.txt"
_PYTHON = "3.11"
# What a person would write down: the versions that the lock has, too.
_NAMED = ("boto3", "botocore", "moto[s3]", "pytest", "pytest-xdist")
_SHARE = 0.1


@dataclass(frozen=True)
class _Way:
    name: str
    commands: list[list[str]]


def measure(nox: str) -> Table:
    """Run the contract in one cell in each way; `nox` is the Python that has nox."""
    with tempfile.TemporaryDirectory() as scratch, StoreProcess(sys.executable) as store:
        environment = {
            **os.environ,
            "BOTOCORE_REDIRECT_STORE": store.url,
            "PYTHONPATH": os.pathsep.join(str(_ROOT / folder) for folder in ("patch", "tests")),
        }
        rows: list[tuple[Value, ...]] = []
        usual = 0.0
        *others, unchanged = _ways(Path(scratch), nox)
        cost(unchanged.commands, environment)  # so that there is a result to keep
        for way in (*others, unchanged):
            cpu, wall = cost(way.commands, environment)
            usual = usual or cpu
            rows.append((way.name, round(cpu, 2), round(wall, 2), round(cpu / usual, 3)))
    return Table(
        f"One cell of the matrix, {_CELL}: four quadrants on both stores",
        ("way", "CPU s", "wall s", "of the usual way"),
        rows,
        "CPU of all processes but the store over sockets, which is the same one for all ways.",
        [_claim(rows)],
    )


def _claim(rows: list[tuple[Value, ...]]) -> Claim:
    name, *_, share = rows[-1]
    assert isinstance(share, float)  # noqa: S101 - for the type checker
    return at_most(f"a cell's CPU where {name}, of the usual way's", share, _SHARE, "")


def _ways(scratch: Path, nox: str) -> list[_Way]:
    uv = shutil.which("uv", path=str(Path(nox).parent)) or "uv"
    theirs, ours = scratch / "theirs", scratch / "ours"
    bin_ = "Scripts" if os.name == "nt" else "bin"
    quadrants = [str(ours / bin_ / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return [
        _Way(
            "venv, pip, pytest -n 4 --dist loadfile",
            [
                [_interpreter(uv), "-m", "venv", str(theirs)],
                [str(theirs / bin_ / "pip"), "install", "--quiet", *_pins()],
                [
                    *(str(theirs / bin_ / "pytest"), "-q", "-n", "4", "--dist", "loadfile"),
                    *("-p", "no:cacheprovider", "--workers=fresh", "tests/matrix"),
                ],
            ],
        ),
        _Way(
            "ours, a new environment",
            [
                [uv, "venv", "--quiet", f"--python={_PYTHON}", str(ours)],
                [
                    *(uv, "pip", "sync", "--quiet", "--require-hashes"),
                    *(f"--python={ours}", str(_LOCK)),
                ],
                quadrants,
            ],
        ),
        _Way("ours, the environment kept", [quadrants]),
        _Way(
            "ours, the environment kept, the tests of an untagged cell",
            [[*quadrants, "--group=common"]],
        ),
        _Way("nothing changed", [[nox, "-m", "nox", "-s", f"matrix({_CELL})"]]),
    ]


def _pins() -> list[str]:
    locked = dict(
        line.split(" ")[0].split("==") for line in _LOCK.read_text("utf-8").splitlines()
        if "==" in line.partition(" ")[0]
    )  # fmt: skip
    return [f"{name}=={locked[name.partition('[')[0]]}" for name in _NAMED]


def _interpreter(uv: str) -> str:
    found = subprocess.run(  # noqa: S603 - the arguments are ours
        [uv, "python", "find", _PYTHON], capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


def cost(commands: list[list[str]], environment: dict[str, str]) -> tuple[float, float]:
    """Give the CPU seconds and the seconds that the commands take, children included."""
    used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    for command in commands:
        ended = subprocess.run(  # noqa: S603 - the arguments are ours
            command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{ended.stdout}{ended.stderr}")
    wall = time.monotonic() - began
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime, wall
