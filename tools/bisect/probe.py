"""Run the contract on any release of botocore, in an environment that is made for it and kept."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox
from nox.command import CommandFailed

from tools.bisect import search
from tools.bisect.arguments import make_parser
from tools.bisect.search import BisectError, Outcomes, read_outcomes
from tools.environments import install, resolver, store
from tools.environments.cells import CLIENT, LOCKS, Cell
from tools.releases import versions
from tools.results import contract_results

_CENSUS = LOCKS / "census.json"
_IMPORT = "import boto3"


def run(session: nox.Session) -> None:
    """Bisect as the arguments of the session say, and log the answer."""
    parser = make_parser()
    options = parser.parse_args(session.posargs)
    try:
        known = versions.list_recorded(_CENSUS)
        if not {options.good, options.bad} <= {*known}:  # wrong, or newer than the census
            known += versions.list_published(resolver.find_uv())
        prober = Prober(session, options)
        found = search.search(known, options.good, options.bad, prober, session.log)
    except (versions.ReleaseError, resolver.ResolverError) as error:
        session.error(str(error).rstrip("."))
    given = {
        name: value
        for name in ("python", "store")
        if (value := getattr(options, name)) != parser.get_default(name)
    }
    session.log(search.describe(found, options.k, **given))


class Prober:
    """The probe of a search."""

    def __init__(self, session: nox.Session, options: argparse.Namespace) -> None:
        self._session = session
        self._options = options
        self._locks: dict[str, Path] = {}
        self._result = Path(session.create_tmp()).resolve() / "contract.xml"

    def __call__(self, release: str) -> Outcomes:
        """Run the contract on a release; raise `BisectError` if that is not possible."""
        cell = Cell(python=self._options.python, botocore=release)
        if release not in self._locks:
            with _quietly():
                self._make(cell)
        return self._contract(cell)

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
        answer = self._python(cell.botocore, "-c", _IMPORT)
        if answer.returncode:
            why = _last_line(answer)
            raise BisectError(
                f"botocore {cell.botocore} does not run on Python {cell.python}: {why}."
            )
        self._locks[cell.botocore] = lock

    def _lock(self, cell: Cell) -> Path:
        lock = cell.lock(install.BUILT / "bisect-locks")
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.unlink(missing_ok=True)
        options = [f"--python-version={cell.language}"]
        # Like the first environment in all that botocore leaves free: what differs is botocore.
        model = next(iter(self._locks.values()), None)
        if model:
            shutil.copy(model, lock)
        requirements = [*cell.pins, *CLIENT]
        if self._options.store != "sockets":
            requirements += cell.in_process
        resolver.compile_lock(lock, requirements, *options)
        return lock

    def _contract(self, cell: Cell) -> Outcomes:
        self._result.unlink(missing_ok=True)
        selection = ["-k", self._options.k] if self._options.k else []
        answer = self._python(
            cell.botocore,
            *contract_results.pytest_arguments(
                self._result, f"--store={self._options.store}", *selection
            ),
        )
        if answer.returncode == contract_results.NOTHING_SELECTED and self._options.k:
            raise BisectError(
                f"-k {self._options.k!r} selects no test of the contract: it takes parts of the"
                " names of tests and behaviours, as `pytest -k` does."
            )
        has_run = answer.returncode in contract_results.COMPLETED_STATUSES
        result = contract_results.read_report(self._result) if has_run else None
        if not (result and result["quadrants"]):
            raise BisectError(f"The contract did not run on {cell.name}: {_last_line(answer)}")
        return read_outcomes(result)

    def _python(self, release: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = _environment(Cell(python=self._options.python, botocore=release))
        variables = {"BOTOCORE_REDIRECT_STORE": store.start(self._session)}
        return subprocess.run(  # noqa: S603 - the arguments are ours
            [install.find_program(self._session, environment, "python"), *arguments],
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


def _last_line(answer: subprocess.CompletedProcess[str]) -> str:
    said = (answer.stderr or answer.stdout).strip().splitlines()
    return said[-1].strip() if said else f"exit status {answer.returncode}"
