"""Releases that the table of cells does not have yet, as rows to put there."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from packaging.version import Version

from tools.environments.cells import PINNED, TABLE
from tools.environments.resolver import ResolverError, find_uv
from tools.releases import versions

_LONGEST = 3650
COOLDOWN = 7
"""Days that a release is left alone: a bad one is often taken back within them."""


@dataclass(frozen=True)
class Proposal:
    """A release for the table, and the row that it should take the place of, if any."""

    botocore: str
    instead_of: str = ""

    def __str__(self) -> str:
        if self.instead_of:
            return f'"{self.instead_of}" becomes "{self.botocore}", its minor\'s last patch'
        return f'{{ botocore = "{self.botocore}" }} is a new row, for a new minor'


def propose(table: Iterable[str], releases: Iterable[str], newest: str) -> list[Proposal]:
    """Give the last release of each minor from that of the table's end on, up to `newest`."""
    pinned = {Version(release) for release in table}
    last = max(pinned)
    after = (Version(release) for release in releases)
    wanted = sorted(each for each in after if last < each <= Version(newest))
    return [
        Proposal(str(max(of_minor)), str(last) if minor == _minor(last) else "")
        for minor, of_minor in ((m, [*each]) for m, each in groupby(wanted, _minor))
    ]


def main(arguments: list[str] | None = None) -> int:
    """Look for new releases, and print what to do about them; change nothing."""
    parser = argparse.ArgumentParser(prog="nox -s pins -- --new", description=main.__doc__)
    parser.add_argument("--cooldown", type=_days, default=COOLDOWN, metavar="DAYS")
    days = parser.parse_args(arguments).cooldown
    today = dt.datetime.now(dt.timezone.utc).date()
    try:
        newest = versions.newest_at(find_uv(), today - dt.timedelta(days=days))
        found = propose((c.botocore for c in PINNED), versions.published(find_uv()), newest)
    except (versions.ReleaseError, ResolverError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if not found:
        print(f"No botocore older than {days} days is newer than the table: {newest} was the last.")
        return 0
    print(f"In {TABLE}:")
    for proposal in found:
        print(f"  {proposal}")
    print("Then: nox -s pins, nox -s census, nox -s matrix, nox -s report -- --publish")
    return 0


def _days(text: str) -> int:
    if not text.isdigit() or int(text) > _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 0 to {_LONGEST}")
    return int(text)


def _minor(version: Version) -> tuple[int, ...]:
    return version.release[:2]


if __name__ == "__main__":
    sys.exit(main())
