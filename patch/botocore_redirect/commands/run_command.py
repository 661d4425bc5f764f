"""The options of `run` and `env`, and their exit status."""

from __future__ import annotations

import argparse
import sys
from typing import Any

_RUN = """\
Runs a program that cannot be edited, and every Python process that it starts, with redirects
followed. PROGRAM is the name or path of a program, a .py or .pyz file, or options of this Python
such as -m MODULE. It takes the place of this process.
"""
_RUN_EPILOG = """\
examples:
  %(prog)s -- aws s3 sync data s3://bucket
  %(prog)s --trust '*.store.com' --max-hops 3 -- -m your_module

exit status: that of PROGRAM, or
  2    the policy is malformed, or PROGRAM starts a Python that ignores the environment
  126  PROGRAM cannot be run
  127  there is no such program
"""
_ENV = """\
Prints the environment variables with which any Python follows redirects, as lines for a shell:
eval "$(%(prog)s)"
"""
_ENV_EPILOG = """\
exit status:
  0  they are printed
  2  the policy is malformed
"""


def add_to(commands: Any) -> None:
    """Add the two commands to those of the program."""
    _add_run(commands)
    _add_env(commands)


def _add_run(commands: Any) -> None:
    parser = commands.add_parser(
        "run",
        help="run any program, and the Python processes that it starts, with redirects followed",
        usage="%(prog)s [-h] [--trust HOST] [--max-hops N] [--rewrites] -- PROGRAM [ARGUMENT ...]",
        description=_RUN,
        epilog=_RUN_EPILOG,
    )
    _add_policy(parser)
    parser.add_argument("program", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.set_defaults(run=_run)


def _add_env(commands: Any) -> None:
    parser = commands.add_parser(
        "env",
        help="print the environment variables with which any Python follows redirects",
        description=_ENV,
        epilog=_ENV_EPILOG,
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--env-file", action="store_true", help="NAME=VALUE, for Docker and systemd")
    form.add_argument("--json", action="store_true", help="for programs")
    _add_policy(parser)
    parser.set_defaults(run=_run)


def _add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--trust", action="append", metavar="HOST", help="a host, pattern or network to trust"
    )
    parser.add_argument("--max-hops", metavar="N", help="how many redirects a request may take")
    parser.add_argument(
        "--rewrites", action="store_const", const="on", help="accept redirects to other paths"
    )


def _run(asked: argparse.Namespace) -> int:
    from botocore_redirect.commands import run  # noqa: PLC0415  # other commands need no policy

    try:
        if asked.command == "run":
            run.run_program(asked)
        print(run.describe_variables(asked))
    except run.CannotRun as problem:
        print(f"botocore-redirect: {problem.message}", file=sys.stderr)
        return problem.status
    return 0
