"""What every release of botocore is: run, proven by one that was, alike in what counts, unknown."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.results.outcomes import by_version, plural


@dataclass(frozen=True)
class Census:
    """What was read of all releases: None, and nothing, for one that nobody has read."""

    #: Releases of one class run the same code in a call of S3.
    classes: Mapping[str, str | None]
    #: Releases of one state have the same functions that the patch relies on.
    states: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Census:
        """Make one of what requirements/census.json holds."""
        classes: dict[str, str | None] = data["releases"]
        now: dict[str, str | None] = {}
        states = {}
        for release, name in classes.items():
            for function, history in data.get("functions", {}).items():
                if release in history:
                    now[function] = history[release]
            if name and now:
                states[release] = repr(sorted(now.items()))
        return cls(classes, states)


def table(green: set[str], red: set[str], census: Census) -> Iterator[str]:
    """Say of every release what it is, when these were run green and those were not."""
    run = sorted(green - red, key=by_version)
    oldest = min(map(by_version, (*green, *red)), default=by_version(""))
    known = {*run, *red, *(each for each in census.classes if by_version(each) >= oldest)}
    releases = sorted(known, key=by_version)
    proven = _witnesses(releases, run, red, census.classes)
    alike = _witnesses([r for r in releases if r not in proven], run, red, census.states)
    unknown = [r for r in releases if r not in {*run, *red, *proven, *alike}]

    since = f"since botocore {releases[0]}" if releases else ""
    yield f"Of {plural(len(releases), 'release')} {since}: {len(run)} run and green,"
    yield f"{len(proven)} proven, {len(alike)} alike, {len(unknown)} unknown, {len(red)} failed."
    yield ""
    yield "- *proven*: all of botocore that a call of S3 runs through is the same, but for comments"
    yield "  and docstrings, as in the release named, which was run: with the versions named below."
    yield "- *alike*: no more than every function that the patch relies on is the same as there."
    yield "- *unknown*: neither, or nobody has read it yet (`nox -s census`)."
    yield ""
    yield "| botocore | run | proven, by the run of | alike, as in the run of | unknown |"
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
    releases: Sequence[str], run: Sequence[str], red: set[str], kinds: Mapping[str, str | None]
) -> dict[str, str]:
    """Name, for each release that was not run, the newest of its kind that was green alone."""
    broken = {kinds.get(release) for release in red}
    by_kind = {kind: release for release in run if (kind := kinds.get(release))}
    return {
        release: by_kind[kind]
        for release in releases
        if release not in {*run, *red}
        and (kind := kinds.get(release)) in by_kind
        and kind not in broken
    }


def _spans(members: Sequence[str], named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give the unbroken rows of releases that have the same name."""
    for name, span in itertools.groupby(members, named.get):
        if name:
            yield _span(list(span)), name


def _span(releases: Sequence[str]) -> str:
    if len(releases) <= 1:
        return "".join(releases)
    return f"{releases[0]} to {releases[-1]} ({len(releases)})"
