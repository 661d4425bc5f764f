"""`python -m botocore_redirect` and the program `botocore-redirect`: one command of several."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

import botocore_redirect
from botocore_redirect.commands import run_command
from botocore_redirect.commands.probe import command as probe_command

_CANNOT_RUN = 2
_EPILOG = """\
examples:
  %(prog)s demo
  %(prog)s check
  %(prog)s probe --endpoint-url http://gateway:51080/s3
  %(prog)s probe --endpoint-url https://s3.store.com --bucket data --write
  %(prog)s run -- aws s3 sync data s3://bucket

`%(prog)s COMMAND --help` says what a command does, and what its exit statuses mean.
`python -m botocore_redirect.testing` starts a store that redirects, to try with.
"""
_DEMO = """\
Starts a store on this machine whose gateway redirects every request, and uses one boto3 client with
it: before botocore_redirect.install(), and after it. Draws the requests. Needs boto3 and moto:
pip install 'botocore-redirect[testing]'.
"""
_DEMO_EPILOG = """\
exit status:
  0  stock boto3 failed, and the patched client worked
  1  something else happened; the last line says what
  2  it cannot be shown here; the message says why
"""
_CHECK = """\
Compares the code of the installed botocore with that of the releases on which the contract
passed: it is proven, compatible or unsupported. Names the functions that changed. Also tells who
installed the patch in this process, the policy in force, which functions others have replaced, and
what is known of aiobotocore and awscrt. Nothing is patched, and nothing is sent.
"""
_CHECK_EPILOG = """\
exit status:
  0  it is proven or compatible
  1  it is unsupported, or botocore is missing
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; argparse ends a wrong usage with 2."""
    parser = _Parser(prog=_program(), description="boto3 that follows redirects.", epilog=_EPILOG)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (_add_demo, _add_check, probe_command.add_to, run_command.add_to):
        add(commands)
    asked = parser.parse_args(arguments)
    status: int = asked.run(asked)
    return status


class _Parser(argparse.ArgumentParser):
    """Keeps the line breaks of the texts; parsers of commands are of this class, too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **options)


class _Version(argparse.Action):
    """Reads the version when it is asked for: that takes longer than all else here."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"botocore-redirect {botocore_redirect.__version__}")
        parser.exit()


def _program() -> str:
    name = Path(sys.argv[0]).stem
    return name if name == "botocore-redirect" else "python -m botocore_redirect"


def _add_demo(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="one boto3 client against a store that redirects, before and after install()",
        description=_DEMO,
        epilog=_DEMO_EPILOG,
    )
    parser.set_defaults(run=_demo)


def _add_check(commands: Any) -> None:
    parser = commands.add_parser(
        "check",
        help="say whether the botocore of this environment can be used, by comparing its code",
        description=_CHECK,
        epilog=_CHECK_EPILOG,
    )
    parser.add_argument("--json", action="store_true", help="the answer for programs")
    parser.set_defaults(run=_check)


def _check(asked: argparse.Namespace) -> int:
    try:
        from botocore_redirect.commands import check  # noqa: PLC0415  # it loads botocore
    except ImportError as error:
        why = f"botocore cannot be imported here, so there is nothing to check: {error}."
        print(why, file=sys.stderr)
        return 1

    answer = check.check()
    print(answer.as_json() if asked.json else answer.as_text())
    return check.STATUSES[answer.state]


def _demo(_asked: argparse.Namespace) -> int:
    try:
        for needed in ("boto3", "moto.server"):
            importlib.import_module(needed)
    except ImportError as problem:
        return _cannot_run(
            f"The demo needs boto3 and moto's server, but {problem}. Install them with:"
            " pip install boto3 'moto[s3,server]'"
        )
    from botocore_redirect.commands import demo  # noqa: PLC0415  # it needs what was looked for above

    try:
        shown = demo.run()
    except demo.CannotShow as problem:
        return _cannot_run(str(problem))
    print(shown.text)
    return 1 if shown.problems else 0


def _cannot_run(why: str) -> int:
    print(why, file=sys.stderr)
    return _CANNOT_RUN


if __name__ == "__main__":
    sys.exit(main())
