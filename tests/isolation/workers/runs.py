"""Runs of three temporary quadrants, whose files log which process did what.

A plugin of pytest, for the tests of a process per file. PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import pytest

FILES = ("a", "b", "c")
ALL = dict.fromkeys(FILES, 4)

_INI = "[pytest]\nmarkers = last: the last test of each file\n"
#: For runs in which it matters what a worker is: to start a fork server costs as much as a worker.
FORKED = "forked = true"
_CONFTEST = """
from pathlib import Path

from botocore_redirect.testing.quadrants import launchers
from botocore_redirect.testing.quadrants.file_workers import OneFilePerWorker


def pytest_configure(config):
    folders = [Path(__file__).parent / name for name in config.getini("folders")]
    forked = launchers.CAN_FORK and config.getini("forked")
    launcher = launchers.ForkLauncher([], "none") if forked else launchers.Launcher()
    first = config.getini("first")
    config.pluginmanager.register(OneFilePerWorker(*folders, first=first, launcher=launcher))


def pytest_addoption(parser):
    parser.addini("folders", "folders of quadrants", type="args", default=["quadrants"])
    parser.addini("forked", "whether workers are forked", type="bool", default=False)
    parser.addini("first", "what the others wait for", type="args", default=[])
"""

# Each file writes down who imports it and who runs which of its tests; the environment tells it
# where to fail, to crash or to hang.
_QUADRANT = """
import os
import threading
from pathlib import Path

import pytest

LOG = Path(__file__).parents[1] / "log.txt"


def note(what):
    with LOG.open("a") as log:
        log.write(f"{os.getpid()} {Path(__file__).stem[5:]} {what}\\n")
    here = f"{Path(__file__).stem[5:]}:{what}"
    if here in os.environ.get("CRASH", "").split():
        os._exit(3)
    if os.environ.get("HANG") == here:
        threading.Event().wait()
    return not here.endswith(os.environ.get("FAIL") or "never")


note("import")


@pytest.mark.parametrize("number", [0, 1, 2, pytest.param(3, marks=pytest.mark.last)])
def test_it(number):
    print(f"printed by {number}")
    assert note(number), {"left": number}


@pytest.fixture(scope="session", autouse=True)
def whole_session():
    yield
    note("end")
"""


@dataclass(frozen=True)
class RunResult:
    """The exit status and output of a run, and what its processes logged."""

    code: int
    output: str
    outcomes: dict[str, int]
    #: Which files each process imported.
    imported: dict[str, list[str]]
    #: How many tests of each file ran.
    ran: dict[str, int]
    #: The tests that ran, such as `b:2`, in the order in which they began.
    order: list[str]
    #: When each file was imported and when its process had run it, such as `+a -a +b -b`.
    turns: list[str]


Run = Callable[..., RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest on the quadrants; `fail`, `crash` and `hang` name a file and a moment.

    `crash` may name several.
    `script` is a program that starts pytest with these arguments, in the place of pytest's own;
    `ini` is what the configuration says besides.
    """
    pytester.makeconftest(_CONFTEST)
    write_quadrants(pytester.mkdir("quadrants"))
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "2")

    def run(*arguments: str, script: str = "", ini: str = "", **moments: str) -> RunResult:
        pytester.makeini(_INI + ini)
        log = pytester.path / "log.txt"
        log.write_text("", encoding="utf-8")
        for name in ("FAIL", "CRASH", "HANG"):
            monkeypatch.setenv(name, moments.get(name.lower(), ""))
        if script:
            done = pytester.run(sys.executable, script, *arguments, timeout=120)
        else:
            done = pytester.runpytest_subprocess("-ra", *arguments, timeout=120)
        imported, order, turns = defaultdict(list), [], []
        for process, file, what in map(str.split, log.read_text(encoding="utf-8").splitlines()):
            if what == "import":
                imported[process].append(file)
                turns.append(f"+{file}")
            elif what == "end":
                turns.append(f"-{file}")
            else:
                order.append(f"{file}:{what}")
        output = f"{done.stdout.str()}\n{done.stderr.str()}"
        ran = Counter(test[0] for test in order)
        return RunResult(
            int(done.ret), output, _outcomes(done), dict(imported), dict(ran), order, turns
        )

    return run


def write_quadrants(folder: Path, names: Sequence[str] = FILES) -> None:
    """Write the three files, or others of their kind, into a folder of the run."""
    for name in names:
        (folder / f"test_{name}.py").write_text(_QUADRANT, encoding="utf-8")


def _outcomes(done: pytest.RunResult) -> dict[str, int]:
    try:
        found = done.parseoutcomes()
    except ValueError:  # nothing was run
        return {}
    return {
        name: number for name, number in found.items() if name not in {"warnings", "deselected"}
    }
