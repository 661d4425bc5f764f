"""What a run prints at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import shorten

from tools.upstream.comparison import Difference, count_results
from tools.upstream.passes import Outcome, Pass

_SHOWN = 40  # of the differences: more say that the patch is broken, not where
_WIDTH = 400  # of a message


def of_tests(stock: Pass, patched: Pass, left_out: Mapping[str, str]) -> Iterator[str]:
    """Say how many tests came out the same, and with which results."""
    same = {
        test: outcome
        for test, outcome in patched.outcomes.items()
        if test not in left_out and stock.outcomes.get(test, Outcome("")).result == outcome.result
    }
    counted = ", ".join(f"{count:,} {name}" for name, count in count_results(same).items())
    everything = stock.outcomes.keys() | patched.outcomes.keys()
    yield f"{len(same):,} of {len(everything):,} tests are the same ({counted or 'none ran'})."
    for test in sorted({*left_out} & everything):
        yield f"Left out: {test}: {left_out[test]}"


def of_calls(patched: Pass) -> str:
    """Say how many requests passed the patch."""
    total = {
        kind: sum(counts[kind] for counts in patched.calls.values())
        for kind in ("made", "sent", "sent_by_patch", "s3_sent_by_patch")
    }
    files = sum(bool(counts["sent_by_patch"]) for counts in patched.calls.values())
    return (
        f"{total['made']:,} calls of clients. {total['sent_by_patch']:,} of {total['sent']:,}"
        f" requests passed the patch, {total['s3_sent_by_patch']:,} of them to S3,"
        f" in {files} files."
    )


def of_differences(title: str, found: list[Difference]) -> Iterator[str]:
    """Show tests with both results and what they said."""
    if found:
        yield f"{title}: {len(found)}"
    for each in found[:_SHOWN]:
        yield f"  {each.test}"
        yield f"    without the patch: {_describe(each.stock)}"
        yield f"    with the patch:    {_describe(each.patched)}"
    if len(found) > _SHOWN:
        yield f"  and {len(found) - _SHOWN} more"


def _describe(outcome: Outcome) -> str:
    message = shorten(outcome.message, _WIDTH, placeholder=" ...")
    return f"{outcome.result}: {message}" if message else outcome.result
