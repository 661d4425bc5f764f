"""What a process of its own costs a quadrant file, in each way to give it one."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from bench.cell import cost
from bench.table import Table, Value, at_most
from botocore_redirect.testing import StoreProcess

_ROOT = Path(__file__).resolve().parents[1]
_OF_AIOBOTOCORE = ("test_aiohttp_", "test_httpx_")
_FILES = [
    file
    for file in sorted((_ROOT / "tests" / "matrix").glob("test_*.py"))
    if not file.name.startswith(_OF_AIOBOTOCORE)
]
_CONTROL = "test_noredirect_unpatched.py"  # the file that leaves it for the others
_SOCKETS = "--store=sockets"
_PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", _SOCKETS)
_PLAIN = "plain pytest, each file alone"
_FRESH = "pytest -n 2 --workers=fresh: a new interpreter for each file"
_FORKED = "pytest -n 2: a fork of a warm process for each file"
#: The CPU of a file, of a plain run's. A fork has imported and read already what all files need.
_AIMS = {_FRESH: 1.5, _FORKED: 1.0}


def measure(rounds: int) -> Table:
    """Run the quadrants over sockets in each way, in turn, and take the medians."""
    ways = _ways()
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as control, StoreProcess(sys.executable) as store:
        environment = {
            **os.environ,
            "BOTOCORE_REDIRECT_STORE": store.url,
            "BOTOCORE_REDIRECT_CONTROL": control,
            "PYTHONPATH": os.pathsep.join(str(_ROOT / folder) for folder in ("patch", "tests")),
        }
        # Before all: else the files that look for the control would each make it, in some ways.
        cost([_plain(file) for file in _FILES if file.name == _CONTROL], environment)
        for _ in range(rounds):
            for name, commands in ways.items():
                taken[name].append(cost(commands, environment))
    medians = {
        name: (statistics.median(cpu for cpu, _ in each), statistics.median(w for _, w in each))
        for name, each in taken.items()
    }
    plain = medians[_PLAIN][0]
    rows: list[tuple[Value, ...]] = [
        (name, round(cpu / len(_FILES), 2), round(wall, 2), round(cpu / plain, 2))
        for name, (cpu, wall) in medians.items()
    ]
    return Table(
        f"A process of its own for each of {len(_FILES)} quadrant files, over sockets",
        ("way", "CPU s a file", "wall s", "of plain"),
        rows,
        "CPU of all processes but the store. Plain pytest may run one file only, so it isolates"
        " nothing.",
        [
            at_most(
                f"CPU of {name}, of plain pytest's", round(medians[name][0] / plain, 2), aim, ""
            )
            for name, aim in _AIMS.items()
            if name in medians
        ],
    )


def _ways() -> dict[str, list[list[str]]]:
    ways = {
        _PLAIN: [_plain(file) for file in _FILES],
        _FRESH: [[*_PYTEST, "-n2", "--workers=fresh", *map(str, _FILES)]],
    }
    if sys.platform == "linux":
        ways[_FORKED] = [[*_PYTEST, "-n2", "--workers=fork", *map(str, _FILES)]]
    return ways


def _plain(file: Path) -> list[str]:
    return [*_PYTEST, "-n0", str(file)]
