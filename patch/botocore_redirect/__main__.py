"""`python -m botocore_redirect`: see what the patch does, and what is known of this botocore."""

from __future__ import annotations

import argparse
import importlib
import sys

_CANNOT_RUN = 2


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand and return its exit status; argparse ends a wrong usage with 2."""
    parser = argparse.ArgumentParser(prog="python -m botocore_redirect", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "demo",
        help="one boto3 client against a store that redirects, before and after install()",
    )
    checking = commands.add_parser(
        "check",
        help="say whether the botocore of this environment was run, is proven, or is unknown",
    )
    checking.add_argument("--json", action="store_true", help="the answer for programs")
    asked = parser.parse_args(arguments)
    return _demo() if asked.command == "demo" else _check(as_json=asked.json)


def _check(*, as_json: bool) -> int:
    try:
        from botocore_redirect.commands import check  # noqa: PLC0415  # it loads botocore
    except ImportError as error:
        print(f"botocore cannot be imported here, so there is nothing to check: {error}.")
        return 1

    answer = check.check()
    print(answer.as_json() if as_json else answer.as_text())
    return check.STATUSES[answer.standing]


def _demo() -> int:
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
