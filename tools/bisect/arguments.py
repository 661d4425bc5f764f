"""What may follow `nox -s bisect --`."""

from __future__ import annotations

import argparse

from tools.environments.cells import PYTHON


def make_parser() -> argparse.ArgumentParser:
    """Describe the arguments of the session."""
    parser = argparse.ArgumentParser(
        prog="nox -s bisect --",
        description="Find the first botocore on which the contract comes out differently.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--good", required=True, metavar="RELEASE", help="the release to compare with")
    add("--bad", required=True, metavar="RELEASE", help="one that differs, newer or older")
    add("-k", default="", metavar="EXPR", help="only the tests that `pytest -k` would select")
    add("--python", default=PYTHON, metavar="3.N", help="(default: %(default)s)")
    add("--store", default="sockets", choices=("sockets", "in-process", "all"))
    return parser
