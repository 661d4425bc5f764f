"""Prove from the counts of calls that the patch was at work.

For each file, `made` counts the calls of clients, `created` the requests made of them, and `sent`
those that reach the method that sends them. `created_by_patch` and `sent_by_patch` count those that
went through the patch, and `s3_...` those of S3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from tools.upstream.passes import Pass

Calls = Mapping[str, Counter[str]]
_STEPS = ("created", "sent")


def find_problems(
    stock: Pass, patched: Pass, unsent: Collection[str], *, is_countable: bool = True
) -> Iterator[str]:
    """Say what is not proven.

    `unsent` are the files whose calls end before botocore sends them. With `is_countable`, each
    file ran all its tests, and each run of them makes the same calls.
    """
    if not patched.is_patched:
        yield "The patch was not installed in every process at the end of its pass."
    for file, counts in sorted(patched.calls.items()):
        yield from _bypasses(file, counts)
    if not is_countable:
        return
    ran = {test.partition("::")[0] for test in patched.results}
    for file in sorted(stock.calls.keys() | patched.calls.keys()):
        yield from _changes(file, _counts(stock, file), _counts(patched, file))
        if file not in unsent and (what := _never_sent(_counts(patched, file))):
            yield f"{file} makes {what}, none passes the patch, and it is not listed as `unsent`."
    for file in sorted({*unsent} & ran):
        if not _never_sent(_counts(patched, file)):
            yield (
                f"{file} is listed as `unsent`, but {_counts(patched, file)['sent_by_patch']} of"
                f" {_counts(patched, file)['made']} calls pass the patch: take it from the list."
            )


def _bypasses(file: str, counts: Counter[str]) -> Iterator[str]:
    for step in _STEPS:
        for service in ("", "s3_"):
            kind = f"{service}{step}"
            missing = counts[kind] - counts[f"{kind}_by_patch"]
            if missing:
                of_s3 = " of S3" if service else ""
                yield f"{file}: {missing} of {counts[kind]} requests{of_s3} {step} past the patch."


def _changes(file: str, stock: Counter[str], patched: Counter[str]) -> Iterator[str]:
    for kind in ("made", *_STEPS):
        if stock[kind] != patched[kind]:
            yield f"{file}: {patched[kind]} calls {kind} with the patch, {stock[kind]} without it."


def _never_sent(counts: Counter[str]) -> str:
    """Name the calls of a file if none of them, or none of S3, gets as far as the patch."""
    for service, name in (("", ""), ("s3_", " of S3")):
        if counts[f"{service}made"] and not counts[f"{service}sent_by_patch"]:
            return f"{counts[f'{service}made']} calls{name}"
    return ""


def _counts(found: Pass, file: str) -> Counter[str]:
    return found.calls.get(file, Counter())
