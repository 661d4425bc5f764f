"""Find the first release on which the contract comes out differently. Pure: others run it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from tools.releases.versions import ReleaseError, between

_GREEN = ("passed", "skipped")


class BisectError(ReleaseError):
    """There is no first release to name; the message says why."""


class Skip(Exception):
    """A release cannot be probed; the message is a sentence that names it and says why."""


@dataclass(frozen=True)
class Run:
    """What came out of the contract on one release."""

    outcomes: Mapping[str, str]
    #: What the tests that failed had to say.
    messages: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Run:
        """Read what came out of the contract."""
        outcomes: dict[str, str] = {}
        messages: dict[str, str] = {}
        for quadrant in record["quadrants"]:
            name = f"{quadrant['store']} {quadrant['file']}"
            tests = quadrant["tests"]
            outcomes.update({f"{name}::{test}": outcome for test, outcome in tests.items()})
            if quadrant["outcome"] != "passed" and "failed" not in tests.values():
                outcomes[name] = quadrant["outcome"]  # it never came to a test, or died in one
            for failure in quadrant["failures"]:
                test = f"{name}::{failure['test']}"
                messages[test if test in outcomes else name] = failure["message"]
        return cls(outcomes, messages)

    def differing(self, other: Run) -> list[str]:
        """Give the tests that came out differently; what they said when they failed is free."""
        tests = sorted({*self.outcomes, *other.outcomes})
        return [test for test in tests if self.outcomes.get(test) != other.outcomes.get(test)]


Probe = Callable[[str], Run]


@dataclass(frozen=True)
class Found:
    """The last release on the way from good that comes out as good does, and the next one."""

    last: str
    first: str
    before: Run
    after: Run
    #: Releases that could not be probed, with the reason, in the order in which they were tried.
    skipped: Mapping[str, str]
    #: Those of them that lie between the two, so that any of them may be the first.
    unknown: tuple[str, ...]
    #: Tests that differ on `bad`, but not on `first`: there is a further change behind it.
    later: tuple[str, ...]
    probes: int

    @property
    def changed(self) -> list[str]:
        """The tests whose outcome changed."""
        return self.before.differing(self.after)


def search(
    releases: Iterable[str],
    good: str,
    bad: str,
    probe: Probe,
    tell: Callable[[str], object] = lambda _: None,
) -> Found:
    """Halve the way from `good` to `bad` until two neighbours differ, and probe both again.

    Raises `ReleaseError` for ends that are no releases or come out the same, and for tests that
    come out differently when the same release is probed twice. `tell` gets a line per probe.
    """
    walk = _Walk(between(releases, good, bad), probe, tell)
    walk.start()
    while walk.step():
        pass
    return walk.end()


class _Walk:
    """The state of a search: a release up to which nothing differs, one from which it does."""

    def __init__(self, way: list[str], probe: Probe, tell: Callable[[str], object]) -> None:
        self._way = way
        self._probe = probe
        self._tell = tell
        self._last, self._first = 0, len(way) - 1
        self._runs: dict[int, Run] = {}
        self._skipped: dict[int, str] = {}
        self._probes = 0

    def start(self) -> None:
        good, bad = self._way[0], self._way[-1]
        for index in (self._last, self._first):
            try:
                self._run(index)
            except Skip as why:
                raise BisectError(str(why)) from why
            self._report(index)
        if not self._differing(self._first):
            tests = count(len(self._runs[0].outcomes), "test")
            raise BisectError(
                f"The {tests} came out the same on {good} and {bad}: nothing that they look at"
                " changed between these two releases."
            )

    def step(self) -> bool:
        """Probe one release between; return whether there was one."""
        middle = self._middle()
        if middle is None:
            return False
        try:
            self._run(middle)
        except Skip as why:
            self._skipped[middle] = str(why)
            self._tell(f"botocore {self._way[middle]}: skipped {self._left()}. {why}")
            return True
        if self._differing(middle):
            self._first = middle
        else:
            self._last = middle
        self._report(middle)
        return True

    def end(self) -> Found:
        for index in (self._last, self._first):
            self._confirm(index)
        after = self._runs[self._first]
        return Found(
            last=self._way[self._last],
            first=self._way[self._first],
            before=self._runs[self._last],
            after=after,
            skipped={self._way[index]: why for index, why in self._skipped.items()},
            unknown=tuple(self._way[self._last + 1 : self._first]),
            later=tuple(after.differing(self._runs[len(self._way) - 1])),
            probes=self._probes,
        )

    def _run(self, index: int) -> Run:
        self._probes += 1
        self._runs[index] = self._probe(self._way[index])
        return self._runs[index]

    def _confirm(self, index: int) -> None:
        release, once = self._way[index], self._runs[index]
        try:
            unsteady = once.differing(self._run(index))
        except Skip as why:
            raise BisectError(str(why)) from why
        if unsteady:
            raise BisectError(
                f"No release can be named, because {count(len(unsteady), 'test')} came out"
                f" differently on botocore {release} the second time: {', '.join(unsteady)}."
                " Leave them out with -k."
            )
        self._tell(f"{self._about(index)}, same as the first time")

    def _middle(self) -> int | None:
        """Give the middle of the widest gap between releases that were tried, if there is one."""
        inside = (index for index in self._skipped if self._last < index < self._first)
        tried = sorted({self._last, *inside, self._first})
        low, high = max(zip(tried, tried[1:]), key=lambda gap: gap[1] - gap[0])
        return (low + high) // 2 if high - low > 1 else None

    def _differing(self, index: int) -> list[str]:
        return self._runs[0].differing(self._runs[index])

    def _report(self, index: int) -> None:
        different = len(self._differing(index))
        verdict = f"same as {self._way[0]}"
        if index == 0:
            verdict = "to compare the others to"
        elif different:
            verdict = f"{different} {'differs' if different == 1 else 'differ'} from {self._way[0]}"
        self._tell(f"{self._about(index)}, {verdict} {self._left()}")

    def _about(self, index: int) -> str:
        outcomes = self._runs[index].outcomes
        red = sum(outcome not in _GREEN for outcome in outcomes.values())
        failed = f", {red} failed" if red else ""
        return f"botocore {self._way[index]}: {count(len(outcomes), 'test')}{failed}"

    def _left(self) -> str:
        tried = sum(self._last < index < self._first for index in self._skipped)
        return f"({count(self._first - self._last - 1 - tried, 'release')} left)"


def count(number: int, thing: str) -> str:
    """Say how many of a thing there are."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
