"""Compare two passes by the ids of their tests, and say what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import shorten

from tools.upstream.passes import Pass, Result

ABSENT = Result("absent")
_SHOWN = 40  # differences; more of them say that the patch is broken, not where
_WIDTH = 400  # of a message


@dataclass(frozen=True)
class Difference:
    """A test that came out differently."""

    test: str
    stock: Result
    patched: Result

    @property
    def file(self) -> str:
        """The file of the test, or the one whose collection failed."""
        return self.test.partition("::")[0].removesuffix(" (collection)")


def find_differences(stock: Pass, patched: Pass) -> list[Difference]:
    """Return the tests whose outcome differs, or that only one pass has; messages may differ."""
    found = [
        Difference(test, stock.results.get(test, ABSENT), patched.results.get(test, ABSENT))
        for test in sorted({**stock.results, **patched.results})
    ]
    return [each for each in found if each.stock.outcome != each.patched.outcome]


def find_repeated(found: list[Difference], stock: Pass, patched: Pass) -> list[Difference]:
    """Return those that differ in a second pair of passes as well, with its messages."""
    again = {each.test: each for each in find_differences(stock, patched)}
    return [again[each.test] for each in found if each.test in again]


def describe_tests(stock: Pass, patched: Pass) -> str:
    """Say how many tests came out the same, and how."""
    everything = {**stock.results, **patched.results}
    differing = {each.test for each in find_differences(stock, patched)}
    same = [result.outcome for test, result in everything.items() if test not in differing]
    counted = ", ".join(f"{count:,} {outcome}" for outcome, count in Counter(same).most_common())
    return f"{len(same):,} of {len(everything):,} tests are the same ({counted or 'none ran'})."


def describe_calls(patched: Pass) -> str:
    """Say how many requests passed through the patch."""
    total = sum(patched.calls.values(), Counter[str]())
    files = sum(bool(counts["sent_by_patch"]) for counts in patched.calls.values())
    return (
        f"{total['made']:,} calls of clients. {total['sent_by_patch']:,} of {total['sent']:,}"
        f" requests passed the patch, {total['s3_sent_by_patch']:,} of them to S3,"
        f" in {files} files."
    )


def describe_differences(title: str, found: list[Difference]) -> Iterator[str]:
    """Show tests with both outcomes and messages."""
    if found:
        yield f"{title}: {len(found)}"
    for each in found[:_SHOWN]:
        yield f"  {each.test}"
        yield f"    without the patch: {_describe(each.stock)}"
        yield f"    with the patch:    {_describe(each.patched)}"
    if len(found) > _SHOWN:
        yield f"  and {len(found) - _SHOWN} more"


def _describe(result: Result) -> str:
    message = shorten(result.message, _WIDTH, placeholder=" ...")
    return f"{result.outcome}: {message}" if message else result.outcome
