"""The options of `probe`, and its exit status."""

from __future__ import annotations

import argparse
import sys
from typing import Any

_CANNOT_ASK = 2
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


def add_to(commands: Any) -> None:
    """Add the command to those of the program."""
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


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 3600:  # noqa: PLR2004 - an hour
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, up to 3600")
    return seconds


def _probe(asked: argparse.Namespace) -> int:
    try:
        from botocore_redirect.commands.probe import report, run  # noqa: PLC0415  # they load botocore
    except ImportError as error:
        return _fail(f"The probe needs botocore, but {error}. pip install botocore")
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
        found = run.probe(settings, warn=_fail)
    except run.CannotAsk as problem:
        return _fail(str(problem))
    print(report.as_json(found) if asked.json else report.as_text(found))
    return 0 if found.works and not found.left_behind else 1


def _fail(why: str) -> int:
    print(why, file=sys.stderr)
    return _CANNOT_ASK
