"""The status of every release of botocore: run, proven by one that was, alike, or unknown."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.results.outcomes import by_version, plural


@dataclass(frozen=True)
class Classes:
    """What the census says of each release; a class of None was not read."""

    #: Releases of one class run the same code in a call of S3.
    by_release: Mapping[str, str | None]
    #: Releases of one state have the same functions that the patch relies on.
    states: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, census: Mapping[str, Any]) -> Classes:
        """Read the content of requirements/census.json."""
        now: dict[str, str | None] = {}
        states = {}
        for release, name in census["releases"].items():
            for function, history in census.get("functions", {}).items():
                if release in history:
                    now[function] = history[release]
            if name and now:
                states[release] = repr(sorted(now.items()))
        return cls(census["releases"], states)


def table(green: set[str], red: set[str], classes: Classes) -> Iterator[str]:
    """Give the table of all releases, of which `green` passed and `red` failed."""
    run = sorted(green - red, key=by_version)
    oldest = min(map(by_version, (*green, *red)), default=by_version(""))
    known = {*run, *red, *(each for each in classes.by_release if by_version(each) >= oldest)}
    releases = sorted(known, key=by_version)
    proven = _witnesses(releases, run, red, classes.by_release)
    alike = _witnesses([r for r in releases if r not in proven], run, red, classes.states)
    unknown = [r for r in releases if r not in {*run, *red, *proven, *alike}]

    since = f"since botocore {releases[0]}" if releases else ""
    yield f"Of {plural(len(releases), 'release')} {since}, {len(run)} were run and are green,"
    yield f"{len(proven)} are proven, {len(alike)} are alike, {len(unknown)} are unknown,"
    yield f"{len(red)} failed."
    yield ""
    yield "- *run*: all quadrants were green with this release and the versions below."
    yield "- *proven*: an S3 call runs the same code as in the release named, which was run."
    yield "  Comments and docstrings may differ."
    yield "- *alike*: only the functions that the patch uses are known to be identical to those of"
    yield "  the release named, which was run."
    yield "- *unknown*: none of these, or the release was not read yet (`nox -s census`)."
    yield ""
    yield "| botocore | run | proven by | alike to | unknown |"
    yield "| --- | --- | --- | --- | --- |"
    for name, group in itertools.groupby(reversed(releases), minor):
        members = list(group)[::-1]
        shown = [r if r not in red else f"{r} **failed**" for r in members if r in {*run, *red}]
        cells = (
            ", ".join(shown),
            "; ".join(f"{span} by {witness}" for span, witness in _spans(members, proven)),
            "; ".join(f"{span} as {witness}" for span, witness in _spans(members, alike)),
            "; ".join(span for span, _ in _spans(members, dict.fromkeys(unknown, "unknown"))),
        )
        yield f"| {' | '.join((name, *cells))} |"


def minor(release: str) -> str:
    """Give the minor that a release belongs to."""
    return ".".join(release.split(".")[:2])


def _witnesses(
    releases: Sequence[str], run: Sequence[str], red: set[str], groups: Mapping[str, str | None]
) -> dict[str, str]:
    """Name, for each release that was not run, the newest green one of a group without failures."""
    broken = {groups.get(release) for release in red}
    by_group = {group: release for release in run if (group := groups.get(release))}
    return {
        release: by_group[group]
        for release in releases
        if release not in {*run, *red}
        and (group := groups.get(release)) in by_group
        and group not in broken
    }


def _spans(members: Sequence[str], named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Join neighbouring releases that have the same name."""
    for name, span in itertools.groupby(members, named.get):
        if name:
            yield _span(list(span)), name


def _span(releases: Sequence[str]) -> str:
    if len(releases) <= 1:
        return "".join(releases)
    return f"{releases[0]} to {releases[-1]} ({len(releases)})"
