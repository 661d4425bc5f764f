"""Compare two passes by the ids of their tests, and tell unsteady tests from differences."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tools.upstream.passes import Outcome, Pass

ABSENT = Outcome("absent")


@dataclass(frozen=True)
class Difference:
    """A test that came out differently."""

    test: str
    stock: Outcome
    patched: Outcome

    @property
    def file(self) -> str:
        """The file of the test."""
        return file_of(self.test)


def file_of(test: str) -> str:
    """Return the file of a test id; an error of collection has one, too."""
    return test.partition("::")[0].removesuffix(" (collection)")


def differences(stock: Pass, patched: Pass, left_out: Collection[str] = ()) -> list[Difference]:
    """Return the tests whose result differs, or that only one pass has; messages may differ."""
    both = {**stock.outcomes, **patched.outcomes}
    found = [
        Difference(test, stock.outcomes.get(test, ABSENT), patched.outcomes.get(test, ABSENT))
        for test in sorted(both)
        if test not in left_out
    ]
    return [each for each in found if each.stock.result != each.patched.result]


def still_different(found: list[Difference], stock: Pass, patched: Pass) -> list[Difference]:
    """Return those that differ in a second pair of passes as well, with what that said."""
    again = {each.test: each for each in differences(stock, patched)}
    return [again[each.test] for each in found if each.test in again]


def count_results(outcomes: Mapping[str, Outcome]) -> dict[str, int]:
    """Count the results, most frequent first."""
    results = [outcome.result for outcome in outcomes.values()]
    return {name: results.count(name) for name in sorted({*results}, key=results.count)[::-1]}
