"""Runs of three temporary quadrants, whose files log which process did what.

A plugin of pytest, for the tests of a process per file. PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import shlex
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import pytest

from botocore_redirect.testing.guards.subject import NONE
from botocore_redirect.testing.quadrants.launchers import CAN_FORK, ForkLauncher

FILES = ("a", "b", "c")
ALL = dict.fromkeys(FILES, 4)

_INI = "[pytest]\nmarkers = last: the last test of each file\n"
# All workers, also the ordinary ones, are forks of one server, unless PYTHON_OF_WORKERS is empty.
_CONFTEST = """
import os
from pathlib import Path

import pytest

from botocore_redirect.testing.quadrants.file_workers import OneFilePerWorker
from botocore_redirect.testing.quadrants.launchers import Launcher

PYTHON = os.environ["PYTHON_OF_WORKERS"]


class SharedServer(Launcher):
    def start(self, count):
        return PYTHON


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs):
    for spec in specs:
        spec.python = PYTHON or None


def pytest_configure(config):
    folders = [Path(__file__).parent / name for name in config.getini("folders")]
    first = config.getini("first")
    config.pluginmanager.register(OneFilePerWorker(*folders, first=first, launcher=SharedServer()))


def pytest_addoption(parser):
    parser.addini("folders", "folders of quadrants", type="args", default=["quadrants"])
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
    if here in os.environ.get("HANG", "").split():
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
# As `python -m pytest`.
_PYTEST = "import sys, pytest; sys.path.insert(0, ''); sys.exit(pytest.main(sys.argv[1:]))"


@pytest.fixture(scope="session")
def forked_python() -> Iterator[str]:
    """The command line of an interpreter that has imported pytest: a new one costs five times."""
    launcher = ForkLauncher([], NONE)
    yield launcher.start(2) if CAN_FORK else ""
    launcher.stop()


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, forked_python: str) -> Run:
    """Run pytest on the quadrants; `fail`, `crash` and `hang` name a file and a moment.

    `crash` and `hang` may name several.
    `script` is what a new interpreter starts with these arguments, in the place of a forked pytest;
    `ini` is what the configuration says besides; `fresh` makes each process a new interpreter.
    """
    pytester.makeconftest(_CONFTEST)
    write_quadrants(pytester.mkdir("quadrants"))
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "2")

    def run(
        *arguments: str, script: str = "", ini: str = "", fresh: bool = False, **moments: str
    ) -> RunResult:
        pytester.makeini(_INI + ini)
        python = "" if fresh else forked_python
        monkeypatch.setenv("PYTHON_OF_WORKERS", python)
        log = pytester.path / "log.txt"
        log.write_text("", encoding="utf-8")
        for name in ("FAIL", "CRASH", "HANG"):
            monkeypatch.setenv(name, moments.get(name.lower(), ""))
        command = shlex.split(python) or [sys.executable]
        command = [sys.executable, script] if script else [*command, "-c", _PYTEST, "-ra"]
        done = pytester.run(*command, *arguments, timeout=120)
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
