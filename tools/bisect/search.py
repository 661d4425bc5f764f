"""Find the first release on which the contract comes out differently. Pure: others run it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from tools.releases.versions import ReleaseError, select_span
from tools.results.outcomes import plural

#: Test id -> its outcome.
Outcomes = dict[str, str]
Probe = Callable[[str], Outcomes]


class BisectError(ReleaseError):
    """There is no first release to name; the message says why."""


class Skip(Exception):
    """A release cannot be probed; the message is a sentence that names it and says why."""


@dataclass(frozen=True)
class Found:
    """The last release that comes out like `good`, and the next one that was probed."""

    last: str
    first: str
    #: The tests that changed, with their outcome on `last` and on `first`.
    changed: Mapping[str, tuple[str, str]]
    #: The releases between the two, none of which can be probed: each may be the first.
    unknown: tuple[str, ...]


def read_outcomes(record: Mapping[str, Any]) -> Outcomes:
    """Read what the runner of the contract wrote."""
    outcomes: Outcomes = {}
    for quadrant in record["quadrants"]:
        name = f"{quadrant['store']} {quadrant['file']}"
        tests = quadrant["tests"]
        outcomes.update({f"{name}::{test}": outcome for test, outcome in tests.items()})
        if quadrant["outcome"] != "passed" and "failed" not in tests.values():
            outcomes[name] = quadrant["outcome"]  # it never came to a test, or died in one
    return outcomes


def compare(one: Outcomes, other: Outcomes) -> dict[str, tuple[str, str]]:
    """Return the tests that came out differently, with both outcomes."""
    pairs = {
        test: (one.get(test, "missing"), other.get(test, "missing"))
        for test in sorted({*one, *other})
    }
    return {test: pair for test, pair in pairs.items() if pair[0] != pair[1]}


def search(
    releases: Iterable[str],
    good: str,
    bad: str,
    probe: Probe,
    log: Callable[[str], object] = lambda _: None,
) -> Found:
    """Halve the span from `good` to `bad` until two neighbours differ, and probe both again.

    Raises `ReleaseError` for ends that are no releases or come out the same, and for tests that
    come out differently when the same release is probed twice. `log` gets a line for each probe.
    """
    state = _Search(select_span(releases, good, bad), probe, log)
    state.probe_ends()
    while (middle := state.find_middle()) is not None:
        state.probe_middle(middle)
    return state.confirm()


@dataclass
class _Search:
    """What is known of a span: `last` comes out like its start, `first` does not."""

    span: list[str]
    probe: Probe
    log: Callable[[str], object]
    outcomes: dict[int, Outcomes] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.last, self.first = 0, len(self.span) - 1

    def probe_ends(self) -> None:
        for index in (self.last, self.first):
            self._probe_or_end(index)
        if not self._changes(self.first):
            tests = plural(len(self.outcomes[0]), "test")
            raise BisectError(
                f"The {tests} came out the same on {self.span[0]} and {self.span[-1]}: nothing"
                " that they look at changed between these two releases."
            )

    def find_middle(self) -> int | None:
        """Return the middle of the widest gap between releases that were tried, if there is one."""
        inside = (index for index in self.skipped if self.last < index < self.first)
        tried = sorted({self.last, *inside, self.first})
        low, high = max(zip(tried, tried[1:]), key=lambda gap: gap[1] - gap[0])
        return (low + high) // 2 if high - low > 1 else None

    def probe_middle(self, index: int) -> None:
        try:
            self.outcomes[index] = self.probe(self.span[index])
        except Skip as why:
            self.skipped.add(index)
            self.log(f"botocore {self.span[index]}: skipped. {why}")
            return
        if self._changes(index):
            self.first = index
        else:
            self.last = index
        self._log(index)

    def confirm(self) -> Found:
        """Probe both neighbours again."""
        for index in (self.last, self.first):
            before = self.outcomes[index]
            self._probe_or_end(index)
            if unsteady := compare(before, self.outcomes[index]):
                raise BisectError(
                    f"No release can be named: {plural(len(unsteady), 'test')} came out differently"
                    f" on botocore {self.span[index]} the second time ({', '.join(unsteady)})."
                    " Leave them out with -k."
                )
        return Found(
            last=self.span[self.last],
            first=self.span[self.first],
            changed=compare(self.outcomes[self.last], self.outcomes[self.first]),
            unknown=tuple(self.span[self.last + 1 : self.first]),
        )

    def _probe_or_end(self, index: int) -> None:
        try:
            self.outcomes[index] = self.probe(self.span[index])
        except Skip as why:
            raise BisectError(str(why)) from why
        self._log(index)

    def _changes(self, index: int) -> dict[str, tuple[str, str]]:
        return compare(self.outcomes[0], self.outcomes[index])

    def _log(self, index: int) -> None:
        tests = plural(len(self.outcomes[index]), "test")
        changes = f"{len(self._changes(index))} unlike {self.span[0]}"
        what = changes if index else "to compare the others with"
        self.log(f"botocore {self.span[index]}: {tests}, {what}")


def describe(found: Found, selection: str = "") -> str:
    """Name the first release that differs, the tests that changed, and how to see it.

    `selection` is what was given with -k.
    """
    ids = [f"  {test}: {' -> '.join(pair)}" for test, pair in found.changed.items()]
    unknown = f"Between them, {', '.join(found.unknown)} cannot be probed.\n"
    select = f" -- -k '{selection}'" if selection else ""
    return (
        f"botocore {found.first} is the first release on which the contract comes out differently;"
        f" {found.last} is the last on which it does not.\n"
        f"{unknown if found.unknown else ''}"
        f"{plural(len(ids), 'test')} changed:\n" + "\n".join(ids) + "\n"
        f"To see it: BOTOCORE_VERSION={found.first} nox -s matrix{select}"
    )
