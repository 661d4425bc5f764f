"""`python -m botocore_redirect` and the program `botocore-redirect`: one command of several."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

import botocore_redirect

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
Compares the code of the installed botocore with that of the releases on which the whole contract
passed: it is proven, compatible or unsupported. Names the functions that changed. Also tells who
installed the patch in this process, the policy in force, which functions others have replaced, and
what is known of aiobotocore and awscrt. Nothing is patched, and nothing is sent.
"""
_CHECK_EPILOG = """\
exit status:
  0  it is proven or compatible
  1  it is unsupported, or botocore is missing
"""
_PROBE = """\
Asks a store how it redirects. For each call it shows the answer, the form of its Location, whether
the target is trusted, how the patch goes on (signed anew, presigned, unsigned, refused), when
`Expect: 100-continue` was answered, what became of the connection, and how the call ended. Then it
says which policy to set, by the rules that the patch itself follows.
"""
_PROBE_EPILOG = """\
Credentials, region and CA file are found as every program with botocore finds them. The policy in
force is that of the BOTOCORE_REDIRECT_... variables of the environment. Without --write, nothing is
written. With it, the probe writes keys that begin with botocore-redirect-probe-, and removes them.
Beside each call, an unsigned `HEAD /` tells whether the connection can be used again.

examples:
  %(prog)s --endpoint-url http://gateway:51080/s3 --bucket data
  %(prog)s --endpoint-url https://s3.store.com --bucket data --write --profile store
  %(prog)s --endpoint-url https://s3.store.com --bucket data --no-follow --json

exit status:
  0  a client with this package works with the policy in force
  1  a policy has to be set, a redirect is refused, or something written could not be removed
  2  the store could not be asked, or has no such bucket; the message says why
"""
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


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; argparse ends a wrong usage with 2."""
    parser = _Parser(prog=_program(), description="boto3 that follows redirects.", epilog=_EPILOG)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (_add_demo, _add_check, _add_probe, _add_run, _add_env):
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


def _add_probe(commands: Any) -> None:
    parser = commands.add_parser(
        "probe",
        help="ask a store how it redirects, and say which policy to set",
        description=_PROBE,
        epilog=_PROBE_EPILOG,
    )
    parser.add_argument("--endpoint-url", metavar="URL", required=True, help="the store")
    parser.add_argument("--bucket", help="ask for this bucket and its objects, too")
    parser.add_argument(
        "--write", action="store_true", help="write keys of its own there, and remove them"
    )
    parser.add_argument(
        "--no-follow", action="store_true", help="stop at the first answer: ask no target"
    )
    parser.add_argument("--json", action="store_true", help="the report for programs")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="for each answer (default: 10); a call with its hops gets four times that",
    )
    parser.add_argument("--profile", help="a profile of your AWS configuration")
    parser.add_argument("--region", help="the region to sign for (default: configured)")
    parser.add_argument("--no-sign-request", action="store_true", help="use no credentials")
    parser.add_argument("--ca-bundle", metavar="FILE", help="authorities to verify TLS with")
    parser.add_argument("--no-verify-ssl", action="store_true", help="do not verify TLS")
    parser.set_defaults(run=_probe)


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


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 3600:  # noqa: PLR2004 - an hour
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, up to 3600")
    return seconds


def _check(asked: argparse.Namespace) -> int:
    try:
        from botocore_redirect.commands import check  # noqa: PLC0415  # it loads botocore
    except ImportError as error:
        print(f"botocore cannot be imported here, so there is nothing to check: {error}.")
        return 1

    answer = check.check()
    print(answer.as_json() if asked.json else answer.as_text())
    return check.STATUSES[answer.standing]


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


def _probe(asked: argparse.Namespace) -> int:
    try:
        from botocore_redirect.commands.probe import report, run  # noqa: PLC0415  # they load botocore
    except ImportError as error:
        return _cannot_run(f"The probe needs botocore, but {error}. pip install botocore")
    settings = run.Settings(
        endpoint_url=asked.endpoint_url,
        bucket=asked.bucket,
        write=asked.write,
        follow=not asked.no_follow,
        profile=asked.profile,
        region=asked.region,
        sign=not asked.no_sign_request,
        ca_bundle=asked.ca_bundle,
        verify=not asked.no_verify_ssl,
        seconds=asked.timeout,
    )
    try:
        found = run.probe(settings, warn=_cannot_run)
    except run.CannotAsk as problem:
        return _cannot_run(str(problem))
    print(report.as_json(found) if asked.json else report.as_text(found))
    return 0 if found.works and not found.left_behind else 1


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


def _cannot_run(why: str) -> int:
    print(why, file=sys.stderr)
    return _CANNOT_RUN


if __name__ == "__main__":
    sys.exit(main())
