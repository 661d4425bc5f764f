"""Run the contract on any release of botocore, in an environment that is made for it and kept."""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import nox
from nox.command import CommandFailed

from tools.bisect import search, verdict
from tools.bisect.search import BisectError, Run, Skip
from tools.environments import install, resolver, store
from tools.environments.cells import CLIENT, LOCKS, PYTHON, Cell
from tools.releases import versions
from tools.results import contract

_CENSUS = LOCKS / "census.json"
_WHERE = "import boto3, botocore; print(botocore.__path__[0])"
# The package is not installed where nox runs, so the environment of a probe compares.
_COMPARE = """
import json, sys
from pathlib import Path
from botocore_redirect.commands.fingerprint import RELIED_ON, changed_functions
changed = changed_functions(Path(sys.argv[1]), Path(sys.argv[2]))
print(json.dumps({name: name in RELIED_ON for name in changed}))
"""


def run(session: nox.Session) -> None:
    """Bisect as the arguments of the session say, and log the answer."""
    began = time.monotonic()
    try:
        asked = _arguments(session.posargs)
        known = versions.recorded(_CENSUS)
        if not {asked.good, asked.bad} <= {*known}:  # wrong, or newer than the census
            known += versions.published(resolver.find_uv())
        prober = Prober(session, asked)
        found = search.search(known, asked.good, asked.bad, prober, session.log)
        answer = verdict.describe(found, prober.difference(found.last, found.first))
    except (versions.ReleaseError, resolver.ResolverError) as error:
        session.error(str(error).rstrip("."))
    session.log(answer)
    session.log(f"{found.probes} probes in {time.monotonic() - began:.0f} s.")


class Prober:
    """The probe of a search; it remembers what it made, for `difference`."""

    def __init__(self, session: nox.Session, asked: argparse.Namespace) -> None:
        self._session = session
        self._asked = asked
        self._locks: dict[str, Path] = {}
        self._sources: dict[str, Path] = {}
        self._result = Path(session.create_tmp()).resolve() / "contract.xml"

    def __call__(self, release: str) -> Run:
        """Run the contract on a release; raise `Skip` where that release cannot be run."""
        cell = Cell(python=self._asked.python, botocore=release)
        if release not in self._locks:
            with _quietly():
                self._make(cell)
        return self._contract(cell)

    def difference(self, last: str, first: str) -> verdict.Difference:
        """Say what else differs between the environments of two releases that were probed."""
        sources = (str(self._sources[last]), str(self._sources[first]))
        answer = self._python(first, "-c", _COMPARE, *sources)
        pins = [_pins(self._locks[release]) for release in (last, first)]
        names = sorted({*pins[0], *pins[1]} - {"botocore"})
        both = {name: (pins[0].get(name, "none"), pins[1].get(name, "none")) for name in names}
        return verdict.Difference(
            functions={} if answer.returncode else json.loads(answer.stdout),
            pins={name: pair for name, pair in both.items() if pair[0] != pair[1]},
            trouble=_last_line(answer) if answer.returncode else "",
        )

    def _make(self, cell: Cell) -> None:
        """Make the environment, or bring the kept one to what is asked for now."""
        lock = self._lock(cell)
        environment = _environment(cell)
        try:
            install.create(self._session, environment, cell.python)
        except CommandFailed as error:
            raise BisectError(
                f"There is no Python {cell.python} here, and uv cannot fetch one: install it, or"
                " name another with --python."
            ) from error
        install.install(self._session, environment, lock)
        answer = self._python(cell.botocore, "-c", _WHERE)
        if answer.returncode:
            why = _last_line(answer)
            raise Skip(f"botocore {cell.botocore} does not run on Python {cell.python}: {why}.")
        self._sources[cell.botocore] = Path(answer.stdout.strip())
        self._locks[cell.botocore] = lock

    def _lock(self, cell: Cell) -> Path:
        lock = cell.lock(install.BUILT / "bisect-locks")
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.unlink(missing_ok=True)
        options = [f"--python-version={cell.python}"]
        # Like the first environment in all that botocore leaves free: what differs is botocore.
        model = next(iter(self._locks.values()), None)
        if model:
            shutil.copy(model, lock)
        requirements = [*cell.pins, *CLIENT]
        if self._asked.store != "sockets":
            requirements += cell.in_process
        try:
            resolver.compile_lock(lock, requirements, *options)
        except resolver.NoFitError as error:
            raise Skip(resolver.explain(cell)) from error
        return lock

    def _contract(self, cell: Cell) -> Run:
        self._result.unlink(missing_ok=True)
        options = ["-k", self._asked.k] if self._asked.k else []
        answer = self._python(
            cell.botocore,
            *contract.command(self._result, f"--store={self._asked.store}", *options),
        )
        if answer.returncode == contract.NOTHING_SELECTED and self._asked.k:
            raise BisectError(
                f"-k {self._asked.k!r} selects no test of the contract: it takes parts of the names"
                " of tests and behaviours, as `pytest -k` does."
            )
        has_run = answer.returncode in contract.ENDED
        result = contract.read(self._result) if has_run else None
        if not (result and result["quadrants"]):
            raise BisectError(f"The contract did not run on {cell.name}: {_last_line(answer)}")
        return Run.of(result)

    def _python(self, release: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = _environment(Cell(python=self._asked.python, botocore=release))
        variables = {"BOTOCORE_REDIRECT_STORE": store.start(self._session)}
        return subprocess.run(  # noqa: S603 - the arguments are ours
            [install.program(self._session, environment, "python"), *arguments],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep nox from logging each command: a probe is one line."""
    logger = logging.getLogger("nox")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


def _environment(cell: Cell) -> Path:
    return install.BUILT / f"bisect-{cell.botocore}-py{cell.python}"


def _pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", lock.read_text("utf-8")))


def _last_line(answer: subprocess.CompletedProcess[str]) -> str:
    said = (answer.stderr or answer.stdout).strip().splitlines()
    return said[-1].strip() if said else f"exit status {answer.returncode}"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        usage = " ".join(self.format_usage().split())
        raise BisectError(f"{message}; {usage}.")


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="nox -s bisect --", allow_abbrev=False)
    parser.add_argument("--good", required=True, metavar="RELEASE", help="a release to compare to")
    parser.add_argument("--bad", required=True, metavar="RELEASE", help="newer or older than it")
    parser.add_argument("-k", metavar="EXPR", help="only the tests that `pytest -k` would select")
    parser.add_argument("--python", default=PYTHON, metavar="3.N")
    parser.add_argument("--store", default="sockets", choices=("sockets", "in-process", "all"))
    return parser.parse_args(arguments)
