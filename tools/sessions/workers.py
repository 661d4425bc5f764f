"""The programs of examples/workers, with the libraries that start their workers."""

from __future__ import annotations

import argparse

import nox

from tools.environments import install
from tools.environments.cells import LOCKS

_LOCK = LOCKS / "workers.txt"


def run(session: nox.Session) -> None:
    """Run them; what takes minutes to install is run if `--with` names it."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--with", action="append", default=[], dest="packages")
    options, others = parser.parse_known_args(session.posargs)
    install.install(session, session.env_dir, _LOCK)
    if options.packages:
        install.add(session, session.env_dir, _LOCK, options.packages)
    session.run("pytest", *(others or ["tests/workers"]))
