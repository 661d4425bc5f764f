"""The status of every release of botocore: run, proven by one that was, alike, or unknown."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.results.outcomes import plural, version_key


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


def render_table(green: set[str], failed: set[str], classes: Classes) -> Iterator[str]:
    """Render the table of all releases, of which `green` passed and `failed` failed."""
    run = sorted(green - failed, key=version_key)
    oldest = min(map(version_key, (*green, *failed)), default=version_key(""))
    known = {*run, *failed, *(each for each in classes.by_release if version_key(each) >= oldest)}
    releases = sorted(known, key=version_key)
    proven = _find_newest_green(releases, run, failed, classes.by_release)
    alike = _find_newest_green(
        [r for r in releases if r not in proven], run, failed, classes.states
    )
    unknown = [r for r in releases if r not in {*run, *failed, *proven, *alike}]

    since = f"since botocore {releases[0]}" if releases else ""
    yield f"Of {plural(len(releases), 'release')} {since}, {len(run)} were run and are green,"
    yield f"{len(proven)} are proven, {len(alike)} are alike, {len(unknown)} are unknown,"
    yield f"{len(failed)} failed."
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
        shown = [
            r if r not in failed else f"{r} **failed**" for r in members if r in {*run, *failed}
        ]
        cells = (
            ", ".join(shown),
            "; ".join(f"{span} by {proof}" for span, proof in _spans(members, proven)),
            "; ".join(f"{span} as {proof}" for span, proof in _spans(members, alike)),
            "; ".join(span for span, _ in _spans(members, dict.fromkeys(unknown, "unknown"))),
        )
        yield f"| {' | '.join((name, *cells))} |"


def minor(release: str) -> str:
    """Give the minor that a release belongs to."""
    return ".".join(release.split(".")[:2])


def _find_newest_green(
    releases: Sequence[str], run: Sequence[str], failed: set[str], groups: Mapping[str, str | None]
) -> dict[str, str]:
    """Find, for each release that was not run, the newest green one of its group.

    A group in which a release failed has none.
    """
    broken = {groups.get(release) for release in failed}
    by_group = {group: release for release in run if (group := groups.get(release))}
    return {
        release: by_group[group]
        for release in releases
        if release not in {*run, *failed}
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
