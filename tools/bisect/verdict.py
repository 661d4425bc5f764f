"""Put into words what a bisection found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import shorten

from tools.bisect.search import Found, count

_WIDTH = 160  # of what a test says: enough to know it again


@dataclass(frozen=True)
class Difference:
    """What else differs between the environments of two releases."""

    #: Functions of botocore whose source changed, and whether the patch relies on each.
    functions: Mapping[str, bool]
    #: Other packages, with their versions on the one and on the other.
    pins: Mapping[str, tuple[str, str]]
    #: Why the functions could not be compared, if they could not.
    trouble: str = ""


def describe(found: Found, difference: Difference) -> str:
    """Put the answer into words, the first line being the answer itself."""
    return "\n".join([*_answer(found), *_tests(found), *_causes(difference), *_notes(found)])


def _answer(found: Found) -> Iterator[str]:
    yield (
        f"botocore {found.first} is the first release on which the contract comes out differently;"
        f" {found.last} is the last on which it does not."
    )
    if found.unknown:
        unknown = ", ".join(found.unknown)
        yield f"The change may also have come with {unknown}, which cannot be probed."


def _tests(found: Found) -> Iterator[str]:
    yield f"{count(len(found.changed), 'test')} changed:"
    groups: dict[str, list[str]] = {}
    for test in found.changed:
        before, after = (run.outcomes.get(test, "missing") for run in (found.before, found.after))
        said = found.after.messages.get(test) or found.before.messages.get(test)
        why = f": {shorten(said, _WIDTH)}" if said else ""
        # Most fail for one reason, which is read once.
        groups.setdefault(f"{before} on {found.last}, {after} on {found.first}{why}", []).append(
            test
        )
    for how, tests in groups.items():
        yield f"  {how}"
        yield from (f"    {test}" for test in tests)


def _causes(difference: Difference) -> Iterator[str]:
    if difference.functions:
        yield "Upstream functions that changed (* the patch relies on it):"
        for name, relied_on in sorted(difference.functions.items()):
            yield f"  {'*' if relied_on else ' '} {name}"
    elif difference.trouble:
        yield f"Which upstream functions changed cannot be said: {difference.trouble}"
    else:
        yield (
            "No upstream function of the request path changed, so the cause is elsewhere: in"
            " botocore's data, or in another package."
        )
    if difference.pins:
        changed = (f"{name} {a} -> {b}" for name, (a, b) in sorted(difference.pins.items()))
        yield f"Other packages changed too, and the cause may be there: {', '.join(changed)}."


def _notes(found: Found) -> Iterator[str]:
    if found.later:
        yield (
            f"{count(len(found.later), 'more test')} changed later: to find the release, bisect"
            f" again with --good {found.first}."
        )
    for release, why in found.skipped.items():
        yield f"Skipped: botocore {release}, because it cannot be probed. {why}"
