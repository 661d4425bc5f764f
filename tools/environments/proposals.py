"""Releases that the table of cells does not have yet, as rows to put there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from packaging.version import Version

from tools.environments.cells import SYNCHRONOUS, TABLE
from tools.environments.resolver import find_uv
from tools.releases import versions


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


def describe(cooldown: int) -> str:
    """Ask the index for releases, and say which rows the table should get.

    Releases younger than `cooldown` days are ignored: a bad one is often withdrawn within a week.
    """
    today = dt.datetime.now(dt.timezone.utc).date()
    newest = versions.find_newest(find_uv(), today - dt.timedelta(days=cooldown))
    found = propose((c.botocore for c in SYNCHRONOUS), versions.list_published(find_uv()), newest)
    if not found:
        return (
            f"The table of cells has the newest botocore that is older than {cooldown} days,"
            f" {newest}."
        )
    rows = [f"  {proposal}" for proposal in found]
    then = "Then: nox -s pins, nox -s census, nox -s matrix, nox -s report -- --publish"
    return "\n".join([f"In {TABLE}:", *rows, then])


def _minor(version: Version) -> tuple[int, ...]:
    return version.release[:2]
