"""Find the first release on which the contract comes out differently. Pure: others run it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Callable

from tools.environments.cells import PYTHON_VARIABLE
from tools.releases.versions import ReleaseError, select_span
from tools.results.outcomes import plural

#: Test id -> its outcome.
Outcomes = dict[str, str]
#: The tests that came out differently, with both outcomes.
Changes = dict[str, tuple[str, str]]


class BisectError(ReleaseError):
    """There is no first release to name; the message says why."""


@dataclass(frozen=True)
class Found:
    """The last release that comes out like `good`, the next one, and what changed between them."""

    last: str
    first: str
    changes: Changes


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


def compare(before: Outcomes, after: Outcomes) -> Changes:
    """Return the tests that came out differently."""
    pairs = {
        test: (before.get(test, "missing"), after.get(test, "missing"))
        for test in sorted({*before, *after})
    }
    return {test: pair for test, pair in pairs.items() if pair[0] != pair[1]}


def search(
    releases: Iterable[str],
    good: str,
    bad: str,
    probe: Callable[[str], Outcomes],
    log: Callable[[str], object] = lambda _: None,
) -> Found:
    """Halve the span from `good` to `bad` until two neighbours differ, and probe both again.

    Raises `ReleaseError` for ends that are no releases or come out the same, and for tests that
    come out differently when the same release is probed twice. `log` gets a line for each probe.
    """
    span = select_span(releases, good, bad)
    expected = probe(span[0])
    log(f"botocore {span[0]}: {plural(len(expected), 'test')}, to compare the others with")
    outcomes = {0: expected}

    def differs(index: int) -> bool:
        outcomes[index] = probe(span[index])
        changes = len(compare(expected, outcomes[index]))
        tests = plural(len(outcomes[index]), "test")
        log(f"botocore {span[index]}: {tests}, {changes} unlike {span[0]}")
        return bool(changes)

    last, first = 0, len(span) - 1
    if not differs(first):
        raise BisectError(
            f"The {plural(len(expected), 'test')} came out the same on {span[0]} and {span[-1]}:"
            " nothing that they look at changed between these two releases."
        )
    while first - last > 1:
        middle = (last + first) // 2
        if differs(middle):
            first = middle
        else:
            last = middle
    for index in (last, first):
        before = outcomes[index]
        differs(index)
        if unsteady := compare(before, outcomes[index]):
            raise BisectError(
                f"No release can be named: {plural(len(unsteady), 'test')} came out differently on"
                f" botocore {span[index]} the second time ({', '.join(unsteady)}). Leave them out"
                " with -k."
            )
    return Found(span[last], span[first], compare(outcomes[last], outcomes[first]))


def describe(found: Found, selection: str = "", python: str = "", store: str = "") -> str:
    """Name the first release that differs, the tests that changed, and how to see it.

    `selection`, `python` and `store` are what was given with -k, --python and --store.
    """
    tests = [f"  {test}: {' -> '.join(pair)}" for test, pair in found.changes.items()]
    variables = [f"BOTOCORE_VERSION={found.first}"]
    variables += [f"{PYTHON_VARIABLE}={python}"] if python else []
    options = [f"--store={store}"] if store else []
    options += [f"-k '{selection}'"] if selection else []
    command = " ".join([*variables, "nox -s matrix", *(["--", *options] if options else [])])
    return (
        f"botocore {found.first} is the first release on which the contract comes out differently;"
        f" {found.last} is the last on which it does not.\n"
        f"{plural(len(tests), 'test')} changed:\n" + "\n".join(tests) + "\n"
        f"To see it: {command}"
    )
