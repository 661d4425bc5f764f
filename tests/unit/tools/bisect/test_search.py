"""Which release changed a behaviour: found with few probes, and never guessed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tools.bisect.search import (
    BisectError,
    Found,
    Outcomes,
    compare,
    describe,
    read_outcomes,
    search,
)
from tools.releases.versions import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Iterable

RELEASES = [f"1.{minor}.{patch}" for minor in range(29, 41) for patch in range(100)]
SAME = {"put": "passed", "get": "passed"}
OTHER = {"put": "failed", "get": "passed"}


class Fake:
    """A probe that knows on which releases the contract comes out differently."""

    def __init__(self, *, changed: Iterable[str]) -> None:
        self.asked: list[str] = []
        self._changed = {*changed}

    def __call__(self, release: str) -> Outcomes:
        self.asked.append(release)
        return OTHER if release in self._changed else SAME


def since(release: str) -> list[str]:
    return RELEASES[RELEASES.index(release) :]


@pytest.mark.parametrize("release", ["1.29.25", "1.35.7", "1.36.0", "1.39.99", "1.40.0"])
def test_the_first_release_that_differs_is_found_with_few_probes(release: str) -> None:
    probe = Fake(changed=since(release))

    found = search(RELEASES, "1.29.24", "1.40.0", probe)

    assert found == Found(
        last=RELEASES[RELEASES.index(release) - 1],
        first=release,
        changes={"put": ("passed", "failed")},
    )
    assert len(RELEASES[24:1101]) > 1024
    assert len(probe.asked) <= 2 + 11 + 2


def test_good_may_be_the_newer_one() -> None:
    older = RELEASES[: RELEASES.index("1.36.0")]

    found = search(RELEASES, "1.40.0", "1.29.24", Fake(changed=older))

    assert (found.last, found.first) == ("1.36.0", "1.35.99")


def test_neighbours_need_no_probe_between_them() -> None:
    found = search(RELEASES, "1.30.0", "1.30.1", Fake(changed=since("1.30.1")))

    assert (found.last, found.first) == ("1.30.0", "1.30.1")


def test_equal_outcomes_at_both_ends_are_an_error() -> None:
    with pytest.raises(BisectError, match="The 2 tests came out the same on"):
        search(RELEASES, "1.30.0", "1.31.0", Fake(changed=[]))


def test_a_test_that_is_missing_differs() -> None:
    assert compare(SAME, {"put": "passed"}) == {"get": ("passed", "missing")}
    assert compare({"put": "passed"}, SAME) == {"get": ("missing", "passed")}


def test_a_flaky_test_at_the_change_is_an_error() -> None:
    asked: list[str] = []

    def probe(release: str) -> Outcomes:
        asked.append(release)
        return OTHER if release == "1.30.1" and asked.count(release) == 1 else SAME

    with pytest.raises(BisectError, match=r"1 test came out differently on botocore 1\.30\.1 the"):
        search(RELEASES, "1.30.0", "1.30.1", probe)


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ("1.30.0", "1.30.0", "--good and --bad are both 1.30.0"),
        ("1.30.0", "1.30", "--good and --bad are both 1.30.0"),
        ("1.30.0", "1.30.1000", "There is no botocore 1.30.1000: the nearest are 1.30.99 and 1.31"),
        ("1.30.0", "9.9", "There is no botocore 9.9: the newest is 1.40.99."),
        ("1.2", "1.30.0", "There is no botocore 1.2: the oldest is 1.29.0."),
        ("1.30.0", "banana", "There is no botocore 'banana': a version looks like"),
    ],
)
def test_invalid_ends_are_refused_before_the_first_probe(good: str, bad: str, words: str) -> None:
    probe = Fake(changed=[])

    with pytest.raises(ReleaseError, match=re.escape(words)):
        search(RELEASES, good, bad, probe)

    assert not probe.asked


def test_each_probe_is_logged_with_its_result() -> None:
    lines: list[str] = []
    probe = Fake(changed=["1.30.3", "1.30.4"])

    search(RELEASES, "1.30.0", "1.30.4", probe, lines.append)

    assert lines == [
        "botocore 1.30.0: 2 tests, to compare the others with",
        "botocore 1.30.4: 2 tests, 1 unlike 1.30.0",
        "botocore 1.30.2: 2 tests, 0 unlike 1.30.0",
        "botocore 1.30.3: 2 tests, 1 unlike 1.30.0",
        "botocore 1.30.2: 2 tests, 0 unlike 1.30.0",
        "botocore 1.30.3: 2 tests, 1 unlike 1.30.0",
    ]


def test_the_answer_names_the_release_the_tests_and_the_command() -> None:
    found = Found("1.35.44", "1.35.45", {"x.py::test_put": ("passed", "failed")})

    first, *lines = describe(found, "put").splitlines()

    assert first.startswith("botocore 1.35.45 is the first release on which the contract comes out")
    assert first.endswith("; 1.35.44 is the last on which it does not.")
    assert lines == [
        "1 test changed:",
        "  x.py::test_put: passed -> failed",
        "To see it: BOTOCORE_VERSION=1.35.45 nox -s matrix -- -k 'put'",
    ]


def test_a_crash_between_tests_is_an_outcome_of_the_file() -> None:
    def read(outcome: str, **tests: str) -> Outcomes:
        quadrant = {"file": "test_x.py", "store": "sockets", "outcome": outcome, "tests": tests}
        return read_outcomes({"quadrants": [quadrant]})

    lived, died = read("passed", a="passed"), read("crashed", a="passed")
    assert read("failed", a="failed") == {"sockets test_x.py::a": "failed"}
    assert compare(lived, died) == {"sockets test_x.py": ("missing", "crashed")}
