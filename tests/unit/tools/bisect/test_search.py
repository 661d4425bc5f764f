"""Which release changed a behaviour: found with few probes, and never guessed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tools.bisect.search import BisectError, Run, Skip, search
from tools.releases.versions import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Iterable

RELEASES = [f"1.{minor}.{patch}" for minor in range(29, 41) for patch in range(100)]
SAME = Run({"put": "passed", "get": "passed"})
OTHER = Run({"put": "failed", "get": "passed"}, {"put": "AssertionError: 412"})


class Fake:
    """A probe that knows from which release on the contract comes out otherwise."""

    def __init__(self, *, changed: Iterable[str], unfit: Iterable[str] = ()) -> None:
        self.asked: list[str] = []
        self._changed = {*changed}
        self._unfit = {*unfit}

    def __call__(self, release: str) -> Run:
        self.asked.append(release)
        if release in self._unfit:
            raise Skip(f"There is no botocore {release} for Python 3.9.")
        return OTHER if release in self._changed else SAME


def since(release: str) -> list[str]:
    return RELEASES[RELEASES.index(release) :]


@pytest.mark.parametrize("release", ["1.29.25", "1.35.7", "1.36.0", "1.39.99", "1.40.0"])
def test_the_first_release_that_differs_is_found_wherever_it_is(release: str) -> None:
    found = search(RELEASES, "1.29.24", "1.40.0", Fake(changed=since(release)))

    assert found.first == release
    assert found.last == RELEASES[RELEASES.index(release) - 1]
    assert found.changed == ["put"]
    assert not found.unknown


def test_a_thousand_releases_take_no_more_than_fourteen_probes() -> None:
    probe = Fake(changed=since("1.33.13"))

    found = search(RELEASES, "1.29.24", "1.40.0", probe)

    assert len(RELEASES[24:1101]) > 1024
    assert found.probes == len(probe.asked) <= 2 + 11 + 2


def test_good_may_be_the_newer_one() -> None:
    found = search(
        RELEASES, "1.40.0", "1.29.24", Fake(changed=RELEASES[: RELEASES.index("1.36.0")])
    )

    assert (found.last, found.first) == ("1.36.0", "1.35.99")


def test_neighbours_need_no_probe_between_them() -> None:
    found = search(RELEASES, "1.30.0", "1.30.1", Fake(changed=since("1.30.1")))

    assert (found.last, found.first) == ("1.30.0", "1.30.1")


def test_what_a_failing_test_says_makes_no_difference() -> None:
    def probe(release: str) -> Run:
        return Run({"put": "failed"}, {"put": f"seen on {release}"})

    with pytest.raises(BisectError, match="The 1 test came out the same on"):
        search(RELEASES, "1.30.0", "1.31.0", probe)


def test_a_test_that_goes_green_or_away_is_a_change_too() -> None:
    assert OTHER.differing(SAME) == ["put"]
    assert SAME.differing(Run({"put": "passed"})) == ["get"]


def test_a_release_that_cannot_be_probed_is_gone_around_and_named() -> None:
    # The first middle between the two.
    probe = Fake(changed=since("1.30.70"), unfit=["1.30.50"])

    found = search(RELEASES, "1.30.0", "1.31.0", probe)

    assert found.first == "1.30.70"
    assert found.skipped == {"1.30.50": "There is no botocore 1.30.50 for Python 3.9."}
    assert not found.unknown
    assert probe.asked.count("1.30.50") == 1


def test_releases_at_the_change_that_cannot_be_probed_may_all_be_the_first() -> None:
    unfit = ["1.30.69", "1.30.70", "1.30.71"]

    found = search(RELEASES, "1.30.0", "1.31.0", Fake(changed=since("1.30.70"), unfit=unfit))

    assert (found.last, found.first) == ("1.30.68", "1.30.72")
    assert found.unknown == tuple(unfit)


def test_a_whole_range_that_cannot_be_probed_does_not_hide_a_change_beside_it() -> None:
    unfit = [f"1.30.{patch}" for patch in range(30, 80)]

    found = search(RELEASES, "1.30.0", "1.31.0", Fake(changed=since("1.30.90"), unfit=unfit))

    assert (found.last, found.first) == ("1.30.89", "1.30.90")


def test_further_changes_behind_the_first_are_counted() -> None:
    def probe(release: str) -> Run:
        number = RELEASES.index(release)
        before = {
            "put": RELEASES.index("1.30.10"),
            "get": RELEASES.index("1.30.80"),
        }
        return Run({test: "passed" if number < at else "failed" for test, at in before.items()})

    found = search(RELEASES, "1.30.0", "1.31.0", probe)

    assert found.first == "1.30.10"
    assert found.later == ("get",)


def test_a_test_that_is_unsteady_at_the_change_is_not_blamed_on_a_release() -> None:
    asked: list[str] = []

    def probe(release: str) -> Run:
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
def test_ends_that_cannot_be_are_refused_before_anything_is_probed(
    good: str, bad: str, words: str
) -> None:
    probe = Fake(changed=[])

    with pytest.raises(ReleaseError, match=re.escape(words)):
        search(RELEASES, good, bad, probe)

    assert not probe.asked


@pytest.mark.parametrize("unfit", ["1.30.0", "1.31.0"])
def test_an_end_that_cannot_be_probed_ends_the_search_with_the_reason(unfit: str) -> None:
    with pytest.raises(BisectError, match=f"^There is no botocore {unfit} for Python 3.9.$"):
        search(RELEASES, "1.30.0", "1.31.0", Fake(changed=[], unfit=[unfit]))


def test_each_probe_is_told_with_its_result_and_what_is_left() -> None:
    lines: list[str] = []

    search(
        RELEASES,
        "1.30.0",
        "1.30.4",
        Fake(changed=["1.30.3", "1.30.4"], unfit=["1.30.2"]),
        lines.append,
    )

    assert lines == [
        "botocore 1.30.0: 2 tests, to compare the others to (3 releases left)",
        "botocore 1.30.4: 2 tests, 1 failed, 1 differs from 1.30.0 (3 releases left)",
        "botocore 1.30.2: skipped (2 releases left). There is no botocore 1.30.2 for Python 3.9.",
        "botocore 1.30.1: 2 tests, same as 1.30.0 (1 release left)",
        "botocore 1.30.3: 2 tests, 1 failed, 1 differs from 1.30.0 (0 releases left)",
        "botocore 1.30.1: 2 tests, same as the first time",
        "botocore 1.30.3: 2 tests, 1 failed, same as the first time",
    ]


def quadrant(outcome: str, tests: dict[str, str], *failures: tuple[str, str]) -> dict[str, object]:
    return {
        "file": "test_x.py",
        "store": "sockets",
        "outcome": outcome,
        "tests": tests,
        "failures": [{"test": test, "message": said, "details": ""} for test, said in failures],
    }


def test_a_run_is_read_with_its_messages() -> None:
    record = {"quadrants": [quadrant("failed", {"a": "failed", "b": "passed"}, ("a", "no"))]}

    run = Run.of(record)

    assert run.outcomes == {"sockets test_x.py::a": "failed", "sockets test_x.py::b": "passed"}
    assert run.messages == {"sockets test_x.py::a": "no"}


def test_a_file_that_died_between_its_tests_is_an_outcome_of_its_own() -> None:
    died = Run.of({"quadrants": [quadrant("crashed", {"a": "passed"}, ("b", "killed"))]})
    lived = Run.of({"quadrants": [quadrant("passed", {"a": "passed"})]})

    assert died.differing(lived) == ["sockets test_x.py"]
    assert died.messages == {"sockets test_x.py": "killed"}
