"""The state of every release of botocore: proven, compatible or unsupported."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore_redirect.commands.states import COMPATIBLE, MEANINGS, PROVEN, UNSUPPORTED
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


def judge(green: set[str], failed: set[str], classes: Classes) -> dict[str, str]:
    """Return the state of each release since the oldest that was run, oldest first."""
    run = green - failed
    oldest = min(map(version_key, (*green, *failed)), default=version_key(""))
    known = {*run, *failed, *(each for each in classes.by_release if version_key(each) >= oldest)}
    broken = {classes.by_release.get(release) for release in failed}
    proven = {classes.by_release.get(release) for release in run} - {None}
    alike = {classes.states.get(release) for release in run} - {None}
    states = {}
    for release in sorted(known, key=version_key):
        class_ = classes.by_release.get(release)
        if release in failed or (class_ and class_ in broken):
            states[release] = UNSUPPORTED
        elif release in run or class_ in proven:
            states[release] = PROVEN
        elif classes.states.get(release) in alike:
            states[release] = COMPATIBLE
        else:
            states[release] = UNSUPPORTED
    return states


def render_table(green: set[str], failed: set[str], classes: Classes) -> Iterator[str]:
    """Render the table of all releases, of which `green` passed and `failed` failed."""
    states = judge(green, failed, classes)
    counts = {state: [*states.values()].count(state) for state in MEANINGS}
    since = f" since botocore {next(iter(states))}" if states else ""
    yield f"Of {plural(len(states), 'release')}{since}, {counts[PROVEN]} are proven,"
    yield f"{counts[COMPATIBLE]} are compatible, {counts[UNSUPPORTED]} are unsupported."
    yield ""
    for state, meaning in MEANINGS.items():
        yield textwrap.fill(f"- **{state}**: {meaning}", 100, subsequent_indent="  ")
    yield ""
    yield "The contract was run on the releases in the third column. What is neither compatible"
    yield "nor unsupported is proven by one of them. `python -m botocore_redirect check` says what"
    yield "holds for the botocore that is installed, even if it is newer than this page. The"
    yield "[glossary](glossary.md) explains the terms. A state is about the code of botocore: the"
    yield "tables below name the Pythons on which it was run."
    yield ""
    yield "| botocore | releases | run | compatible | unsupported |"
    yield "| --- | --- | --- | --- | --- |"
    for name, group in itertools.groupby(reversed(states), minor):
        members = [*group][::-1]
        shown = [
            f"{each} **failed**" if each in failed else each
            for each in members
            if each in {*green, *failed}
        ]
        spans = ("; ".join(_spans(members, states, state)) for state in (COMPATIBLE, UNSUPPORTED))
        yield f"| {' | '.join((name, str(len(members)), ', '.join(shown), *spans))} |"


def minor(release: str) -> str:
    """Return the minor that a release belongs to."""
    return ".".join(release.split(".")[:2])


def _spans(members: Sequence[str], states: Mapping[str, str], state: str) -> Iterator[str]:
    """Join neighbouring releases that are in a state."""
    for found, span in itertools.groupby(members, states.__getitem__):
        if found == state:
            yield _span([*span])


def _span(releases: Sequence[str]) -> str:
    if len(releases) <= 1:
        return "".join(releases)
    return f"{releases[0]} to {releases[-1]} ({len(releases)})"
