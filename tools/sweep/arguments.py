"""What may follow `nox -s sweep --`."""

from __future__ import annotations

import argparse
import os
from typing import NamedTuple

from tools.sessions.usage import positive_int


class Shard(NamedTuple):
    """Part `number` of `total`; the first is number 1."""

    number: int
    total: int


def make_parser() -> argparse.ArgumentParser:
    """Describe the arguments of the session."""
    parser = argparse.ArgumentParser(
        prog="nox -s sweep --",
        description=(
            "Run the contract on one release of each class of botocore that was never run. A run"
            " that was interrupted goes on."
        ),
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("releases", nargs="*", metavar="RELEASE", help="only run these, whatever was run before")
    add("--stale", action="store_true", help="also run classes that ran with an earlier contract")
    add("--shard", type=_shard, default=Shard(1, 1), metavar="K/N", help="run part K of N")
    add("--jobs", type=positive_int, default=os.cpu_count() or 1, metavar="N", help="N at a time")
    add("--list", action="store_true", dest="only_list", help="list what would run")
    add("--publish", action="store_true", help="run nothing; write the results to requirements/")
    return parser


def _shard(text: str) -> Shard:
    number, separator, total = text.partition("/")
    if not (separator and number.isdecimal() and total.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no part; write 2/8 for the second of eight")
    shard = Shard(int(number), int(total))
    if not 1 <= shard.number <= shard.total:
        raise argparse.ArgumentTypeError(f"there is no part {shard.number} of {shard.total}")
    return shard
