"""The locks in requirements/: compiled, upgraded or checked by `nox -s pins`."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

from tools.environments import cells, proposals, resolver, store
from tools.environments.cells import LOCKS
from tools.releases.versions import ReleaseError
from tools.sessions import coverage
from tools.upstream import session as upstream

_UNIVERSAL = ("--universal", "--custom-compile-command=nox -s pins")
# One version of each package: a cell is for one Python, and mypy must understand the tools'
# sources as the oldest Python.
_ONE_VERSION = "--fork-strategy=fewest"


def run(session: nox.Session) -> None:
    """Compile the locks, or propose cells, as the arguments of the session say."""
    options = make_parser().parse_args(session.posargs)
    upgrades = ["--upgrade"] if options.upgrade else []
    upgrades += [f"--upgrade-package={package}" for package in options.upgrade_package]
    before = _read_locks()
    try:
        if options.new:
            print(proposals.describe(options.cooldown))
            return
        _compile(upgrades)
    except (resolver.ResolverError, ReleaseError) as error:
        session.error(str(error).rstrip("."))
    after = _read_locks()
    changed = sorted(str(lock) for lock in {*before, *after} if before.get(lock) != after.get(lock))
    session.log(f"Locks: {len(after)}. Changed: {', '.join(changed) or 'none'}.")
    if changed and options.check:
        session.error("The locks were stale and are compiled anew: review and commit them")


def make_parser() -> argparse.ArgumentParser:
    """Describe what may follow `nox -s pins --`."""
    parser = argparse.ArgumentParser(
        prog="nox -s pins --",
        description="Compile the locks in requirements/.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--check", action="store_true", help="fail if a lock was stale")
    add("--upgrade", action="store_true", help="take newer versions of all that is not pinned")
    add("--upgrade-package", action="append", default=[], metavar="NAME", help="of this package")
    add("--new", action="store_true", help="propose cells for new releases instead")
    add("--cooldown", type=int, default=7, metavar="DAYS", help="with --new: ignore younger ones")
    return parser


def _compile(upgrades: list[str]) -> None:
    options = [*_UNIVERSAL, *upgrades]
    oldest = [f"--python-version={cells.PYTHONS[0]}", *options]
    oldest_of_nox = [f"--python-version={cells.NOX_PYTHON}", *options]
    default = [f"--python-version={cells.PYTHON}", *options]
    its_own = f"nox{nox.needs_version}"  # the tests of tools/ need nox, and so do their types
    everything = [*cells.CLIENT, *cells.MOTO, *cells.PLUGINS, its_own]

    # First: pytest-cov brings coverage as well, and both locks make one environment.
    resolver.compile_lock(coverage.LOCK, cells.COVERAGE, *oldest)
    same_coverage = f"--constraints={coverage.LOCK}"
    resolver.compile_lock(LOCKS / "tests.txt", everything, same_coverage, *oldest_of_nox)
    resolver.compile_lock(LOCKS / "guards.txt", [*cells.CLIENT, *cells.PATCHES], *default)
    programs = [*cells.CLIENT, *cells.MOTO, *cells.PROGRAMS]
    resolver.compile_lock(LOCKS / "programs.txt", programs, *default)
    for name, awscli in cells.AWS_CLI.items():
        packages = [*cells.CLIENT, *cells.MOTO, awscli]
        resolver.compile_lock(LOCKS / f"{name}.txt", packages, *default)
    resolver.compile_lock(LOCKS / "crt.txt", [*cells.CLIENT, *cells.MOTO, cells.CRT], *default)
    workers = [*cells.CLIENT, *cells.MOTO, *cells.WORKERS]
    resolver.compile_lock(LOCKS / "workers.txt", workers, *default)
    tools = [*cells.TOOLS, its_own]
    resolver.compile_lock(LOCKS / "tools.txt", tools, _ONE_VERSION, *oldest_of_nox)
    resolver.compile_lock(store.LOCK, cells.MOTO, *default)
    resolver.compile_lock(upstream.LOCK, upstream.REQUIREMENTS, *oldest)
    with ThreadPoolExecutor(4) as pool:
        compiled = [
            pool.submit(resolver.compile_cell, cell, cell.lock(), _ONE_VERSION, *options)
            for cell in cells.PINNED
        ]
        for each in compiled:
            each.result()
    for lock in {*(LOCKS / "cells").glob("*.txt")} - {cell.lock() for cell in cells.PINNED}:
        lock.unlink()


def _read_locks() -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in LOCKS.rglob("*.txt")}
